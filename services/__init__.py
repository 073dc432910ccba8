"""The independent services. They never import each other; they meet only in events."""
