"""The tables of the roster schema: its own, and the kernel's.

A line of a draft or a version is one agent's row of the sheet, kept as one JSON object by day: a roster of 2,000 agents
is 2,000 lines. `shifts` has one row per agent and day with what is planned beside what the agent answers for.
"""

from __future__ import annotations

from services.roster.tables.attendance import attendance, punches
from services.roster.tables.changes import shift_changes, shifts
from services.roster.tables.leave import leave_requests
from services.roster.tables.people import agents, shift_codes, teams
from services.roster.tables.rosters import draft_lines, roster_versions, rosters, version_lines
from services.roster.tables.schema import kernel, metadata

__all__ = [
    "agents",
    "attendance",
    "draft_lines",
    "kernel",
    "leave_requests",
    "metadata",
    "punches",
    "roster_versions",
    "rosters",
    "shift_changes",
    "shift_codes",
    "shifts",
    "teams",
    "version_lines",
]
