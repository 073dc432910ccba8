"""Published rosters and shift changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.contracts.event import Event, event


@event("roster.roster.published.v1", subject="roster_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class RosterPublished(Event):
    """A roster version was published; `change_count` agents are asked."""

    roster_id: UUID
    team_id: UUID
    team_name: str
    number: int
    from_on: date
    to_on: date
    change_count: int
    published_by: str
    published_at: datetime
    note: str | None = None
    override_reason: str | None = None


@event("roster.roster.unresolved.v1", subject="roster_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class RosterUnresolved(Event):
    """Shift changes of a roster were refused, or nobody answered them, and nobody has decided what happens.

    `oldest_at` is since when the first of them waits, `first_start_at` when the first affected shift starts (it may be
    over). `told` is of supervisor, manager.
    """

    roster_id: UUID
    team_id: UUID
    team_name: str
    zone: str
    number: int
    refused_count: int
    expired_count: int
    oldest_at: datetime
    first_start_at: datetime
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one day of the sheet says: a code, and when it starts and ends (none for a day off)."""

    code: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayChange:
    """One day before and after. `None` means nothing was planned that day."""

    on: date
    before: Cell | None
    after: Cell | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftChangeFact(Event):
    """Whom a shift change concerns."""

    change_id: UUID
    roster_id: UUID
    number: int
    agent_id: UUID
    staff_no: str
    agent_name: str
    team_id: UUID
    team_name: str
    announced_at: datetime
    confirm_by: datetime
    first_start_at: datetime


@event("roster.shift_change.announced.v1", subject="change_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftChangeAnnounced(ShiftChangeFact):
    """One publication changes something for one agent, who is now asked. Times of days are shown in `zone`."""

    zone: str
    days: tuple[DayChange, ...]
    late_notice: bool
    diff_hash: str
    note: str | None = None


@event("roster.shift_change.confirmed.v1", subject="change_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftChangeConfirmed(ShiftChangeFact):
    """The agent said yes; their accountable shifts are now the planned ones."""

    channel: str
    confirmed_at: datetime


@event("roster.shift_change.refused.v1", subject="change_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftChangeRefused(ShiftChangeFact):
    """The agent said no; the supervisor must resolve it. Accountable shifts stay what they were."""

    reason: str
    channel: str
    refused_at: datetime


@event("roster.shift_change.expired.v1", subject="change_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftChangeExpired(ShiftChangeFact):
    """Nobody answered by `confirm_by`."""

    expired_at: datetime


@event("roster.shift_change.superseded.v1", subject="change_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftChangeSuperseded(ShiftChangeFact):
    """A newer publication replaced the question before it was answered."""

    superseded_at: datetime
    by_number: int
    by_change_id: UUID | None = None


@event("roster.shift_change.withdrawn.v1", subject="change_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftChangeWithdrawn(ShiftChangeFact):
    """The supervisor took the question back; the agent keeps what they had confirmed."""

    withdrawn_at: datetime
    reason: str


@event("roster.shift_change.resolved.v1", subject="change_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftChangeResolved(ShiftChangeFact):
    """The supervisor decided a refused or expired change: `withdraw`, `reassign` or `insist`."""

    resolution: str
    reason: str
    resolved_by: str
    resolved_at: datetime
