"""Leave: asked for, then approved, rejected or taken back. Whole days of shifts, or hours of one day."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.contracts.refusal import Refusal
from shared.contracts.roster import Cell, LeaveApproved

LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Somebody's leave, both days included. Leave for part of one day has instants.

    `requested → approved | rejected | withdrawn`. `change_ids` are the shift changes its approval made.
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


def approved(
    leave: Leave, *, by: str, now: datetime, reason: str | None, change_ids: tuple[UUID, ...], team_name: str, zone: str
) -> tuple[Leave, LeaveApproved]:
    """Leave is granted."""
    after = replace(_decided(leave, "approved", by, now, reason), change_ids=change_ids)
    return after, LeaveApproved(
        leave_id=leave.leave_id,
        agent_id=leave.agent_id,
        staff_no=leave.staff_no,
        agent_name=leave.agent_name,
        team_id=leave.team_id,
        team_name=team_name,
        zone=zone,
        kind=leave.kind,
        from_on=leave.from_on,
        to_on=leave.to_on,
        starts_at=leave.starts_at,
        ends_at=leave.ends_at,
        approved_by=by,
        approved_at=now,
        change_id=change_ids[0] if change_ids else None,
    )


def rejected(leave: Leave, *, by: str, now: datetime, reason: str) -> Leave:
    """Leave is not granted; the reason is kept."""
    return _decided(leave, "rejected", by, now, reason)


def withdrawn(leave: Leave, *, by: str, now: datetime) -> Leave:
    """The request is taken back before it was decided."""
    return _decided(leave, "withdrawn", by, now, None)


def _decided(leave: Leave, state: str, by: str, now: datetime, reason: str | None) -> Leave:
    if leave.state != "requested":
        raise Refusal("leave-already-decided", state=leave.state)
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
