"""Error codes of the notify service."""

from __future__ import annotations

from shared.contracts.errors.common import Problem

PROBLEMS: dict[str, Problem] = {}
