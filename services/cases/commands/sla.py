"""The SLA clocks of a case: started when it opens, following whatever becomes of it, and speaking up on time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.cases.domain import sla_clock as clocks
from services.cases.domain.case import Case, facts_of
from services.cases.domain.sla_clock import Clock, HoursOf, Mark, Terms
from services.cases.domain.sla_events import activated_event, fulfilled_event, mark_event
from services.cases.domain.sla_policy import TARGETS, target_for
from services.cases.domain.working_time import WorkingTime
from services.cases.queries.working_hours import hours_by_terms, hours_from
from services.cases.store import sla as store
from services.cases.store.cases import add_entries, find_case
from services.cases.store.sla import Rules
from shared.contracts.cases import CustomerInformed, PromiseKept
from shared.contracts.event import Event
from shared.platform.ids import new_id
from shared.platform.timers import Timer, cancel_timers, set_timers
from shared.platform.work import Work

SLA = "sla"
REVISION = {"policy": "sla-policy", "calendar": "sla-calendar"}
AT_ONCE = 200
"""Cases that follow a new version of a policy or calendar in one transaction."""

_WHILE_WORKED_ON = ("next_update", "resolution")


async def start_clocks(work: Work, case: Case) -> tuple[Case, list[Timer]]:
    """Start the clocks of a new case; the case with its first due time, and the timers to be set for it."""
    rules = await _rules_of(work, case)
    hours = hours_from(rules.hours, case.zone)
    started = []
    for name in TARGETS:
        if terms := terms_for(rules, name, case, hours):
            started.append(_activated(case, name, terms, hours, case.opened_at))
    await store.add_clocks(work.conn, started)
    for clock in started:
        work.record(activated_event(clock, facts_of(case)), sequence=clock.version)
    timers, _ = _marks(started, lambda clock: hours)
    return replace(case, due_at=_first_due(started)), timers


async def follow_case(work: Work, before: Case, after: Case, event: Event | None) -> Case:
    """Let the clocks follow a change of their case; the case with its next due time."""
    if after.historic or not _concerns_clocks(before, after, event):
        return after
    known = await store.clocks_of(work.conn, after.case_id)
    return await _moved(work, after, known, await _after(work, before, after, event, known))


async def _after(work: Work, before: Case, after: Case, event: Event | None, known: Sequence[Clock]) -> list[Clock]:
    """The clocks as they are after a change of their case; new ones come last."""
    rules = await _rules_of(work, after)
    hours = hours_from(rules.hours, after.zone)
    terms = {name: terms_for(rules, name, after, hours) for name in TARGETS}
    hours_of = await _hours(work, [*known, *(one for one in terms.values() if one)])
    found = [_on_terms(clock, terms[clock.target], hours_of, work.now) for clock in known]
    found = [_in_state(clock, before, after, hours_of, work.now) for clock in found]
    if isinstance(event, CustomerInformed | PromiseKept):
        found = [_told(clock, hours_of, work.now) for clock in found]
    if after.is_active and not any(one.is_open and one.target == "next_update" for one in found):
        cycle = 1 + sum(one.target == "next_update" for one in found)
        if wanted := terms["next_update"]:
            found.append(_activated(after, "next_update", wanted, hours, work.now, cycle=cycle))
    return found


def _on_terms(clock: Clock, terms: Terms | None, hours_of: HoursOf, now: datetime) -> Clock:
    """The clock on the terms now in force; one whose target no longer exists ends."""
    if not clock.is_open:
        return clock
    if terms is None:
        return clocks.fulfilled(clock, hours_of(clock.terms), now=now, reason="target_removed")
    return clocks.superseded(clock, terms, hours_of, now=now, reason="policy_changed")


def _in_state(clock: Clock, before: Case, after: Case, hours_of: HoursOf, now: datetime) -> Clock:
    """The clock in the state that its case is now in."""
    hours = hours_of(clock.terms)
    if after.state == "closed":
        return clocks.fulfilled(clock, hours, now=now, reason="closed")
    if clock.target not in _WHILE_WORKED_ON:
        return clock
    if not after.is_active:
        return clocks.fulfilled(clock, hours, now=now, reason="resolved")
    if not before.is_active and clock.target == "resolution":
        return clocks.activated_again(clock, hours, now=now, reason="reopened")
    if after.state in clock.terms.pauses:
        return clocks.paused(clock, hours, now=now, reason=after.state)
    return clocks.resumed(clock, hours, now=now)


def _told(clock: Clock, hours_of: HoursOf, now: datetime) -> Clock:
    """Word to the customer is a response and an update."""
    if clock.target == "resolution":
        return clock
    return clocks.fulfilled(clock, hours_of(clock.terms), now=now, reason="customer_told")


async def _moved(work: Work, case: Case, known: Sequence[Clock], found: Sequence[Clock]) -> Case:
    """Store what changed, tell it, and set the timers anew."""
    facts = facts_of(case)
    before = {clock.clock_id: clock for clock in known}
    changed = [clock for clock in found if clock != before.get(clock.clock_id)]
    hours_of = await _hours(work, changed)
    await store.save_clocks(work.conn, [clock for clock in changed if clock.clock_id in before])
    await store.add_clocks(work.conn, [clock for clock in changed if clock.clock_id not in before])
    for clock in changed:
        if event := _news(clock, before.get(clock.clock_id), facts):
            work.record(event, sequence=clock.version)
    await _set_marks(work, changed, lambda clock: hours_of(clock.terms))
    return replace(case, due_at=_first_due(found))


def _news(clock: Clock, before: Clock | None, facts: dict[str, Any]) -> Event | None:
    if before is None or (not before.is_open and clock.is_open):
        return activated_event(clock, facts)
    dropped = clock.log[-1].reason == "target_removed"
    return fulfilled_event(clock, facts) if before.is_open and not clock.is_open and not dropped else None


async def _set_marks(work: Work, changed: Sequence[Clock], hours_of: Callable[[Clock], WorkingTime]) -> None:
    timers, silent = _marks(changed, hours_of)
    await set_timers(work, timers)
    await cancel_timers(work, SLA, silent)


def _marks(changed: Sequence[Clock], hours_of: Callable[[Clock], WorkingTime]) -> tuple[list[Timer], list[UUID]]:
    """The timers of what these clocks say next, and the older ones of them that have nothing more to say."""
    timers, silent = [], []
    for clock in changed:
        mark = clocks.next_mark(clock, hours_of(clock))
        if mark:
            timers.append(Timer(kind=SLA, subject_id=clock.clock_id, due_at=mark.due_at, version=clock.version))
        elif clock.version > 1:
            silent.append(clock.clock_id)
    return timers, silent


async def mark_clocks(work: Work, timers: Sequence[Timer]) -> None:
    """Clocks warn, breach, or escalate; the moment each says is when it was due."""
    found = await store.clocks_with_cases(work.conn, [timer.subject_id for timer in timers])
    marked, entries = [], []
    for clock, case, stored_hours in found:
        mark = clocks.next_mark(clock, hours_from(stored_hours, clock.terms.zone))
        if mark is None or mark.due_at > work.now:
            marked.append(clock)
            continue
        after = clocks.marked(clock, mark)
        marked.append(after)
        entries.append(_entry(after, mark))
        work.record(mark_event(after, mark, facts_of(case)), sequence=after.version)
    await store.save_clocks(work.conn, marked)
    await add_entries(work.conn, entries)
    bodies = {clock.clock_id: stored_hours for clock, _, stored_hours in found}
    await _set_marks(work, marked, lambda clock: hours_from(bodies[clock.clock_id], clock.terms.zone))


def _entry(clock: Clock, mark: Mark) -> dict[str, Any]:
    return {
        "case_id": clock.case_id,
        "kind": f"sla_{mark.what}",
        "visibility": "internal",
        "data": {"clock_id": clock.clock_id, "target": clock.target, "due_at": clock.due_at, "number": mark.number},
        "at": mark.due_at,
        "by": None,
        "by_name": None,
    }


async def follow_policy(work: Work, timer: Timer) -> None:
    """Move open clocks to the newest version of a policy, some at a time."""
    policy = await store.load_policy(work.conn, timer.subject_id)
    await _catch_up(work, timer, "policy", policy.code, policy.version)


async def follow_calendar(work: Work, timer: Timer) -> None:
    """Move open clocks to the newest version of a calendar, some at a time."""
    calendar = await store.load_calendar(work.conn, timer.subject_id)
    await _catch_up(work, timer, "calendar", calendar.code, calendar.version)


async def _catch_up(work: Work, timer: Timer, rule: str, code: str, version: int) -> None:
    behind = await store.cases_behind(work.conn, rule, code, version, limit=AT_ONCE)
    for case_id in sorted(behind):
        case = await find_case(work.conn, case_id)
        assert case
        await refresh_clocks(work, case)
    if behind:
        await set_timers(work, [replace(timer, due_at=work.now)])


async def refresh_clocks(work: Work, case: Case) -> None:
    """Put the open clocks of a case on the terms now in force."""
    known = await store.clocks_of(work.conn, case.case_id)
    after = await _moved(work, case, known, await _after(work, case, case, None, known))
    await store.save_due(work.conn, after.case_id, after.due_at)


def terms_for(rules: Rules, name: str, case: Case, hours: WorkingTime) -> Terms | None:
    """What one clock of a case is judged by; none when the policy says nothing of it."""
    policy = rules.policy
    target = target_for(policy.targets, name, quadrant=case.quadrant, tier=case.tier)
    if target is None:
        return None
    return Terms(
        policy=policy.code,
        policy_version=policy.version,
        target_seconds=target.seconds,
        calendar=rules.calendar,
        calendar_version=rules.calendar_version,
        zone=hours.zone,
        warn_percent=policy.warn_percent,
        escalate_after_minutes=policy.escalate_after_minutes,
        pauses=policy.pauses,
    )


def _concerns_clocks(before: Case, after: Case, event: Event | None) -> bool:
    if isinstance(event, CustomerInformed | PromiseKept):
        return True
    watched = ("state", "quadrant", "tier", "case_type", "type_version", "team_id", "zone")
    return any(getattr(before, name) != getattr(after, name) for name in watched)


def _activated(case: Case, name: str, terms: Terms, hours: WorkingTime, now: datetime, *, cycle: int = 1) -> Clock:
    return clocks.activated(
        clock_id=new_id(), case_id=case.case_id, target=name, cycle=cycle, terms=terms, hours=hours, now=now
    )


async def _rules_of(work: Work, case: Case) -> Rules:
    return await store.rules_for(
        work.conn, case_type=case.case_type, type_version=case.type_version, team_id=case.team_id
    )


async def _hours(work: Work, used: Sequence[Clock | Terms]) -> HoursOf:
    return await hours_by_terms(work.conn, [one.terms if isinstance(one, Clock) else one for one in used])


def _first_due(found: Sequence[Clock]) -> datetime | None:
    return min((clock.due_at for clock in found if clock.is_running and clock.due_at), default=None)
