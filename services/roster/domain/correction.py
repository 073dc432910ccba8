"""A correction of a settled day: asked for by who is concerned, decided by somebody else, then settled again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.roster.domain.attendance import Punch
from services.roster.domain.decision import Reminder
from services.roster.domain.team import Team
from shared.contracts.refusal import Fault, Refusal
from shared.contracts.roster import CorrectionApproved, CorrectionRejected, CorrectionRequested, CorrectionUndecided

EARLIEST, LATEST = -timedelta(hours=12), timedelta(hours=48)
"""How far from the local midnight at which its day begins a corrected time can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """`requested → approved | rejected`, about one `revision` of a settled day; to be decided by `decide_by`.

    `came_at` and `went_at` say when the agent really came and went (none: as recorded). Once approved, what still
    deviates is excused.
    """

    correction_id: UUID
    attendance_id: UUID
    revision: int
    agent_id: UUID
    staff_no: str
    agent_name: str
    team_id: UUID
    shift_on: date
    came_at: datetime | None = None
    went_at: datetime | None = None
    reason: str
    state: str = "requested"
    requested_by: str
    requested_at: datetime
    decide_by: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision: str | None = None
    version: int = 1
    updated_at: datetime


def require_sound(correction: Correction, midnight: datetime, now: datetime) -> None:
    """The times are near the day (which begins at local `midnight`), in order, and not in the future."""
    faults = []
    for field, at in (("came_at", correction.came_at), ("went_at", correction.went_at)):
        if at is not None and (at > now or not EARLIEST <= at - midnight <= LATEST):
            faults.append(Fault(field, "correction-out-of-reach", {}))
    if correction.came_at and correction.went_at and correction.went_at <= correction.came_at:
        faults.append(Fault("went_at", "correction-backwards", {}))
    if faults:
        raise Refusal("invalid-value", faults=tuple(faults))


def requested(correction: Correction, team: Team, told: tuple[str, ...]) -> CorrectionRequested:
    """The news of a request."""
    return CorrectionRequested(**_fact(correction, team), told=told)


def undecided(
    correction: Correction, team: Team, reminder: Reminder, now: datetime
) -> tuple[Correction, CorrectionUndecided]:
    """Nobody has decided yet."""
    after = replace(correction, version=correction.version + 1, updated_at=now)
    return after, CorrectionUndecided(**_fact(correction, team), step=reminder.step, told=reminder.told)


def approved(
    correction: Correction, team: Team, *, by: str, now: datetime, decision: str | None
) -> tuple[Correction, CorrectionApproved]:
    """The day is to be settled again."""
    after = _decided(correction, "approved", by=by, now=now, decision=decision)
    return after, CorrectionApproved(**_fact(after, team), approved_by=by, approved_at=now, decision=decision)


def rejected(
    correction: Correction, team: Team, *, by: str, now: datetime, decision: str | None
) -> tuple[Correction, CorrectionRejected]:
    """What was settled stands."""
    after = _decided(correction, "rejected", by=by, now=now, decision=decision)
    return after, CorrectionRejected(**_fact(after, team), rejected_by=by, rejected_at=now, decision=decision)


def _decided(correction: Correction, state: str, *, by: str, now: datetime, decision: str | None) -> Correction:
    if correction.state != "requested":
        raise Refusal("correction-already-decided", state=correction.state)
    return replace(
        correction,
        state=state,
        decided_by=by,
        decided_at=now,
        decision=decision,
        version=correction.version + 1,
        updated_at=now,
    )


def _fact(correction: Correction, team: Team) -> dict[str, Any]:
    return {
        "correction_id": correction.correction_id,
        "attendance_id": correction.attendance_id,
        "agent_id": correction.agent_id,
        "staff_no": correction.staff_no,
        "agent_name": correction.agent_name,
        "team_id": correction.team_id,
        "team_name": team.name,
        "zone": team.zone,
        "shift_on": correction.shift_on,
        "reason": correction.reason,
        "requested_by": correction.requested_by,
        "requested_at": correction.requested_at,
        "decide_by": correction.decide_by,
    }


def corrected(punches: Iterable[Punch], correction: Correction) -> list[Punch]:
    """The punches with the first coming and the last going as the correction says."""
    found = sorted(set(punches))
    if correction.came_at:
        found = _replaced(found, Punch(correction.came_at, "in"), first=True)
    if correction.went_at:
        found = _replaced(found, Punch(correction.went_at, "out"), first=False)
    return found


def _replaced(punches: list[Punch], true: Punch, *, first: bool) -> list[Punch]:
    """Without the first (last) punch of the kind, and without what lies before (after) the true one."""
    of_kind = [punch for punch in punches if punch.kind == true.kind]
    wrong = (of_kind[0] if first else of_kind[-1]) if of_kind else None
    kept = [punch for punch in punches if punch != wrong and (punch.at > true.at if first else punch.at < true.at)]
    return sorted([true, *kept])


def correction_from(record: Any) -> Correction:
    """A correction from its stored record."""
    return Correction(**record)


def correction_record(correction: Correction) -> dict[str, Any]:
    """A correction in its stored form."""
    return {name: getattr(correction, name) for name in Correction.__slots__}
