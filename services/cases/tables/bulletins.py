"""Tables of bulletins, and of what recognises their customers."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.cases.tables.schema import metadata
from shared.platform.kernel import Moment

bulletins = Table(
    "bulletins",
    metadata,
    Column("bulletin_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("case_number", Text, nullable=False),
    Column("note", Text),
    Column("questions", JSONB, nullable=False),
    Column("hints", JSONB, nullable=False),
    Column("team_ids", ARRAY(Uuid), nullable=False),
    Column("posted_by", Text, nullable=False),
    Column("posted_by_name", Text, nullable=False),
    Column("posted_at", Moment, nullable=False),
    Column("valid_until", Moment, nullable=False),
    Column("answers", JSONB, nullable=False),
    Column("outcome", Text),
    Column("fulfilled_at", Moment),
    Column("captured_by", Text),
    Column("contact_id", Uuid),
    Column("updated_at", Moment, nullable=False),
)
Index("bulletins_by_posting", bulletins.c.posted_at, bulletins.c.bulletin_id)
Index("bulletins_by_update", bulletins.c.updated_at, bulletins.c.bulletin_id)
Index("bulletins_by_case", bulletins.c.case_id)

bulletin_keys = Table(
    "bulletin_keys",
    metadata,
    Column("key", LargeBinary, nullable=False, comment="a hash of one hint"),
    Column("bulletin_id", ForeignKey(bulletins.c.bulletin_id), nullable=False),
    PrimaryKeyConstraint("key", "bulletin_id"),
    comment="What recognises the customers of open bulletins; a fulfilled one has none.",
)
Index("bulletin_keys_by_bulletin", bulletin_keys.c.bulletin_id)
