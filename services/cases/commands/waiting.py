"""Waiting for the customer or for another team, and going on. Nobody waits without an end in sight."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.cases.commands.keeping import keep_case
from services.cases.domain import case as rules
from services.cases.domain.case import Case
from services.cases.domain.working_time import days_after
from services.cases.queries.sight import require_worker
from services.cases.queries.working_hours import hours_of_team
from services.cases.store.cases import add_entry, find_case, load_case
from shared.contracts.refusal import Fault, Refusal
from shared.platform.timers import Timer, cancel_timers, set_timers
from shared.platform.work import Work

WAIT = "case_wait"
WAIT_DAYS = 3
"""Working days after which a wait ends that nobody gave an end."""


async def wait_for(work: Work, *, case_id: UUID, for_: str | None, until: datetime | None, reason: str | None) -> Case:
    """The case waits for the `customer` or a `team` until then at the latest; for nobody: its owner goes on."""
    case = await load_case(work.conn, case_id)
    await require_worker(work.conn, work.actor, case)
    if until is not None and until <= work.now:
        raise Refusal("invalid-value", faults=(Fault("until", "time-is-past", {}),))
    if for_ is None:
        return await resume_case(work, case, why=reason)
    return await hold_case(work, case, for_=for_, until=until, why=reason)


async def hold_case(work: Work, case: Case, *, for_: str, until: datetime | None, why: str | None = None) -> Case:
    """The case waits; a timer ends it."""
    hours = await hours_of_team(work.conn, case.team_id, case.zone)
    ends_at = until or days_after(hours, work.now, WAIT_DAYS)
    after, event = rules.waiting(case, for_=for_, until=ends_at, now=work.now)
    after = await keep_case(work, case, after, event)
    await add_entry(work, after, "waiting", "shared", {"for": for_, "until": ends_at, "reason": why})
    await set_timers(work, [Timer(kind=WAIT, subject_id=case.case_id, due_at=ends_at)])
    return after


async def resume_case(work: Work, case: Case, *, why: str | None = None) -> Case:
    """The case waits no longer; its owner goes on. Nothing changes where it is being worked on already."""
    if case.state == "in_progress":
        return case
    after, event = rules.resumed(case, now=work.now)
    after = await keep_case(work, case, after, event)
    await add_entry(work, after, "resumed", data={"why": why})
    await cancel_timers(work, WAIT, [case.case_id])
    return after


async def end_wait(work: Work, timer: Timer) -> None:
    """Nobody answered for too long: the owner is to go on."""
    case = await find_case(work.conn, timer.subject_id)
    if case is not None and case.waiting_for and case.waiting_until == timer.due_at:
        await resume_case(work, case, why="waited_too_long")
