"""Use cases: each runs in the one transaction that its door opened."""
