"""Tables of punches, agent states, settled attendance with its corrections, and measured adherence."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text, Uuid, text

from services.roster.tables.schema import metadata
from shared.platform.kernel import Moment

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

agent_states = Table(
    "agent_states",
    metadata,
    Column("agent_id", Uuid, ForeignKey("roster.agents.agent_id"), primary_key=True),
    Column("starts_at", Moment, primary_key=True),
    Column("ends_at", Moment, primary_key=True),
    Column("state", Text, primary_key=True),
    Column("recorded_at", Moment, nullable=False),
    Column("recorded_by", Text, nullable=False),
)

attendance_corrections = Table(
    "attendance_corrections",
    metadata,
    Column("correction_id", Uuid, primary_key=True),
    Column("attendance_id", Uuid, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("agent_id", Uuid, nullable=False),
    Column("staff_no", Text, nullable=False),
    Column("agent_name", Text, nullable=False),
    Column("team_id", Uuid, nullable=False),
    Column("shift_on", Date, nullable=False),
    Column("came_at", Moment),
    Column("went_at", Moment),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("requested_at", Moment, nullable=False),
    Column("decide_by", Moment, nullable=False, server_default=text("now() + interval '1 day'")),
    Column("decided_by", Text),
    Column("decided_at", Moment),
    Column("decision", Text),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index("corrections_of_attendance", attendance_corrections.c.attendance_id, attendance_corrections.c.correction_id)
Index("corrections_of_team", attendance_corrections.c.team_id, attendance_corrections.c.state)
Index("corrections_updated", attendance_corrections.c.updated_at, attendance_corrections.c.correction_id)

adherence = Table(
    "adherence",
    metadata,
    Column("measure_id", Uuid, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("current", Boolean, nullable=False),
    Column("attendance_id", Uuid, nullable=False),
    Column("basis", Text, nullable=False),
    Column("agent_id", Uuid, nullable=False),
    Column("staff_no", Text, nullable=False),
    Column("team_id", Uuid, nullable=False),
    Column("shift_on", Date, nullable=False),
    Column("schedule", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("measured_at", Moment, nullable=False),
)
Index("adherence_of_day", adherence.c.attendance_id)
Index("adherence_of_team", adherence.c.team_id, adherence.c.shift_on)
