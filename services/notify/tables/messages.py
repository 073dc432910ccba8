"""The table of messages."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from services.notify.tables.schema import metadata
from shared.platform.kernel import Moment

messages = Table(
    "messages",
    metadata,
    Column("message_id", Uuid, primary_key=True),
    Column("about_id", Uuid, nullable=False),
    Column("occasion", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("staff_no", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("queued_at", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("acknowledgement_id", Uuid, index=True),
    Column("subject_type", Text),
    Column("subject_id", Uuid, index=True),
    Column("team_id", Uuid),
    Column("subject_version", BigInteger),
    Column("link_expires_at", Moment),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("claimed_at", Moment),
    Column("accepted_at", Moment),
    Column("delivered_at", Moment),
    Column("failed_at", Moment),
    Column("reason", Text),
    Column("version", BigInteger, nullable=False),
    UniqueConstraint("about_id", "occasion", "number", "staff_no", "channel", name="messages_said_once"),
)
Index("messages_reader", messages.c.staff_no, messages.c.message_id)
Index(
    "messages_waiting",
    messages.c.next_at,
    messages.c.message_id,
    postgresql_where=messages.c.state.in_(["queued", "sending"]),
)
