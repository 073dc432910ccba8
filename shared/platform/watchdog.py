"""The watchdog of a service: proof that every open loop has a timer, and that none of the timers is late."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.platform.kernel import Kernel
from shared.platform.metrics import LOOPS_OPEN, LOOPS_WITHOUT_TIMER
from shared.platform.work import Database

LATE = timedelta(minutes=5)
SHOWN = 50
LOOK_SECONDS = 60.0
"""Between two looks, in real time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopsOfKind:
    """The open loops of one kind; of those that no timer will ever move the first 50."""

    kind: str
    open_count: int
    without_timer_count: int
    without_timer: list[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopWatch:
    """What stands still. `ok`: no open loop lacks a timer and no timer is over 5 minutes late.

    `lateness_seconds` is how late the most overdue timer is, 0 when none is.
    """

    ok: bool
    at: datetime
    late_timer_count: int
    lateness_seconds: float
    loops: list[LoopsOfKind]


class Kept(NamedTuple):
    """Where loops of one kind are kept: their id, which are open, and the kind and subject of the timer they have.

    The subject is the id itself unless told otherwise.
    """

    key: ColumnElement[UUID]
    is_open: ColumnElement[bool]
    timer: str
    subject: ColumnElement[Any] | None = None


async def watch(conn: AsyncConnection, kernel: Kernel, kinds: Mapping[str, Kept], *, now: datetime) -> LoopWatch:
    """Look at every open loop and every timer."""
    loops = [await _loops(conn, kernel, kind, kept) for kind, kept in kinds.items()]
    due_at = kernel.timers.c.due_at
    late_count = await _number(conn, select(func.count()).where(due_at < now - LATE))
    oldest = (await conn.execute(select(func.min(due_at)).where(due_at < now))).scalar()
    return LoopWatch(
        ok=not late_count and not any(one.without_timer_count for one in loops),
        at=now,
        late_timer_count=late_count,
        lateness_seconds=(now - oldest).total_seconds() if oldest else 0.0,
        loops=loops,
    )


async def _loops(conn: AsyncConnection, kernel: Kernel, kind: str, kept: Kept) -> LoopsOfKind:
    timers = kernel.timers
    own = timers.c.subject_id == kept.key if kept.subject is None else timers.c.subject_id.in_(kept.subject)
    timed = select(timers.c.subject_id).where(timers.c.kind == kept.timer, own).exists()
    untimed = select(kept.key).where(kept.is_open, ~timed).distinct()
    return LoopsOfKind(
        kind=kind,
        open_count=await _number(conn, select(func.count(kept.key.distinct())).where(kept.is_open)),
        without_timer_count=await _number(conn, select(func.count()).select_from(untimed.subquery())),
        without_timer=list((await conn.execute(untimed.limit(SHOWN))).scalars()),
    )


async def _number(conn: AsyncConnection, count: Select[Any]) -> int:
    return int((await conn.execute(count)).scalar_one())


class Watch(Protocol):
    """A service's own look at its loops."""

    def __call__(self, conn: AsyncConnection, *, now: datetime) -> Awaitable[LoopWatch]: ...


class Lookout:
    """Looks once a minute and shows on `/metrics` what it sees, beside the timers: if they stand still, it must not."""

    def __init__(self, database: Database, watch: Watch, look_seconds: float = LOOK_SECONDS) -> None:
        self._database = database
        self._watch = watch
        self._look_seconds = look_seconds
        self._next_look = 0.0

    async def look(self) -> int:
        """Look, unless that was done just now. Always 0: it moves nothing."""
        if time.monotonic() < self._next_look:
            return 0
        self._next_look = time.monotonic() + self._look_seconds
        async with self._database.reading() as conn:
            seen = await self._watch(conn, now=self._database.clock.now())
        for loops in seen.loops:
            LOOPS_OPEN.labels(self._database.service, loops.kind).set(loops.open_count)
            LOOPS_WITHOUT_TIMER.labels(self._database.service, loops.kind).set(loops.without_timer_count)
        return 0
