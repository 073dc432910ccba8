"""Loading and saving, for commands only."""
