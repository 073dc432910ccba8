"""The tables of the roster schema: its own, and the kernel's.

A line of a draft or a version is one agent's row of the sheet, kept as one JSON object by day: a roster of 2,000 agents
is 2,000 lines. `shifts` has one row per agent and day with what is planned beside what the agent answers for.
"""

from __future__ import annotations

from services.roster.tables.attendance import adherence, agent_states, attendance, attendance_corrections, punches
from services.roster.tables.calendar import calendar_feeds, calendar_overrides
from services.roster.tables.changes import planned_hours, shift_changes, shifts
from services.roster.tables.duty import duty_overrides, duty_posts
from services.roster.tables.exchange import open_shifts, swaps
from services.roster.tables.leave import leave_requests
from services.roster.tables.people import agents, contacts, shift_codes, teams
from services.roster.tables.rosters import draft_lines, roster_versions, rosters, version_lines
from services.roster.tables.schema import kernel, metadata

__all__ = [
    "adherence",
    "agent_states",
    "agents",
    "attendance",
    "attendance_corrections",
    "calendar_feeds",
    "calendar_overrides",
    "contacts",
    "draft_lines",
    "duty_overrides",
    "duty_posts",
    "kernel",
    "leave_requests",
    "metadata",
    "open_shifts",
    "planned_hours",
    "punches",
    "roster_versions",
    "rosters",
    "shift_changes",
    "shift_codes",
    "shifts",
    "swaps",
    "teams",
    "version_lines",
]
