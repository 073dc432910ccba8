"""The tables every service's schema has beside its own: outbox, inbox, timers, parked, retries, idempotency, audit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)

Moment = DateTime(timezone=True)


@dataclass(frozen=True, eq=False)
class Kernel:
    """One service's kernel tables."""

    service: str
    metadata: MetaData
    outbox: Table
    inbox: Table
    timers: Table
    parked: Table
    retries: Table
    idempotency: Table
    audit: Table


@cache
def kernel_of(service: str) -> Kernel:
    """The kernel tables in the schema of `service`; its own tables join the same metadata."""
    metadata = MetaData(schema=service)
    return Kernel(
        service=service,
        metadata=metadata,
        outbox=_outbox(metadata),
        inbox=_inbox(metadata),
        timers=_timers(metadata),
        parked=_parked(metadata),
        retries=_retries(metadata),
        idempotency=_idempotency(metadata),
        audit=_audit(metadata),
    )


def _outbox(metadata: MetaData) -> Table:
    """Events waiting to be published, and for a while after. Partitioned by `stored_on`, the machine's UTC day."""
    table = Table(
        "outbox",
        metadata,
        Column("position", BigInteger, Identity(always=True), nullable=False),
        Column("stored_on", Date, nullable=False),
        Column("event_id", Uuid, nullable=False),
        Column("type", Text, nullable=False),
        Column("subject", Uuid, nullable=False),
        Column("sequence", BigInteger, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("sent_at", Moment),
        PrimaryKeyConstraint("stored_on", "position"),
        postgresql_partition_by="RANGE (stored_on)",
    )
    Index("outbox_unsent", table.c.position, postgresql_where=table.c.sent_at.is_(None))
    Index("outbox_subject", table.c.subject)
    return table


def _inbox(metadata: MetaData) -> Table:
    """Events already applied, by consumer; kept 30 days."""
    table = Table(
        "inbox",
        metadata,
        Column("consumer", Text, nullable=False),
        Column("event_id", Uuid, nullable=False),
        Column("applied_at", Moment, nullable=False),
        PrimaryKeyConstraint("consumer", "event_id"),
    )
    Index("inbox_age", table.c.applied_at)
    return table


def _timers(metadata: MetaData) -> Table:
    """What falls due when: at most one timer per kind and subject."""
    table = Table(
        "timers",
        metadata,
        Column("kind", Text, nullable=False),
        Column("subject_id", Uuid, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("due_at", Moment, nullable=False),
        Column("attempt", Integer, nullable=False, server_default="0"),
        Column("failure", Text),
        PrimaryKeyConstraint("kind", "subject_id"),
    )
    Index("timers_due", table.c.due_at)
    return table


def _parked(metadata: MetaData) -> Table:
    """Messages given up on: visible, and replayable once the cause is mended."""
    return Table(
        "parked",
        metadata,
        Column("parked_id", Uuid, primary_key=True),
        Column("message_id", Text, nullable=False),
        Column("type", Text),
        Column("body", LargeBinary, nullable=False),
        Column("reason", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("parked_at", Moment, nullable=False),
        Column("replayed_at", Moment),
    )


def _retries(metadata: MetaData) -> Table:
    """Messages waiting for their next attempt where no broker keeps them (the embedded transport, and replays)."""
    table = Table(
        "retries",
        metadata,
        Column("message_id", Text, primary_key=True),
        Column("body", LargeBinary, nullable=False),
        Column("attempt", Integer, nullable=False),
        Column("due_at", Moment, nullable=False),
    )
    Index("retries_due", table.c.due_at)
    return table


def _idempotency(metadata: MetaData) -> Table:
    """First answers by caller and Idempotency-Key; kept 24 hours."""
    table = Table(
        "idempotency",
        metadata,
        Column("caller", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("request_hash", LargeBinary, nullable=False),
        Column("status", Integer, nullable=False),
        Column("headers", Text, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("answered_at", Moment, nullable=False),
        PrimaryKeyConstraint("caller", "key"),
    )
    Index("idempotency_age", table.c.answered_at)
    return table


def _audit(metadata: MetaData) -> Table:
    """Who did what, when: append-only; sealed into a chain by a worker. Kept for good."""
    table = Table(
        "audit",
        metadata,
        Column("entry_id", Uuid, primary_key=True),
        Column("at", Moment, nullable=False),
        Column("actor", Text, nullable=False),
        Column("roles", Text, nullable=False),
        Column("operation", Text, nullable=False),
        Column("path", Text, nullable=False),
        Column("status", Integer, nullable=False),
        Column("correlation_id", Text, nullable=False),
        Column("position", BigInteger, unique=True),
        Column("seal", LargeBinary),
    )
    Index("audit_unsealed", table.c.entry_id, postgresql_where=table.c.position.is_(None))
    Index("audit_age", table.c.at, table.c.entry_id)
    Index("audit_actor", table.c.actor, table.c.at, table.c.entry_id)
    return table
