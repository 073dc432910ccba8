"""A correction of a settled day: asked for by who is concerned, decided by somebody else, then settled again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.roster.domain.attendance import Punch
from shared.contracts.refusal import Fault, Refusal

EARLIEST, LATEST = -timedelta(hours=12), timedelta(hours=48)
"""How far from the local midnight at which its day begins a corrected time can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """`requested → approved | rejected`, about one `revision` of a settled day.

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


def decided(correction: Correction, state: str, *, by: str, now: datetime, decision: str | None) -> Correction:
    """Approved or rejected."""
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
