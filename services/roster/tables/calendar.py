"""Tables of the organisation's own working days, and of agents' calendar feeds (only a digest of each secret)."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, Table, Text, Uuid

from services.roster.tables.schema import metadata
from shared.platform.kernel import Moment

calendar_overrides = Table(
    "calendar_overrides",
    metadata,
    Column("on", Date, primary_key=True),
    Column("working", Boolean, nullable=False),
    Column("name", Text),
    Column("set_by", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

calendar_feeds = Table(
    "calendar_feeds",
    metadata,
    Column("agent_id", Uuid, ForeignKey("roster.agents.agent_id"), primary_key=True),
    Column("digest", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
)
