"""The newest migration that the code knows, told by file names: looking loads nothing."""

from __future__ import annotations

from pathlib import Path

SERVICES = Path(__file__).parents[2] / "services"


def newest(service: str) -> str:
    """The newest migration of a service, by the names of its files (`0002_teams.py`)."""
    versions = SERVICES / service / "migrations" / "versions"
    return max(file.name.partition("_")[0] for file in versions.glob("[0-9]*.py"))
