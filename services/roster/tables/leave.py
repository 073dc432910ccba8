"""Table of leave. Approved leave keeps planned shifts away from its days, and excuses who stays away on them."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table, Text, Uuid, text

from services.roster.tables.schema import metadata
from shared.platform.kernel import Moment

leave_requests = Table(
    "leave_requests",
    metadata,
    Column("leave_id", Uuid, primary_key=True),
    Column("agent_id", Uuid, ForeignKey("roster.agents.agent_id"), nullable=False),
    Column("staff_no", Text, nullable=False),
    Column("agent_name", Text, nullable=False),
    Column("team_id", Uuid, ForeignKey("roster.teams.team_id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date, nullable=False),
    Column("starts_at", Moment),
    Column("ends_at", Moment),
    Column("note", Text),
    Column("state", Text, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("requested_at", Moment, nullable=False),
    Column("decide_by", Moment, nullable=False, server_default=text("now() + interval '1 day'")),
    Column("decided_by", Text),
    Column("decided_at", Moment),
    Column("reason", Text),
    Column("change_ids", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index("leave_of_agent", leave_requests.c.agent_id, leave_requests.c.to_on)
Index("leave_of_team", leave_requests.c.team_id, leave_requests.c.to_on)
Index("leave_updated", leave_requests.c.updated_at, leave_requests.c.leave_id)
