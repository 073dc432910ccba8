"""Settling shifts after their end, and again when something new is learned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.roster.domain.agent import Agent
from services.roster.domain.attendance import Interval, Outcome, Punch, settle
from services.roster.domain.change import ShiftChange
from services.roster.domain.punch_window import NEIGHBOURS, punch_window
from services.roster.domain.settlement import (
    Settlement,
    attendance_fact,
    changes_anything,
    evidence_of,
    notice_of,
)
from services.roster.domain.shift import Shift
from services.roster.domain.team import Team
from services.roster.queries.attendance import days_between
from services.roster.queries.changes import changes_by_id
from services.roster.queries.sheets import agents_named
from services.roster.store import people
from services.roster.store.attendance import load_punches, load_settlements, save_settlements
from services.roster.store.shifts import load_shifts_to_settle, save_shifts
from shared.platform.ids import stable_id
from shared.platform.timers import Timer
from shared.platform.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """Everything known about the shifts to be judged together."""

    team: Team
    agents: Mapping[UUID, Agent]
    windows: Mapping[tuple[UUID, date], Interval]
    punches: Mapping[UUID, Sequence[Punch]]
    changes: Mapping[UUID, ShiftChange]
    earlier: Mapping[UUID, Settlement]


async def settle_due(work: Work, timer: Timer) -> None:
    """The grace after the end of a team's shifts is over."""
    await settle_shifts(work, await load_shifts_to_settle(work.conn, timer.subject_id))


async def settle_again(work: Work, shifts: Sequence[Shift], *, reason: str) -> None:
    """Judge those of these (locked) shifts anew that have been judged; the others' time has yet to come."""
    settled = await load_settlements(work.conn, [attendance_id(shift) for shift in shifts])
    by_team: dict[UUID, list[Shift]] = defaultdict(list)
    for shift in shifts:
        if attendance_id(shift) in settled:
            by_team[shift.team_id].append(shift)
    for team_id in sorted(by_team):
        await settle_shifts(work, by_team[team_id], reason=reason)


async def settle_shifts(work: Work, shifts: Sequence[Shift], *, reason: str = "settled again") -> None:
    """Judge shifts of one team (locked by the caller). A new revision is made only when it says something new."""
    if not shifts:
        return
    case = await _gathered(work, shifts)
    settled = [one for shift in shifts if (one := _settled(work, case, shift, reason))]
    await save_settlements(work.conn, settled)
    await save_shifts(work.conn, [(shift, None) for shift in shifts])
    for settlement in settled:
        work.record(settlement.fact, sequence=settlement.fact.revision)


async def _gathered(work: Work, shifts: Sequence[Shift]) -> _Case:
    agent_ids = {shift.agent_id for shift in shifts}
    team = await people.load_team(work.conn, shifts[0].team_id)
    first, last = min(shift.on for shift in shifts) - NEIGHBOURS, max(shift.on for shift in shifts) + NEIGHBOURS
    days = await days_between(work.conn, agent_ids, first, last)
    windows = {
        (shift.agent_id, shift.on): punch_window(shift.on, {**days.get(shift.agent_id, {}), shift.on: shift}, team.tz)
        for shift in shifts
    }
    starts_at, ends_at = min(one[0] for one in windows.values()), max(one[1] for one in windows.values())
    return _Case(
        team=team,
        agents={agent.agent_id: agent for agent in await agents_named(work.conn, agent_ids=agent_ids)},
        windows=windows,
        punches=await load_punches(work.conn, agent_ids, starts_at, ends_at),
        changes=await changes_by_id(work.conn, {shift.change_id for shift in shifts if shift.change_id}),
        earlier=await load_settlements(work.conn, [attendance_id(shift) for shift in shifts]),
    )


def attendance_id(shift: Shift) -> UUID:
    """The id of an agent's settled day."""
    return stable_id("attendance", shift.agent_id, shift.on)


def _settled(work: Work, case: _Case, shift: Shift, reason: str) -> Settlement | None:
    starts_at, ends_at = case.windows[shift.agent_id, shift.on]
    punches = [one for one in case.punches.get(shift.agent_id, ()) if starts_at <= one.at < ends_at]
    change = case.changes.get(shift.change_id) if shift.change_id else None
    outcome: Outcome = settle(
        shift.planned,
        shift.accountable,
        punches,
        notice_of(change),
        tolerance_minutes=case.team.settings.tolerance_minutes,
    )
    earlier = case.earlier.get(attendance_id(shift))
    if earlier and not changes_anything(earlier, shift, outcome):
        return None
    fact = attendance_fact(
        outcome,
        shift,
        case.agents[shift.agent_id],
        case.team,
        attendance_id=attendance_id(shift),
        revision=earlier.fact.revision + 1 if earlier else 1,
        reason=reason,
    )
    return Settlement(fact=fact, evidence=evidence_of(change, shift), settled_at=work.now)
