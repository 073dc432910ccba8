"""Settling shifts after their end, and again when something new is learned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.roster.commands.adherence import measure_shifts
from services.roster.commands.evidence import Known, attendance_id, gather
from services.roster.domain.excuse import judged
from services.roster.domain.settlement import (
    Settlement,
    attendance_fact,
    changes_anything,
    evidence_of,
)
from services.roster.domain.shift import Shift
from services.roster.store.attendance import load_settlements, save_settlements
from services.roster.store.shifts import load_shifts_to_settle, save_shifts
from shared.platform.timers import Timer
from shared.platform.work import Work


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
    known = await gather(work.conn, shifts)
    earlier = await load_settlements(work.conn, [attendance_id(shift) for shift in shifts])
    settled = [one for shift in shifts if (one := _settled(known, shift, earlier, work.now, reason))]
    await save_settlements(work.conn, settled)
    await save_shifts(work.conn, [(shift, None) for shift in shifts])
    for settlement in settled:
        work.record(settlement.fact, sequence=settlement.fact.revision)
    await measure_shifts(work, known, shifts)


def _settled(
    known: Known, shift: Shift, settled: Mapping[UUID, Settlement], now: datetime, reason: str
) -> Settlement | None:
    evidence = known.evidence[attendance_id(shift)]
    outcome = judged(shift, evidence, zone=known.team.tz, tolerance_minutes=known.team.settings.tolerance_minutes)
    earlier = settled.get(attendance_id(shift))
    if earlier and not changes_anything(earlier, shift, outcome):
        return None
    fact = attendance_fact(
        outcome,
        shift,
        known.agents[shift.agent_id],
        known.team,
        attendance_id=attendance_id(shift),
        revision=earlier.fact.revision + 1 if earlier else 1,
        reason=reason,
    )
    told = evidence_of(known.change_of(shift), shift, evidence)
    return Settlement(fact=fact, evidence=told, settled_at=now)
