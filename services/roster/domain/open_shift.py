"""Open shifts: hours that nobody has yet, for whoever can and claims first."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.roster.domain.agent import Agent
from services.roster.domain.decision import Reminder
from shared.contracts.refusal import Refusal
from shared.contracts.roster import (
    Cell,
    DayChange,
    OpenShiftClosed,
    OpenShiftFact,
    OpenShiftOpened,
    OpenShiftUnclaimed,
    SwapCompleted,
    SwapSide,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenShift:
    """`open → claimed | withdrawn | lapsed` (nobody claimed it before it began). `number` is the roster version that
    the claim made. Times are shown in `zone`."""

    open_shift_id: UUID
    roster_id: UUID
    team_id: UUID
    team_name: str
    zone: str
    shift_on: date
    code: str
    starts_at: datetime
    ends_at: datetime
    skills: tuple[str, ...] = ()
    note: str | None = None
    state: str = "open"
    opened_by: str
    opened_at: datetime
    claimed_by: UUID | None = None
    claimed_staff_no: str | None = None
    claimed_name: str | None = None
    claimed_at: datetime | None = None
    number: int | None = None
    reason: str | None = None
    version: int = 1
    updated_at: datetime

    @property
    def cell(self) -> Cell:
        """The shift as a cell of the sheet."""
        return Cell(code=self.code, starts_at=self.starts_at, ends_at=self.ends_at)


def require_open(shift: OpenShift, now: datetime) -> None:
    """Refuse what somebody else has already, what is gone, and what has begun."""
    if shift.state == "claimed":
        raise Refusal("open-shift-taken")
    if shift.state != "open" or shift.starts_at <= now:
        raise Refusal("open-shift-closed", state=shift.state)


def claimed(
    shift: OpenShift, agent: Agent, *, number: int, before: Cell | None, now: datetime
) -> tuple[OpenShift, SwapCompleted]:
    """Somebody has it."""
    after = replace(
        shift,
        state="claimed",
        claimed_by=agent.agent_id,
        claimed_staff_no=agent.staff_no,
        claimed_name=agent.name,
        claimed_at=now,
        number=number,
        version=shift.version + 1,
        updated_at=now,
    )
    side = SwapSide(
        agent_id=agent.agent_id,
        staff_no=agent.staff_no,
        name=agent.name,
        days=(DayChange(on=shift.shift_on, before=before, after=shift.cell),),
    )
    return after, SwapCompleted(
        swap_id=shift.open_shift_id,
        kind="open_shift",
        team_id=shift.team_id,
        team_name=shift.team_name,
        zone=shift.zone,
        roster_id=shift.roster_id,
        number=number,
        sides=(side,),
        completed_at=now,
        note=shift.note,
    )


def closed(
    shift: OpenShift, state: str, *, now: datetime, by: str | None = None, reason: str | None = None
) -> tuple[OpenShift, OpenShiftClosed]:
    """Nobody is to claim it any more."""
    after = replace(shift, state=state, reason=reason, version=shift.version + 1, updated_at=now)
    return after, OpenShiftClosed(**_fact(shift), outcome=state, closed_at=now, closed_by=by, reason=reason)


def opened(shift: OpenShift) -> OpenShiftOpened:
    """The news that a shift is there to be claimed."""
    return OpenShiftOpened(**_fact(shift))


def unclaimed(shift: OpenShift, reminder: Reminder, now: datetime) -> tuple[OpenShift, OpenShiftUnclaimed]:
    """Nobody has claimed it yet."""
    after = replace(shift, version=shift.version + 1, updated_at=now)
    return after, OpenShiftUnclaimed(**_fact(shift), step=reminder.step, told=reminder.told)


def claim_by(shift: OpenShift, within: timedelta) -> datetime:
    """When it is to have an owner: so long before it begins, but not before half of the time has passed."""
    halfway = shift.opened_at + (shift.starts_at - shift.opened_at) / 2
    return max(shift.starts_at - within, halfway)


def _fact(shift: OpenShift) -> dict[str, Any]:
    return {one.name: getattr(shift, one.name) for one in fields(OpenShiftFact)}


def open_shift_from(record: Any) -> OpenShift:
    """An open shift from its stored record."""
    return OpenShift(**{**record, "skills": tuple(json.loads(record["skills"]))})


def open_shift_record(shift: OpenShift) -> dict[str, Any]:
    """An open shift in its stored form."""
    return {name: getattr(shift, name) for name in OpenShift.__slots__} | {"skills": json.dumps(shift.skills)}
