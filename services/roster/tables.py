"""The tables of the roster schema: its own, and the kernel's.

A line of a draft or a version is one agent's row of the sheet, kept as one JSON object by day: a roster of 2,000 agents
is 2,000 lines. `shifts` has one row per agent and day with what is planned beside what the agent answers for.
"""

from __future__ import annotations

from sqlalchemy import ARRAY, Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text, Time, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from shared.platform.kernel import Moment, kernel_of

kernel = kernel_of("roster")
metadata = kernel.metadata

teams = Table(
    "teams",
    metadata,
    Column("team_id", Uuid, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("lead", Text),
    Column("supervisor", Text),
    Column("parent_id", Uuid, ForeignKey("roster.teams.team_id")),
    Column("settings", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index("teams_updated", teams.c.updated_at, teams.c.team_id)

agents = Table(
    "agents",
    metadata,
    Column("agent_id", Uuid, primary_key=True),
    Column("staff_no", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("team_id", Uuid, ForeignKey("roster.teams.team_id"), nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("skills", ARRAY(Text), nullable=False),
    Column("hired_on", Date, nullable=False),
    Column("left_on", Date),
    Column("language", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index("agents_of_team", agents.c.team_id)
Index("agents_updated", agents.c.updated_at, agents.c.agent_id)

shift_codes = Table(
    "shift_codes",
    metadata,
    Column("code_id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("team_id", Uuid, ForeignKey("roster.teams.team_id")),
    Column("starts", Time),
    Column("ends", Time),
    Column("breaks", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index("shift_codes_of_team", shift_codes.c.team_id, shift_codes.c.code, unique=True, postgresql_nulls_not_distinct=True)
Index("shift_codes_updated", shift_codes.c.updated_at, shift_codes.c.code_id)

rosters = Table(
    "rosters",
    metadata,
    Column("roster_id", Uuid, primary_key=True),
    Column("team_id", Uuid, ForeignKey("roster.teams.team_id"), nullable=False),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date, nullable=False),
    Column("number", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index("rosters_updated", rosters.c.updated_at, rosters.c.roster_id)

draft_lines = Table(
    "draft_lines",
    metadata,
    Column("roster_id", Uuid, ForeignKey("roster.rosters.roster_id"), primary_key=True),
    Column("agent_id", Uuid, ForeignKey("roster.agents.agent_id"), primary_key=True),
    Column("cells", Text, nullable=False),
)

roster_versions = Table(
    "roster_versions",
    metadata,
    Column("roster_id", Uuid, ForeignKey("roster.rosters.roster_id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("note", Text),
    Column("published_by", Text, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("override_reason", Text),
    Column("problems", JSONB, nullable=False),
    Column("change_count", Integer, nullable=False),
)

version_lines = Table(
    "version_lines",
    metadata,
    Column("roster_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("agent_id", Uuid, ForeignKey("roster.agents.agent_id"), primary_key=True),
    Column("cells", Text, nullable=False),
)

shifts = Table(
    "shifts",
    metadata,
    Column("agent_id", Uuid, primary_key=True),
    Column("shift_on", Date, primary_key=True),
    Column("team_id", Uuid, nullable=False),
    Column("roster_id", Uuid),
    Column("planned_number", Integer),
    Column("planned_code", Text),
    Column("planned_starts_at", Moment),
    Column("planned_ends_at", Moment),
    Column("accountable_number", Integer),
    Column("accountable_code", Text),
    Column("accountable_starts_at", Moment),
    Column("accountable_ends_at", Moment),
    Column("change_id", Uuid),
    Column("settlement_id", Uuid),
)
Index("shifts_to_settle", shifts.c.settlement_id, postgresql_where=shifts.c.settlement_id.is_not(None))

shift_changes = Table(
    "shift_changes",
    metadata,
    Column("change_id", Uuid, primary_key=True),
    Column("roster_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("agent_id", Uuid, nullable=False),
    Column("staff_no", Text, nullable=False),
    Column("agent_name", Text, nullable=False),
    Column("team_id", Uuid, nullable=False),
    Column("team_name", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("days", Text, nullable=False),
    Column("diff_hash", Text, nullable=False),
    Column("note", Text),
    Column("late_notice", Boolean, nullable=False),
    Column("announced_at", Moment, nullable=False),
    Column("confirm_by", Moment, nullable=False),
    Column("first_start_at", Moment, nullable=False),
    Column("answer", Text),
    Column("resolution", Text),
    Column("superseded_by", Uuid),
    Column("history", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index("shift_changes_of_agent", shift_changes.c.agent_id, shift_changes.c.roster_id)
Index("shift_changes_board", shift_changes.c.team_id, shift_changes.c.state)
Index("shift_changes_updated", shift_changes.c.updated_at, shift_changes.c.change_id)

punches = Table(
    "punches",
    metadata,
    Column("agent_id", Uuid, ForeignKey("roster.agents.agent_id"), primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("recorded_at", Moment, nullable=False),
    Column("recorded_by", Text, nullable=False),
)

attendance = Table(
    "attendance",
    metadata,
    Column("attendance_id", Uuid, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("current", Boolean, nullable=False),
    Column("agent_id", Uuid, nullable=False),
    Column("staff_no", Text, nullable=False),
    Column("team_id", Uuid, nullable=False),
    Column("shift_on", Date, nullable=False),
    Column("record", Text, nullable=False),
    Column("deviation", Text, nullable=False),
    Column("cause", Text),
    Column("settled_at", Moment, nullable=False),
)
Index("attendance_of_agent", attendance.c.agent_id, attendance.c.shift_on)
Index("attendance_of_team", attendance.c.team_id, attendance.c.shift_on)
