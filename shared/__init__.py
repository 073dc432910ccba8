"""What every service shares: the words (contracts) and the plumbing (platform)."""
