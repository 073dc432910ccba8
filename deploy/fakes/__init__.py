"""Stand-ins for the providers that notify sends through, for development and tests. Nothing leaves the machine."""
