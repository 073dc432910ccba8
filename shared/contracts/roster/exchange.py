"""Leave, and shifts that change hands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.contracts.event import Event, event
from shared.contracts.roster.rosters import Cell, DayChange


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
class LeaveFact(Event):
    """Leave that somebody asked for, both days included; for part of a day it has its instants."""

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
    requested_by: str
    requested_at: datetime
    decide_by: datetime
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@event("roster.leave.requested.v1", subject="leave_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveRequested(LeaveFact):
    """Leave was asked for; `told` (of lead, supervisor, manager) are to decide it by `decide_by`."""

    told: tuple[str, ...]


@event("roster.leave.undecided.v1", subject="leave_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveUndecided(LeaveFact):
    """Nobody has decided yet; `step` counts the reminders: halfway, at `decide_by`, then once a day."""

    step: int
    told: tuple[str, ...]


@event("roster.leave.rejected.v1", subject="leave_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveRejected(LeaveFact):
    """Leave was not granted."""

    rejected_by: str
    rejected_at: datetime
    reason: str | None = None


@event("roster.leave.withdrawn.v1", subject="leave_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveWithdrawn(LeaveFact):
    """The request was taken back before anybody decided it."""

    withdrawn_by: str
    withdrawn_at: datetime


@event("roster.leave.cancelled.v1", subject="leave_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveCancelled(LeaveFact):
    """Approved leave is not taken after all: `from_on` to `to_on` are the days given back.

    Of leave that had begun, `leave_to_on` is the last day that stays leave. `change_id` is the shift change that asks
    the agent about the shifts that come back; none when there are none.
    """

    cancelled_by: str
    cancelled_at: datetime
    reason: str | None = None
    leave_to_on: date | None = None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapFact(Event):
    """A shift that `from` offers `to`: for theirs of `to_on` (a `swap`) or for nothing (a `give_away`).

    `decide_by`: until when whose turn it is should answer. At `lapses_at` the first of the shifts begins.
    """

    swap_id: UUID
    kind: str
    team_id: UUID
    team_name: str
    zone: str
    from_staff_no: str
    from_name: str
    from_on: date
    from_shift: Cell
    to_staff_no: str
    to_name: str
    to_on: date | None
    to_shift: Cell | None
    offered_at: datetime
    decide_by: datetime
    lapses_at: datetime
    note: str | None = None


@event("roster.swap.offered.v1", subject="swap_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class SwapOffered(SwapFact):
    """A colleague is asked to take a shift."""


@event("roster.swap.accepted.v1", subject="swap_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class SwapAccepted(SwapFact):
    """Both sides agree, and it waits for approval: `told` (of lead, supervisor, manager) are to decide."""

    accepted_at: datetime
    told: tuple[str, ...]


@event("roster.swap.undecided.v1", subject="swap_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class SwapUndecided(SwapFact):
    """Nobody has answered an offer (`waits_for` is `taker`) or decided what both agreed to (`approval`) yet.

    `step` counts the reminders: halfway, at `decide_by`, then once a day. `told` is any of taker, giver, lead,
    supervisor, manager.
    """

    waits_for: str
    step: int
    told: tuple[str, ...]


@event("roster.swap.closed.v1", subject="swap_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class SwapClosed(SwapFact):
    """It came to nothing. `outcome`: `declined` (by the colleague or a lead), `withdrawn`, or `lapsed` (not approved
    when the first of its shifts began). `closed_by` is none when it lapsed."""

    outcome: str
    closed_at: datetime
    closed_by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenShiftFact(Event):
    """Hours that nobody has yet, for whoever of the team can work them (`skills`) and claims first."""

    open_shift_id: UUID
    team_id: UUID
    team_name: str
    zone: str
    shift_on: date
    code: str
    starts_at: datetime
    ends_at: datetime
    skills: tuple[str, ...]
    opened_by: str
    opened_at: datetime
    note: str | None = None


@event("roster.open_shift.opened.v1", subject="open_shift_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class OpenShiftOpened(OpenShiftFact):
    """A shift was put up to be claimed."""


@event("roster.open_shift.unclaimed.v1", subject="open_shift_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class OpenShiftUnclaimed(OpenShiftFact):
    """Nobody has claimed it yet; `step` counts the reminders. `told` is any of opener, lead, supervisor, manager."""

    step: int
    told: tuple[str, ...]


@event("roster.open_shift.closed.v1", subject="open_shift_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class OpenShiftClosed(OpenShiftFact):
    """It is not to be claimed any more. `outcome`: `withdrawn`, or `lapsed` (it began and nobody had claimed it)."""

    outcome: str
    closed_at: datetime
    closed_by: str | None = None
    reason: str | None = None
