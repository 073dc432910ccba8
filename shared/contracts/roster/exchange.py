"""Leave, and shifts that change hands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.contracts.event import Event, event
from shared.contracts.roster.rosters import DayChange


@event("roster.leave.approved.v1", subject="leave_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveApproved(Event):
    """Somebody's leave was approved, both days included.

    Leave for part of a day has its instants (`from_on` is then `to_on`). `change_id` is the shift change by which the
    agent is told that their published shifts of these days are gone; none when no published shift was concerned.
    """

    leave_id: UUID
    agent_id: UUID
    staff_no: str
    agent_name: str
    team_id: UUID
    team_name: str
    zone: str
    kind: str
    from_on: date
    to_on: date
    approved_by: str
    approved_at: datetime
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    change_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapSide:
    """One agent's part in an exchange: their days before and after."""

    agent_id: UUID
    staff_no: str
    name: str
    days: tuple[DayChange, ...]


@event("roster.swap.completed.v1", subject="swap_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class SwapCompleted(Event):
    """Shifts changed hands in a new roster version that all `sides` have already confirmed.

    `kind`: `swap` (two sides), `give_away` (the giver, then the taker), `open_shift` (one side; `swap_id` is the open
    shift's id). `approved_by` is none when the team's rules approved it. Times are shown in `zone`.
    """

    swap_id: UUID
    kind: str
    team_id: UUID
    team_name: str
    zone: str
    roster_id: UUID
    number: int
    sides: tuple[SwapSide, ...]
    completed_at: datetime
    approved_by: str | None = None
    note: str | None = None
