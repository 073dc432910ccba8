"""Judging a day with everything that excuses: approved leave and approved corrections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from services.roster.domain.attendance import Interval, Notice, Outcome, Punch, settle
from services.roster.domain.correction import Correction, corrected
from services.roster.domain.leave import Leave, keeps_from, without_leave
from services.roster.domain.shift import Shift
from shared.contracts.roster import Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known about one agent's day. `corrections` are approved ones, in the order of their decision."""

    punches: Sequence[Punch] = ()
    at_work: Sequence[Interval] = ()
    notice: Notice | None = None
    leave: Sequence[Leave] = ()
    corrections: Sequence[Correction] = ()


def judged(shift: Shift, evidence: Evidence, *, zone: ZoneInfo, tolerance_minutes: int) -> Outcome:
    """Settle a day. What leave or an approved correction explains is excused, with its minutes as they are."""
    punches = true_punches(evidence)

    def settled(planned: Cell | None, accountable: Cell | None) -> Outcome:
        return settle(
            planned,
            accountable,
            punches,
            evidence.notice,
            at_work=evidence.at_work,
            tolerance_minutes=tolerance_minutes,
        )

    outcome = settled(shift.planned, shift.accountable)
    if evidence.corrections:
        cause = "excused" if outcome.cause else None
        return replace(outcome, cause=cause, correction_id=evidence.corrections[-1].correction_id)
    leave = _that_concerns(shift, evidence.leave)
    if leave is None or outcome.cause is None:
        return outcome
    eased = settled(*(_left(leave, shift, cell, zone) for cell in (shift.planned, shift.accountable)))
    if eased.deviation in ("none", "unscheduled"):
        return replace(outcome, cause="excused", leave_id=leave.leave_id)
    if eased.cause == "agent" and outcome.cause != "agent":  # leave makes nobody guilty
        return outcome
    return replace(outcome, deviation=eased.deviation, deviation_minutes=eased.deviation_minutes, cause=eased.cause)


def true_punches(evidence: Evidence) -> list[Punch]:
    """The punches as they really were, in order and each once: with approved corrections."""
    punches = sorted(set(evidence.punches))
    for correction in evidence.corrections:
        punches = corrected(punches, correction)
    return punches


def _that_concerns(shift: Shift, found: Sequence[Leave]) -> Leave | None:
    return next((leave for leave in found for cell in shift.cells if keeps_from(leave, shift.on, cell)), None)


def _left(leave: Leave, shift: Shift, cell: Cell | None, zone: ZoneInfo) -> Cell | None:
    return without_leave(leave, shift.on, cell, zone, None) if cell else None
