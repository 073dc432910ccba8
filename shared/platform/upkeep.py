"""Housekeeping of the kernel tables: partitions made ahead and dropped after retention, old rows deleted."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

import asyncpg
import structlog
from sqlalchemy import delete

from shared.platform.db import driver_of
from shared.platform.work import Database

log = structlog.get_logger(__name__)

DAYS_AHEAD = 7
OUTBOX_RETENTION = timedelta(days=14)
INBOX_RETENTION = timedelta(days=30)
IDEMPOTENCY_RETENTION = timedelta(hours=24)
EVERY_SECONDS = 3600

SESSION_LIMITS = "SET lock_timeout = '2s'"
"""Partitions come and go under a lock that every writer waits behind: rather give up and try in an hour."""
NO_LIMITS = "RESET lock_timeout"

Driver: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


async def keep_up(database: Database) -> None:
    """Tidy once an hour until cancelled."""
    while True:
        await tidy(database)
        await asyncio.sleep(EVERY_SECONDS)


async def tidy(database: Database) -> None:
    """One round of housekeeping, unless another worker is at it. Unsent events are never dropped."""
    async with database.work() as work:
        inbox, answers = work.kernel.inbox, work.kernel.idempotency
        await work.conn.execute(delete(inbox).where(inbox.c.applied_at < work.now - INBOX_RETENTION))
        await work.conn.execute(delete(answers).where(answers.c.answered_at < work.now - IDEMPOTENCY_RETENTION))
    async with _alone(database) as driver:
        if driver:
            await tidy_outbox(driver, database.service, datetime.now(UTC).date())


@asynccontextmanager
async def _alone(database: Database) -> AsyncIterator[Driver | None]:
    """A connection that waits for no lock for long; none when another worker tidies this service just now."""
    async with database.reading() as conn:
        driver = await driver_of(conn)
        if not await driver.fetchval(
            "SELECT pg_try_advisory_lock($1)", zlib.crc32(f"tidy {database.service}".encode())
        ):
            yield None
            return
        try:
            await driver.execute(SESSION_LIMITS)
            yield driver
        except asyncpg.LockNotAvailableError:
            log.warning("tidying_put_off", service=database.service, reason="the outbox is busy")
        finally:
            if not driver.is_closed():
                await driver.execute(f"{NO_LIMITS}; SELECT pg_advisory_unlock_all()")


async def tidy_outbox(driver: Driver, schema: str, today: date) -> None:
    """Make the coming days' partitions, drop those past retention whose every event was sent."""
    partitions = await _partitions(driver, schema)
    for ahead in range(DAYS_AHEAD + 1):
        day = today + timedelta(days=ahead)
        if _partition(day) not in partitions:
            await _make_partition(driver, schema, day)
    for name in sorted(partitions):
        if name < _partition(today - OUTBOX_RETENTION):
            await _drop_if_sent(driver, f"{schema}.{name}")
    await driver.execute(
        f"DELETE FROM {schema}.outbox_default WHERE sent_at IS NOT NULL AND stored_on < $1", today - OUTBOX_RETENTION
    )


async def _partitions(driver: Driver, schema: str) -> set[str]:
    """The names of the daily partitions; they sort by day."""
    rows = await driver.fetch(
        "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = $1::text::regclass",
        f"{schema}.outbox",
    )
    return {row["relname"] for row in rows} - {"outbox_default"}


async def _make_partition(driver: Driver, schema: str, day: date) -> None:
    """One UTC day's partition. A day that began in the default partition (before any worker ran) ends there."""
    try:
        await driver.execute(
            f"CREATE TABLE {schema}.{_partition(day)} PARTITION OF {schema}.outbox "
            f"FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
        )
    except asyncpg.CheckViolationError:
        log.info("outbox_day_stays_in_default_partition", schema=schema, day=str(day))


async def _drop_if_sent(driver: Driver, partition: str) -> None:
    if await driver.fetchval(f"SELECT EXISTS (SELECT FROM {partition} WHERE sent_at IS NULL)"):
        log.warning("old_outbox_partition_kept", partition=partition, reason="unsent events")
        return
    await driver.execute(f"DROP TABLE {partition}")


def _partition(day: date) -> str:
    return f"outbox_{day:%Y%m%d}"
