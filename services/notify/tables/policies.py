"""Tables of policies and templates as centres and teams wrote them: every version is kept."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, PrimaryKeyConstraint, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from services.notify.tables.schema import metadata
from shared.platform.kernel import Moment

policies = Table(
    "policies",
    metadata,
    Column("policy_id", Uuid, primary_key=True),
    Column("event_type", Text, nullable=False),
    Column("team_id", Uuid),
    Column("version", BigInteger, nullable=False),
    Column("content", JSONB(none_as_null=True)),
    Column("saved_at", Moment, nullable=False),
    Column("saved_by", Text, nullable=False),
)
"""Without a team: the centre's. Without content: back to what applied without it."""
Index(
    "policies_version",
    policies.c.event_type,
    text("coalesce(team_id, '00000000-0000-0000-0000-000000000000'::uuid)"),
    policies.c.version,
    unique=True,
)

templates = Table(
    "templates",
    metadata,
    Column("template", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("texts", JSONB, nullable=False),
    Column("saved_at", Moment, nullable=False),
    Column("saved_by", Text, nullable=False),
    PrimaryKeyConstraint("template", "version"),
)
"""`texts`: by language, a title and a text."""
