"""Use cases, by aggregate. Each does its work inside the caller's one transaction."""
