"""Leave: asked for, then approved, rejected or taken back. Whole days of shifts, or hours of one day."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.roster.domain.decision import Reminder
from services.roster.domain.roster import require_sensible_period
from services.roster.domain.team import Team
from shared.contracts.refusal import Fault, Refusal
from shared.contracts.roster import (
    Cell,
    LeaveApproved,
    LeaveCancelled,
    LeaveRejected,
    LeaveRequested,
    LeaveUndecided,
    LeaveWithdrawn,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Somebody's leave, both days included. Leave for part of one day has instants.

    `requested → approved | rejected | withdrawn`, `approved → cancelled`. It is to be decided by `decide_by`.
    `change_ids` are the shift changes its approval made.
    """

    leave_id: UUID
    agent_id: UUID
    staff_no: str
    agent_name: str
    team_id: UUID
    kind: str
    from_on: date
    to_on: date
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    note: str | None = None
    state: str = "requested"
    requested_by: str
    requested_at: datetime
    decide_by: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    change_ids: tuple[UUID, ...] = ()
    version: int = 1
    updated_at: datetime


def keeps_from(leave: Leave, on: date, cell: Cell | None) -> bool:
    """Whether leave and a shift of that day exclude each other.

    Whole days of leave concern the shifts that begin on them (`shift_on`): a night shift of the evening before is not
    leave's. Leave for hours concerns what overlaps with it. A day without hours conflicts with nothing.
    """
    if cell is None or cell.starts_at is None or cell.ends_at is None or not leave.from_on <= on <= leave.to_on:
        return False
    if leave.starts_at is None or leave.ends_at is None:
        return True
    return leave.starts_at < cell.ends_at and cell.starts_at < leave.ends_at


def without_leave(leave: Leave, on: date, cell: Cell, zone: ZoneInfo, code: str | None) -> Cell | None:
    """What is left of a day's shift: `code` as a day off (none: nothing), or the part before or after hours of leave.

    Hours in the middle leave the shift as it is: a cell has one start and one end.
    """
    if not keeps_from(leave, on, cell) or cell.starts_at is None or cell.ends_at is None:
        return cell
    starts_at, ends_at = leave.starts_at or cell.starts_at, leave.ends_at or cell.ends_at
    if starts_at <= cell.starts_at and cell.ends_at <= ends_at:
        return Cell(code=code) if code else None
    if starts_at <= cell.starts_at:
        return _cell(ends_at, cell.ends_at, zone)
    return _cell(cell.starts_at, starts_at, zone) if cell.ends_at <= ends_at else cell


