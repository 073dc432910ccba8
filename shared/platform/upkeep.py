"""Housekeeping of the kernel tables: partitions made ahead and dropped after retention, old rows deleted."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.platform.work import Database

DAYS_AHEAD = 7
OUTBOX_RETENTION = timedelta(days=14)
INBOX_RETENTION = timedelta(days=30)
IDEMPOTENCY_RETENTION = timedelta(hours=24)
EVERY_SECONDS = 3600


async def keep_up(database: Database) -> None:
    """Tidy once an hour until cancelled."""
    while True:
        await tidy(database)
        await asyncio.sleep(EVERY_SECONDS)


async def tidy(database: Database) -> None:
    """One round of housekeeping. Unsent events are never dropped."""
    today = datetime.now(UTC).date()
    async with database.work() as work:
        kernel = work.kernel
        await work.conn.execute(delete(kernel.inbox).where(kernel.inbox.c.applied_at < work.now - INBOX_RETENTION))
        answers = kernel.idempotency
        await work.conn.execute(delete(answers).where(answers.c.answered_at < work.now - IDEMPOTENCY_RETENTION))
    async with database.reading() as conn:
        for day in range(-1, DAYS_AHEAD + 1):
            await ensure_partition(conn, database.service, today + timedelta(days=day))
        await drop_old_partitions(conn, database.service, today - OUTBOX_RETENTION)


async def ensure_partition(conn: AsyncConnection, schema: str, day: date) -> None:
    """Make the outbox partition of one UTC day if it is missing."""
    await conn.execute(
        text(
            f"CREATE TABLE IF NOT EXISTS {schema}.{_partition(day)} PARTITION OF {schema}.outbox "
            f"FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
        )
    )


async def drop_old_partitions(conn: AsyncConnection, schema: str, before: date) -> None:
    """Drop partitions of days before `before` whose every event was sent."""
    names = await conn.execute(
        text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = (:parent)::regclass"),
        {"parent": f"{schema}.outbox"},
    )
    for name in names.scalars().all():
        if not (name.removeprefix(f"{schema}.") < _partition(before) and name.endswith(tuple("0123456789"))):
            continue
        unsent = await conn.execute(text(f"SELECT 1 FROM {name} WHERE sent_at IS NULL LIMIT 1"))
        if unsent.first() is None:
            await conn.execute(text(f"DROP TABLE {name}"))


def _partition(day: date) -> str:
    return f"outbox_{day:%Y%m%d}"
