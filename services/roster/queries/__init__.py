"""What the roster service answers when asked."""
