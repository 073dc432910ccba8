"""Error codes of the kpi service."""

from __future__ import annotations

from shared.contracts.errors.common import Problem

PROBLEMS: dict[str, Problem] = {}
