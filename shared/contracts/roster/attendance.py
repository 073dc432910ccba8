"""Settled shifts, and measured adherence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.contracts.event import Event, event
from shared.contracts.roster.rosters import Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceFact(Event):
    """What one agent was to work on one day, what they answered for, what they did, and whose cause a deviation is.

    `deviation`: none, late, left_early, absent, wrong_shift, unscheduled; `cause`: agent, management, system, excused.
    `scheduled_seconds` and `worked_seconds` are against the planned shift. An excused one names the approved leave or
    correction that excuses it.
    """

    attendance_id: UUID
    revision: int
    agent_id: UUID
    staff_no: str
    agent_name: str
    team_id: UUID
    team_name: str
    zone: str
    shift_on: date
    planned: Cell | None
    accountable: Cell | None
    came_at: datetime | None
    went_at: datetime | None
    deviation: str
    deviation_minutes: int
    cause: str | None
    scheduled_seconds: int
    worked_seconds: int
    planned_number: int | None = None
    accountable_number: int | None = None
    change_id: UUID | None = None
    leave_id: UUID | None = None
    correction_id: UUID | None = None


@event("roster.attendance.settled.v1", subject="attendance_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceSettled(AttendanceFact):
    """A shift was settled after its end."""


@event("roster.attendance.corrected.v1", subject="attendance_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceCorrected(AttendanceFact):
    """A settled shift was settled again on new input; the earlier revision stays."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionFact(Event):
    """Somebody disputes how a day was settled, and says why (`reason`)."""

    correction_id: UUID
    attendance_id: UUID
    agent_id: UUID
    staff_no: str
    agent_name: str
    team_id: UUID
    team_name: str
    zone: str
    shift_on: date
    reason: str
    requested_by: str
    requested_at: datetime
    decide_by: datetime


@event("roster.correction.requested.v1", subject="correction_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionRequested(CorrectionFact):
    """A correction was asked for; `told` (of lead, supervisor, manager) are to decide it by `decide_by`."""

    told: tuple[str, ...]


@event("roster.correction.undecided.v1", subject="correction_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionUndecided(CorrectionFact):
    """Nobody has decided yet; `step` counts the reminders: halfway, at `decide_by`, then once a day."""

    step: int
    told: tuple[str, ...]


@event("roster.correction.approved.v1", subject="correction_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionApproved(CorrectionFact):
    """The day is settled again, and what still deviates is excused."""

    approved_by: str
    approved_at: datetime
    decision: str | None = None


@event("roster.correction.rejected.v1", subject="correction_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionRejected(CorrectionFact):
    """What was settled stands."""

    rejected_by: str
    rejected_at: datetime
    decision: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdherenceInterval:
    """One quarter hour (UTC, beginning at `starts_at`) of a measured shift, in seconds; they add up to the whole."""

    starts_at: datetime
    scheduled_seconds: int
    worked_seconds: int
    exception_seconds: int
    outside_seconds: int
    break_seconds: int
    break_exception_seconds: int
    busy_seconds: int
    ready_seconds: int


@event("roster.adherence.measured.v1", subject="measure_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class AdherenceMeasured(Event):
    """How far an agent kept to a schedule on one day; each revision replaces the one before it.

    `basis` says against which schedule: `in_force`, the one in force while it ran (this is the figure), or `edited`, a
    version `planned_number` published afterwards: a second figure beside the first, never instead of it.
    `scheduled_seconds` is planned work without breaks; `worked_seconds` all work, inside it or not;
    `exception_seconds` planned work not worked; `outside_seconds` work at other times. Adherence is
    max(0, 1 - exception / scheduled), or max(0, 1 - (exception + outside) / (scheduled + outside)) where work outside
    the schedule counts as an exception; conformance is worked / scheduled; both undefined when nothing is scheduled.
    `break_exception_seconds`: planned break not taken, and break taken at other times; what was kept of the break is
    max(0, 1 - break_exception / break). Occupancy is busy / (busy + ready), from agent states only.
    `source`: `states` (from the switch), `punches`, or `none` (nothing is known of that day: nobody was there).
    """

    measure_id: UUID
    attendance_id: UUID
    revision: int
    basis: str
    agent_id: UUID
    staff_no: str
    agent_name: str
    team_id: UUID
    team_name: str
    zone: str
    shift_on: date
    shift_code: str | None
    planned_number: int | None
    source: str
    scheduled_seconds: int
    worked_seconds: int
    exception_seconds: int
    outside_seconds: int
    break_seconds: int
    break_exception_seconds: int
    busy_seconds: int
    ready_seconds: int
    intervals: tuple[AdherenceInterval, ...]
    measured_at: datetime
