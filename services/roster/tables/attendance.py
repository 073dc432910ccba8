"""Tables of punches and settled attendance."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text, Uuid

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
