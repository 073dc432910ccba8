"""Tables of rosters. A line of a draft or version is one agent's row of the sheet, one JSON object by day."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.roster.tables.schema import metadata
from shared.platform.kernel import Moment

rosters = Table(
    "rosters",
    metadata,
    Column("roster_id", Uuid, primary_key=True),
    Column("team_id", Uuid, ForeignKey("roster.teams.team_id"), nullable=False),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date, nullable=False),
    Column("number", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("edited_by", Text),
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
