"""The watchdog: proof that every open question has a timer, and that the escalator itself is not late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify import tables
from services.notify.domain.ladder import TIMER
from shared.platform.work import Database

LATE = timedelta(minutes=5)
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Watch:
    """What stands still. `ok`: no open question lacks a timer, no rung and no message is over 5 minutes late.

    `lateness_seconds` is how late the most overdue rung or message is, 0 when nothing is; `waiting` counts messages to
    be sent, by channel.
    """

    ok: bool
    at: datetime
    open_count: int
    without_timer_count: int
    without_timer: list[UUID]
    late_rung_count: int
    waiting_message_count: int
    late_message_count: int
    unreached_rung_count: int
    lateness_seconds: float
    waiting: dict[str, int]


async def watch(conn: AsyncConnection, *, now: datetime) -> Watch:
    """Look at every open question, timer and waiting message."""
    asked, message = tables.acknowledgements, tables.messages
    on_the_way = message.c.state.in_(["queued", "sending"])
    late_rungs = await _number(conn, _late_timers(now))
    late_messages = await _number(conn, _count(message).where(on_the_way, message.c.next_at < now - LATE))
    by_channel = select(message.c.channel, func.count()).where(on_the_way).group_by(message.c.channel)
    waiting = {channel: int(count) for channel, count in await conn.execute(by_channel)}
    untimed = (await conn.execute(_without_timer())).scalars().all()
    return Watch(
        ok=not untimed and not late_rungs and not late_messages,
        at=now,
        open_count=await _number(conn, _count(asked).where(asked.c.state == "open")),
        without_timer_count=len(untimed),
        without_timer=list(untimed[:SHOWN]),
        late_rung_count=late_rungs,
        waiting_message_count=sum(waiting.values()),
        late_message_count=late_messages,
        unreached_rung_count=await _number(conn, _unreached()),
        lateness_seconds=await _lateness(conn, now),
        waiting=waiting,
    )


async def readiness(database: Database) -> str:
    """The check behind `/readyz`: "ok", or what is wrong."""
    async with database.reading() as conn:
        seen = await watch(conn, now=database.clock.now())
    if seen.ok:
        return "ok"
    return (
        f"{seen.without_timer_count} open questions without a timer, {seen.late_rung_count} late rungs, "
        f"{seen.late_message_count} late messages"
    )


async def _lateness(conn: AsyncConnection, now: datetime) -> float:
    """How many seconds ago the most overdue rung or message was due."""
    timers, message = tables.kernel.timers, tables.messages
    rung = select(func.min(timers.c.due_at)).where(timers.c.kind == TIMER)
    said = select(func.min(message.c.next_at)).where(message.c.state.in_(["queued", "sending"]))
    due = [(await conn.execute(query)).scalar() for query in (rung, said)]
    late: list[float] = [(now - at).total_seconds() for at in due if at]
    return max([0.0, *late])


async def _number(conn: AsyncConnection, count: Select[int]) -> int:
    return int((await conn.execute(count)).scalar_one())


def _count(table: Table) -> Select[int]:
    return select(func.count()).select_from(table)


def _late_timers(now: datetime) -> Select[int]:
    timers = tables.kernel.timers
    return _count(timers).where(timers.c.kind == TIMER, timers.c.due_at < now - LATE)


def _unreached() -> Select[int]:
    """Rungs of open questions that found nobody to tell."""
    asked, rungs = tables.acknowledgements, tables.rungs
    joined = rungs.join(asked, asked.c.acknowledgement_id == rungs.c.acknowledgement_id)
    return select(func.count()).select_from(joined).where(asked.c.state == "open", rungs.c.state == "unreachable")


def _without_timer() -> Select[UUID]:
    asked, timers = tables.acknowledgements, tables.kernel.timers
    timer = select(timers.c.subject_id).where(timers.c.kind == TIMER, timers.c.subject_id == asked.c.acknowledgement_id)
    return select(asked.c.acknowledgement_id).where(asked.c.state == "open", ~timer.exists())
