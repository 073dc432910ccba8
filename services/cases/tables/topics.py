"""The table of topics."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    Table,
    Text,
    Uuid,
)

from services.cases.tables.schema import metadata
from shared.platform.kernel import Moment

topics = Table(
    "topics",
    metadata,
    Column("topic_id", Uuid, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("parent", Text, ForeignKey("cases.topics.code")),
    Column("owner_team", Text),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("urgency", Text),
    Column("importance", Text),
)
