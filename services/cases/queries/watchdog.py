"""The watchdog: proof that every open loop has a timer, and that none of the timers is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.case_look import LOOK
from services.cases.domain.handoff import OPEN
from services.cases.tables import (
    bulletins,
    cases,
    complaints,
    handoffs,
    kernel,
    monitor_proposals,
    problems,
    progress_requests,
    promises,
    surges,
)

LATE = timedelta(minutes=5)
SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopsOfKind:
    """The open loops of one kind; of those that no timer will ever move the first 50."""

    kind: str
    open_count: int
    without_timer_count: int
    without_timer: list[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesWatch:
    """What stands still. `ok`: no open loop lacks a timer and no timer is over 5 minutes late.

    `lateness_seconds` is how late the most overdue timer is, 0 when none is.
    """

    ok: bool
    at: datetime
    late_timer_count: int
    lateness_seconds: float
    loops: list[LoopsOfKind]


class Kept(NamedTuple):
    """Where loops of one kind are kept: which of the rows are open, and the kind of the timer that each then has."""

    table: Table
    key: str
    is_open: ColumnElement[bool]
    timer: str


_OPEN: dict[str, Kept] = {
    "case": Kept(cases, "case_id", (cases.c.state != "closed") & ~cases.c.historic, LOOK),
    "handoff": Kept(handoffs, "handoff_id", handoffs.c.state.in_(OPEN), "handoff"),
    "progress_request": Kept(progress_requests, "progress_id", progress_requests.c.state == "open", "progress"),
    "promise": Kept(promises, "promise_id", promises.c.state == "open", "promise"),
    "complaint": Kept(complaints, "case_id", complaints.c.due_at.is_not(None), "complaint-stage"),
    "bulletin": Kept(bulletins, "bulletin_id", bulletins.c.state == "open", "bulletin-expiry"),
    "problem": Kept(problems, "problem_id", problems.c.state == "open", "problem-word-due"),
    "surge": Kept(surges, "surge_id", surges.c.acted_at.is_(None) & ~surges.c.historic, "surge-deadline"),
    "monitor_proposal": Kept(
        monitor_proposals,
        "proposal_id",
        monitor_proposals.c.state == "open",
        "monitor-proposal",
    ),
}


async def watch(conn: AsyncConnection, *, now: datetime) -> CasesWatch:
    """Look at every open loop and every timer."""
    loops = [await _loops(conn, kind, kept) for kind, kept in _OPEN.items()]
    timers = kernel.timers
    late = select(func.count(), func.min(timers.c.due_at)).where(timers.c.due_at < now)
    late_count = await _number(conn, select(func.count()).where(timers.c.due_at < now - LATE))
    _, oldest = (await conn.execute(late)).one()
    return CasesWatch(
        ok=not late_count and not any(one.without_timer_count for one in loops),
        at=now,
        late_timer_count=late_count,
        lateness_seconds=(now - oldest).total_seconds() if oldest else 0.0,
        loops=loops,
    )


async def _loops(conn: AsyncConnection, kind: str, kept: Kept) -> LoopsOfKind:
    timers, subject = kernel.timers, kept.table.c[kept.key]
    timed = select(timers.c.subject_id).where(timers.c.kind == kept.timer, timers.c.subject_id == subject).exists()
    untimed = select(subject).where(kept.is_open, ~timed)
    return LoopsOfKind(
        kind=kind,
        open_count=await _number(conn, select(func.count()).select_from(kept.table).where(kept.is_open)),
        without_timer_count=await _number(conn, select(func.count()).select_from(untimed.subquery())),
        without_timer=list((await conn.execute(untimed.limit(SHOWN))).scalars()),
    )


async def _number(conn: AsyncConnection, count: Select[Any]) -> int:
    return int((await conn.execute(count)).scalar_one())
