"""Loading and saving what commands change."""
