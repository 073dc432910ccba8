"""Reads, to frozen dataclasses, by aggregate."""
