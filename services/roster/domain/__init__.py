"""The rules of the roster: frozen dataclasses and pure functions."""
