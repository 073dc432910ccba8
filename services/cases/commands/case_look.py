"""The look at each unfinished case, once a day or when word is owed: what stands still is said, again and again.

Every case that is not closed has this one timer, whatever else it has; history taken over has none. The timer's version
counts the reminders in a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.cases.domain import case_look as rules
from services.cases.domain.case import Case
from services.cases.domain.case_look import LOOK_EVERY, Standing
from services.cases.domain.fields import missing_fields
from services.cases.domain.working_time import days_after, minutes_after
from services.cases.queries.standing import standings
from services.cases.queries.working_hours import hours_from, hours_of_team
from services.cases.store.case_types import load_case_type
from services.cases.store.cases import add_entry_at, find_case, save_case
from services.cases.store.sla import rules_for
from shared.platform.timers import Timer, cancel_timers, set_timers
from shared.platform.work import Work


def next_look(work: Work, case: Case) -> Timer:
    """The look at a case that moves by itself."""
    return Timer(kind=rules.LOOK, subject_id=case.case_id, due_at=work.now + LOOK_EVERY)


async def follow_state(work: Work, before: Case, after: Case) -> Case:
    """A case came to its end, or not after all; settled with the customer not told it has a time for the word."""
    if before.state == after.state or after.historic:
        return after
    if after.state == "closed":
        await cancel_timers(work, rules.LOOK, [after.case_id])
    elif rules.owes_word(after):
        return await _owing_word(work, after)
    elif before.state == "closed":
        await set_timers(work, [next_look(work, after)])
    return after


async def _owing_word(work: Work, case: Case) -> Case:
    found = await rules_for(work.conn, case_type=case.case_type, type_version=case.type_version, team_id=case.team_id)
    hours = hours_from(found.hours, case.zone)
    due_at = minutes_after(hours, work.now, found.policy.handoff.word_minutes)
    await set_timers(work, [Timer(kind=rules.LOOK, subject_id=case.case_id, due_at=due_at)])
    return replace(case, due_at=due_at)


async def look_at_cases(work: Work, timers: Sequence[Timer]) -> None:
    """Say what stands still; look again at everything that is not over."""
    found = await standings(work.conn, [timer.subject_id for timer in timers])
    quiet = []
    for timer in timers:
        if timer.subject_id not in found:
            continue
        moves, broken, looks_settled = found[timer.subject_id]
        if moves and not broken and not looks_settled:
            quiet.append(replace(timer, due_at=work.now + LOOK_EVERY, version=0))
        else:
            quiet += await _looked_at(work, timer, Standing(moves=moves, broken_promises=broken))
    await set_timers(work, quiet)


async def _looked_at(work: Work, timer: Timer, standing: Standing) -> list[Timer]:
    """The next look at one case, which is reminded of where it stands still."""
    case = await find_case(work.conn, timer.subject_id)
    if case is None:
        return []
    why = rules.why_it_stands(case, replace(standing, fields_missing=await _fields_missing(work, case)))
    if why is None:
        return [] if case.state == "closed" else [next_look(work, case)]
    after, event = rules.overdue(case, why=why, step=timer.version + 1, now=work.now)
    await save_case(work.conn, after)
    work.record(event, sequence=after.version)
    data = {"why": why, "step": event.step, "told": list(event.told)}
    await add_entry_at(work.conn, case.case_id, "case_overdue", "internal", data, at=work.now, by=None, by_name=None)
    hours = await hours_of_team(work.conn, case.team_id, case.zone)
    return [Timer(kind=rules.LOOK, subject_id=case.case_id, due_at=days_after(hours, work.now, 1), version=event.step)]


async def _fields_missing(work: Work, case: Case) -> bool:
    """Whether a case whose customer said nothing cannot close for what was never asked."""
    if case.state != "resolved" or case.silence_until is None or case.silence_until > work.now:
        return False
    case_type = await load_case_type(work.conn, case.case_type, case.type_version)
    return bool(missing_fields(case_type.fields, case.fields, "closed"))
