"""Tables of messages, of the attempts to send them, and of how much was sent to whom lately."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
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
    Column("staff_no", Text),
    Column("customer_id", Uuid),
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
    Column("urgent", Boolean, nullable=False, server_default="false"),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("together", Integer, nullable=False, server_default="1"),
    Column("claimed_at", Moment),
    Column("accepted_at", Moment),
    Column("delivered_at", Moment),
    Column("opened_at", Moment),
    Column("failed_at", Moment),
    Column("code", Text),
    Column("reason", Text),
    Column("via", Text),
    Column("other_title", Text),
    Column("other_text", Text),
    Column("version", BigInteger, nullable=False),
    UniqueConstraint("about_id", "occasion", "number", "staff_no", "channel", name="messages_said_once"),
)
Index("messages_reader", messages.c.staff_no, messages.c.message_id)
Index(
    "messages_customer_once",
    messages.c.customer_id,
    messages.c.subject_type,
    messages.c.subject_id,
    messages.c.subject_version,
    unique=True,
    postgresql_where=messages.c.customer_id.is_not(None),
)
Index(
    "messages_waiting",
    messages.c.next_at,
    messages.c.message_id,
    postgresql_where=messages.c.state.in_(["queued", "sending"]),
)

attempts = Table(
    "attempts",
    metadata,
    Column("message_id", Uuid, ForeignKey(messages.c.message_id, ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("code", Text),
    Column("words", Text),
    Column("provider_id", Text, index=True),
    Column("together", Integer, nullable=False, server_default="1"),
    PrimaryKeyConstraint("message_id", "number"),
)
"""Every attempt to send a message, with the provider's own words; `together`: so many messages went as one digest."""

allowances = Table(
    "allowances",
    metadata,
    Column("channel", Text, nullable=False),
    Column("reader", Text, nullable=False),
    Column("sent_at", ARRAY(Moment), nullable=False),
    PrimaryKeyConstraint("channel", "reader"),
)
"""When the latest messages went to one reader (or group) on a channel that limits them."""
