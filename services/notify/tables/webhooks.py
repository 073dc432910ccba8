"""Tables of webhook subscriptions and of their deliveries. No secret is in them: those are derived from the key."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from services.notify.tables.schema import metadata
from shared.platform.kernel import Moment

webhooks = Table(
    "webhooks",
    metadata,
    Column("webhook_id", Uuid, primary_key=True),
    Column("url", Text, nullable=False),
    Column("events", ARRAY(Text), nullable=False),
    Column("description", Text),
    Column("state", Text, nullable=False),
    Column("why", Text),
    Column("secret_number", Integer, nullable=False),
    Column("old_secret_until", Moment),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("version", BigInteger, nullable=False),
)
Index("webhooks_active", webhooks.c.webhook_id, postgresql_where=webhooks.c.state == "active")

deliveries = Table(
    "deliveries",
    metadata,
    Column("delivery_id", Uuid, primary_key=True),
    Column("webhook_id", Uuid, ForeignKey(webhooks.c.webhook_id, ondelete="CASCADE"), nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("queued_at", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("claimed_at", Moment),
    Column("ended_at", Moment),
    Column("replayed", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    UniqueConstraint("webhook_id", "event_id", name="deliveries_event"),
)
Index("deliveries_waiting", deliveries.c.next_at, postgresql_where=deliveries.c.state.in_(["queued", "sending"]))

delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    Column("delivery_id", Uuid, ForeignKey(deliveries.c.delivery_id, ondelete="CASCADE"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment, nullable=False),
    Column("status", Integer),
    Column("error", Text),
    Column("answer", Text),
    PrimaryKeyConstraint("delivery_id", "attempt"),
)