def _cell(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> Cell:
    code = f"{starts_at.astimezone(zone):%H:%M}-{ends_at.astimezone(zone):%H:%M}"
    return Cell(code=code, starts_at=starts_at, ends_at=ends_at)


def require_sound(leave: Leave, zone: ZoneInfo) -> None:
    """A period runs forward; hours come as two whole minutes within its one day."""
    if (leave.starts_at, leave.ends_at) == (None, None):
        require_sensible_period(leave.from_on, leave.to_on)
    elif not _is_within_a_day(leave, zone):
        raise Refusal("invalid-value", faults=(Fault("ends_at", "leave-hours-in-one-day", {}),))


def _is_within_a_day(leave: Leave, zone: ZoneInfo) -> bool:
    """Ending at midnight is still that day. A night shift's hours after midnight belong to the day it began on."""
    if leave.starts_at is None or leave.ends_at is None or leave.from_on != leave.to_on:
        return False
    whole = all(moment == moment.replace(second=0, microsecond=0) for moment in (leave.starts_at, leave.ends_at))
    hours = leave.ends_at - leave.starts_at
    began_on = leave.starts_at.astimezone(zone).date()
    return whole and timedelta() < hours <= timedelta(days=1) and 0 <= (began_on - leave.from_on).days <= 1


def require_open(leave: Leave) -> None:
    """Refuse to decide what is decided already."""
    if leave.state != "requested":
        raise Refusal("leave-already-decided", state=leave.state)


def require_apart(leave: Leave, others: Iterable[Leave]) -> None:
    """Refuse leave for time that has been asked for or granted already."""
    for other in others:
        if _overlap(leave, other):
            raise Refusal("leave-overlaps", from_on=str(other.from_on), to_on=str(other.to_on))


def _overlap(one: Leave, other: Leave) -> bool:
    """Of leave for the same days."""
    if one.starts_at is None or one.ends_at is None or other.starts_at is None or other.ends_at is None:
        return True
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def approved(
    leave: Leave, team: Team, *, by: str, now: datetime, reason: str | None, change_ids: tuple[UUID, ...]
) -> tuple[Leave, LeaveApproved]:
    """Leave is granted."""
    after = replace(_decided(leave, "approved", by, now, reason), change_ids=change_ids)
    return after, LeaveApproved(
        leave_id=leave.leave_id,
        agent_id=leave.agent_id,
        staff_no=leave.staff_no,
        agent_name=leave.agent_name,
        team_id=leave.team_id,
        team_name=team.name,
        zone=team.zone,
        kind=leave.kind,
        from_on=leave.from_on,
        to_on=leave.to_on,
        starts_at=leave.starts_at,
        ends_at=leave.ends_at,
        approved_by=by,
        approved_at=now,
        change_id=change_ids[0] if change_ids else None,
    )


def rejected(leave: Leave, team: Team, *, by: str, now: datetime, reason: str | None) -> tuple[Leave, LeaveRejected]:
    """Leave is not granted."""
    after = _decided(leave, "rejected", by, now, reason)
    return after, LeaveRejected(**_fact(after, team), rejected_by=by, rejected_at=now, reason=reason)


def withdrawn(leave: Leave, team: Team, *, by: str, now: datetime) -> tuple[Leave, LeaveWithdrawn]:
    """The request is taken back before it was decided."""
    after = _decided(leave, "withdrawn", by, now, None)
    return after, LeaveWithdrawn(**_fact(after, team), withdrawn_by=by, withdrawn_at=now)


def days_given_back(leave: Leave, zone: ZoneInfo, now: datetime) -> tuple[date, date]:
    """The days of approved leave that have not begun; refused when there are none."""
    if leave.state != "approved":
        raise Refusal("leave-not-approved", state=leave.state)
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    has_begun = leave.from_on < tomorrow if leave.starts_at is None else leave.starts_at <= now
    first = max(leave.from_on, tomorrow) if has_begun else leave.from_on
    if first > leave.to_on or (has_begun and leave.starts_at):
        raise Refusal("leave-has-begun", to_on=str(leave.to_on))
    return first, leave.to_on


def cancelled(
    leave: Leave, team: Team, *, from_on: date, by: str, now: datetime, reason: str | None, change_id: UUID | None
) -> tuple[Leave, LeaveCancelled]:
    """Approved leave is given back from a day on: all of it, or what had not begun."""
    if from_on == leave.from_on:
        after, last = replace(leave, state="cancelled"), None
    else:
        last = from_on - timedelta(days=1)
        after = replace(leave, to_on=last)
    after = replace(after, version=leave.version + 1, updated_at=now)
    told = _fact(leave, team) | {"from_on": from_on}
    event = LeaveCancelled(
        **told, cancelled_by=by, cancelled_at=now, reason=reason, leave_to_on=last, change_id=change_id
    )
    return after, event


def requested(leave: Leave, team: Team, told: tuple[str, ...]) -> LeaveRequested:
    """The news of a request."""
    return LeaveRequested(**_fact(leave, team), told=told)


def undecided(leave: Leave, team: Team, reminder: Reminder, now: datetime) -> tuple[Leave, LeaveUndecided]:
    """Nobody has decided yet."""
    after = replace(leave, version=leave.version + 1, updated_at=now)
    return after, LeaveUndecided(**_fact(leave, team), step=reminder.step, told=reminder.told)


def begins_at(leave: Leave, zone: ZoneInfo) -> datetime:
    """When leave begins: at its hour, or at the local midnight of its first day."""
    return leave.starts_at or datetime.combine(leave.from_on, time(), zone).astimezone(UTC)


def _decided(leave: Leave, state: str, by: str, now: datetime, reason: str | None) -> Leave:
    require_open(leave)
    return replace(
        leave,
        state=state,
        decided_by=by,
        decided_at=now,
        reason=reason,
        version=leave.version + 1,
        updated_at=now,
    )


def leave_from(record: Any) -> Leave:
    """Leave from its stored record."""
    return Leave(**{**record, "change_ids": tuple(map(UUID, json.loads(record["change_ids"])))})


def leave_record(leave: Leave) -> dict[str, Any]:
    """Leave in its stored form."""
    plain = {name: getattr(leave, name) for name in Leave.__slots__}
    return plain | {"change_ids": json.dumps([*map(str, leave.change_ids)])}


def _fact(leave: Leave, team: Team) -> dict[str, Any]:
    return {
        "leave_id": leave.leave_id,
        "agent_id": leave.agent_id,
        "staff_no": leave.staff_no,
        "agent_name": leave.agent_name,
        "team_id": leave.team_id,
        "team_name": team.name,
        "zone": team.zone,
        "kind": leave.kind,
        "from_on": leave.from_on,
        "to_on": leave.to_on,
        "requested_by": leave.requested_by,
        "requested_at": leave.requested_at,
        "decide_by": leave.decide_by,
        "starts_at": leave.starts_at,
        "ends_at": leave.ends_at,
    }
