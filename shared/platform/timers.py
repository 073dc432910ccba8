"""Durable timers: set and cancelled in the command's transaction, fired once, each in a transaction of its own.

A timer carries the version it was set for; the handler compares and does nothing on a mismatch.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ARRAY, Integer, Text, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.platform.db import Hot, is_outage, storable
from shared.platform.kernel import Kernel, Moment
from shared.platform.metrics import TIMER_LATENESS, TIMERS_FAILED, TIMERS_FIRED
from shared.platform.work import Database, Work

log = structlog.get_logger(__name__)

BATCH = 100
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


@dataclass(frozen=True, slots=True)
class Together:
    """A handler for many timers of its kind at once, for those of which thousands may fall due in one second."""

    run: Callable[[Work, Sequence[Timer]], Awaitable[None]]

    async def __call__(self, work: Work, timer: Timer) -> None:
        """Handle one."""
        await self.run(work, [timer])


async def set_timers(work: Work, timers: Sequence[Timer]) -> None:
    """Set timers, replacing those of the same kind and subject."""
    if not timers:
        return
    await _set(work.kernel).run(
        work.conn,
        kind=[timer.kind for timer in timers],
        subject_id=[timer.subject_id for timer in timers],
        version=[timer.version for timer in timers],
        due_at=[timer.due_at for timer in timers],
    )


async def cancel_timers(work: Work, kind: str, subject_ids: Sequence[UUID]) -> None:
    """Forget timers; ones that do not exist are no error.

    One that is being fired at this moment is left to its handler, which waits for this transaction and finds its state:
    waiting for it here would be a deadlock.
    """
    table = work.kernel.timers
    if subject_ids:
        named = (table.c.kind == kind, table.c.subject_id.in_(subject_ids))
        idle = select(table.c.subject_id).where(*named).with_for_update(skip_locked=True)
        await work.conn.execute(delete(table).where(table.c.kind == kind, table.c.subject_id.in_(idle)))


async def next_due(conn: AsyncConnection, database: Database, kinds: Sequence[str]) -> datetime | None:
    """When the next timer falls due; none when nothing is waiting."""
    table = database.kernel.timers
    due: datetime | None = (
        await conn.execute(select(func.min(table.c.due_at)).where(table.c.kind.in_(kinds)))
    ).scalar()
    return due


class Timekeeper:
    """Fires what is due, strictly in due order, claiming with SKIP LOCKED so that several workers share the work.

    Many timers share a transaction. Each is claimed only when the one before it has been handled, so that a timer which
    a handler sets, moves or cancels takes effect at once; only those that are handled `Together` are claimed together,
    and none that is due after one of another kind. When one fails, the batch is undone and fired one by one.
    """

    def __init__(self, database: Database, handlers: Mapping[str, Handler]) -> None:
        self._database = database
        self._handlers = handlers
        self._claim = Hot(_claim(database.kernel))
        self._claim_more = Hot(_claim_more(database.kernel))

    async def fire_due(self) -> int:
        """Fire everything due now; how many fired. A timer whose handler fails is postponed and counts as well."""
        total = 0
        while fired := await self._fire_batch():
            total += fired
        return total

    async def next_due(self) -> datetime | None:
        """When this service's next timer falls due."""
        async with self._database.reading() as conn:
            return await next_due(conn, self._database, list(self._handlers))

    async def _fire_batch(self) -> int:
        fired: list[Timer] = []
        try:
            await self._fire(fired, BATCH)
        except Exception as error:
            if is_outage(error) or not fired:
                raise
            return sum([await self._fire_one() for _ in fired])
        return len(fired)

    async def _fire_one(self) -> int:
        fired: list[Timer] = []
        try:
            await self._fire(fired, 1)
        except Exception as error:
            if is_outage(error) or not fired:
                raise
            await self._postpone(fired[0], error)
        return len(fired)

    async def _fire(self, fired: list[Timer], at_most: int) -> None:
        """Fire up to so many in one transaction; `fired` tells the caller how far it got, also when it fails."""
        async with self._database.work() as work:
            while len(fired) < at_most and (timer := await self._next(work)):
                fired.append(timer)
                handler = self._handlers[timer.kind]
                if isinstance(handler, Together) and len(fired) < at_most:
                    more = await self._more(work, timer.kind, at_most - len(fired))
                    fired.extend(more)
                    await handler.run(work, [timer, *more])
                else:
                    await handler(work, timer)
        self._count(fired)

    async def _next(self, work: Work) -> Timer | None:
        rows = await self._claim.run(work.conn, now=work.now, kinds=list(self._handlers))
        return Timer(**rows[0]) if rows else None

    async def _more(self, work: Work, kind: str, at_most: int) -> list[Timer]:
        rows = await self._claim_more.run(work.conn, now=work.now, kinds=list(self._handlers), kind=kind, most=at_most)
        return sorted((Timer(**row) for row in rows), key=lambda timer: timer.due_at)

    def _count(self, fired: Sequence[Timer]) -> None:
        service = self._database.service
        for timer in fired:
            TIMERS_FIRED.labels(service, timer.kind).inc()
        late = self._database.clock.now() - fired[-1].due_at if fired else timedelta()
        TIMER_LATENESS.labels(service).set(late.total_seconds())

    async def _postpone(self, timer: Timer, error: Exception) -> None:
        """Try a failed timer again later, more slowly each time; it is never dropped."""
        log.error("timer_failed", kind=timer.kind, subject_id=str(timer.subject_id), exc_info=error)
        TIMERS_FAILED.labels(self._database.service, timer.kind).inc()
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
                .values(
                    due_at=work.now + wait,
                    attempt=attempt + 1,
                    failure=storable(f"{type(error).__name__}: {error}"[:500]),
                )
            )


