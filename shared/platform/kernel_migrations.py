"""Migrations of the kernel tables, one function per step, called from each service's own chain. Never edit a step."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def kernel_1(schema: str) -> None:
    """Outbox, inbox, timers, parked, retries and idempotency as they were first made."""
    op.create_table(
        "idempotency",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key"),
        schema=schema,
    )
    op.create_index("idempotency_age", "idempotency", ["answered_at"], unique=False, schema=schema)
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id"),
        schema=schema,
    )
    op.create_index("inbox_age", "inbox", ["applied_at"], unique=False, schema=schema)
    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("stored_on", sa.Date(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("stored_on", "position"),
        schema=schema,
        postgresql_partition_by="RANGE (stored_on)",
    )
    op.create_index("outbox_subject", "outbox", ["subject"], unique=False, schema=schema)
    op.create_index(
        "outbox_unsent",
        "outbox",
        ["position"],
        unique=False,
        schema=schema,
        postgresql_where=sa.text("sent_at IS NULL"),
    )
    op.create_table(
        "parked",
        sa.Column("parked_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replayed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parked_id"),
        schema=schema,
    )
    op.create_table(
        "retries",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("message_id"),
        schema=schema,
    )
    op.create_index("retries_due", "retries", ["due_at"], unique=False, schema=schema)
    op.create_table(
        "timers",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "subject_id"),
        schema=schema,
    )
    op.create_index("timers_due", "timers", ["due_at"], unique=False, schema=schema)
    op.execute(f"CREATE TABLE {schema}.outbox_default PARTITION OF {schema}.outbox DEFAULT")


def kernel_2(schema: str) -> None:
    """The audit log, which only grows: an entry is sealed once, and never changed or deleted."""
    op.create_table(
        "audit",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("seal", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("entry_id"),
        sa.UniqueConstraint("position"),
        schema=schema,
    )
    op.create_index(
        "audit_unsealed",
        "audit",
        ["entry_id"],
        unique=False,
        schema=schema,
        postgresql_where=sa.text("position IS NULL"),
    )
    op.create_index("audit_age", "audit", ["at", "entry_id"], unique=False, schema=schema)
    op.create_index("audit_actor", "audit", ["actor", "at", "entry_id"], unique=False, schema=schema)
    op.execute(
        f"""
        CREATE FUNCTION {schema}.audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND OLD.position IS NULL
               AND to_jsonb(NEW) - 'position' - 'seal' = to_jsonb(OLD) - 'position' - 'seal' THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'the audit log only grows';
        END $$
        """
    )
    op.execute(
        f"CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE ON {schema}.audit "
        f"FOR EACH ROW EXECUTE FUNCTION {schema}.audit_only_grows()"
    )
    op.execute(
        f"CREATE TRIGGER audit_is_never_emptied BEFORE TRUNCATE ON {schema}.audit "
        f"EXECUTE FUNCTION {schema}.audit_only_grows()"
    )
