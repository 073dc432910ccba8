"""What can be done to the roster service; each function is one transaction's work."""
