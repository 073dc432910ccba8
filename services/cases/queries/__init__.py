"""Reads, to frozen dataclasses."""
