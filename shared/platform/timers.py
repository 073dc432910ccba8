"""Durable timers: set and cancelled in the command's transaction, fired once, each in a transaction of its own.

A timer carries the version it was set for; the handler compares and does nothing on a mismatch.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.platform.work import Database, Work

log = structlog.get_logger(__name__)

RETRY_AFTER = timedelta(seconds=5)
RETRY_AT_MOST = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """`kind` names the handler; one timer per kind and subject. Setting it again moves it."""

    kind: str
    subject_id: UUID
    due_at: datetime
    version: int = 0


Handler = Callable[[Work, Timer], Awaitable[None]]


async def set_timers(work: Work, timers: Sequence[Timer]) -> None:
    """Set timers, replacing those of the same kind and subject."""
    if not timers:
        return
    table = work.kernel.timers
    rows = [
        {"kind": timer.kind, "subject_id": timer.subject_id, "version": timer.version, "due_at": timer.due_at}
        for timer in timers
    ]
    for start in range(0, len(rows), 5_000):
        new = insert(table).values(rows[start : start + 5_000])
        await work.conn.execute(
            new.on_conflict_do_update(
                index_elements=[table.c.kind, table.c.subject_id],
                set_={"version": new.excluded.version, "due_at": new.excluded.due_at, "attempt": 0, "failure": None},
            )
        )


async def cancel_timers(work: Work, kind: str, subject_ids: Sequence[UUID]) -> None:
    """Forget timers; ones that do not exist are no error."""
    table = work.kernel.timers
    if subject_ids:
        await work.conn.execute(delete(table).where(table.c.kind == kind, table.c.subject_id.in_(subject_ids)))


async def next_due(conn: AsyncConnection, database: Database, kinds: Sequence[str]) -> datetime | None:
    """When the next timer falls due; none when nothing is waiting."""
    table = database.kernel.timers
    due: datetime | None = (
        await conn.execute(select(func.min(table.c.due_at)).where(table.c.kind.in_(kinds)))
    ).scalar()
    return due


class Timekeeper:
    """Fires what is due, oldest first, claiming with SKIP LOCKED so that several workers share the work."""

    def __init__(self, database: Database, handlers: Mapping[str, Handler]) -> None:
        self._database = database
        self._handlers = handlers

    async def fire_due(self) -> int:
        """Fire everything due now; how many fired."""
        fired = 0
        while await self._fire_one():
            fired += 1
        return fired

    async def next_due(self) -> datetime | None:
        """When this service's next timer falls due."""
        async with self._database.reading() as conn:
            return await next_due(conn, self._database, list(self._handlers))

    async def _fire_one(self) -> bool:
        timer = None
        try:
            async with self._database.work() as work:
                timer = await self._claim(work)
                if timer is None:
                    return False
                await self._handlers[timer.kind](work, timer)
        except Exception as error:
            if timer is None:
                raise
            log.exception("timer_failed", kind=timer.kind, subject_id=str(timer.subject_id))
            await self._postpone(timer, error)
        return True

    async def _claim(self, work: Work) -> Timer | None:
        table = work.kernel.timers
        due = (
            select(table)
            .where(table.c.due_at <= work.now, table.c.kind.in_(list(self._handlers)))
            .order_by(table.c.due_at, table.c.subject_id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = (await work.conn.execute(due)).one_or_none()
        if row is None:
            return None
        await work.conn.execute(delete(table).where(table.c.kind == row.kind, table.c.subject_id == row.subject_id))
        return Timer(kind=row.kind, subject_id=row.subject_id, due_at=row.due_at, version=row.version)

    async def _postpone(self, timer: Timer, error: Exception) -> None:
        """Try a failed timer again later, more slowly each time; it is never dropped."""
        async with self._database.work() as work:
            table = work.kernel.timers
            same = (table.c.kind == timer.kind, table.c.subject_id == timer.subject_id)
            attempt = (await work.conn.execute(select(table.c.attempt).where(*same))).scalar()
            if attempt is None:
                return
            wait = min(RETRY_AFTER * 2**attempt, RETRY_AT_MOST)
            await work.conn.execute(
                update(table)
                .where(*same, table.c.due_at <= work.now)
                .values(due_at=work.now + wait, attempt=attempt + 1, failure=f"{type(error).__name__}: {error}"[:500])
            )
