"""Error codes of the cases service."""

from __future__ import annotations

from shared.contracts.errors.common import Problem

PROBLEMS: dict[str, Problem] = {}
