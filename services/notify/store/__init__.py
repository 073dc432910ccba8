"""Load and save, by aggregate. Used by commands only."""