@cache
def _set(kernel: Kernel) -> Hot:
    table = kernel.timers
    columns = [table.c.kind, table.c.subject_id, table.c.version, table.c.due_at]
    rows = select(*(func.unnest(bindparam(one.name, type_=ARRAY(one.type))) for one in columns))
    new = insert(table).from_select([one.name for one in columns], rows)
    return Hot(
        new.on_conflict_do_update(
            index_elements=[table.c.kind, table.c.subject_id],
            set_={"version": new.excluded.version, "due_at": new.excluded.due_at, "attempt": 0, "failure": None},
        )
    )


def _claim(kernel: Kernel) -> Any:
    """Take the one timer that is due longest: delete it, and bring it back if the transaction fails."""
    table = kernel.timers
    due = (
        select(table.c.kind, table.c.subject_id)
        .where(table.c.due_at <= bindparam("now", type_=Moment))
        .where(table.c.kind == bindparam("kinds", type_=ARRAY(Text)).any_())
        .order_by(table.c.due_at)  # and no further: a thousand with the same deadline are not to be sorted each time
        .limit(1)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return (
        delete(table)
        .where(table.c.kind == due.c.kind, table.c.subject_id == due.c.subject_id)
        .returning(table.c.kind, table.c.subject_id, table.c.due_at, table.c.version)
    )


def _claim_more(kernel: Kernel) -> Any:
    """Take more timers of one kind that are due, up to the next one of another kind."""
    table = kernel.timers
    now, kind = bindparam("now", type_=Moment), bindparam("kind", type_=Text)
    other = table.alias("other")
    handled = other.c.kind == bindparam("kinds", type_=ARRAY(Text)).any_()
    next_other = select(func.min(other.c.due_at)).where(other.c.due_at <= now, other.c.kind != kind, handled)
    due = (
        select(table.c.kind, table.c.subject_id)
        .where(table.c.kind == kind, table.c.due_at <= func.coalesce(next_other.scalar_subquery(), now))
        .order_by(table.c.due_at)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return (
        delete(table)
        .where(table.c.kind == due.c.kind, table.c.subject_id == due.c.subject_id)
        .returning(table.c.kind, table.c.subject_id, table.c.due_at, table.c.version)
    )
