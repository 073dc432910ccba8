"""Facts of roster's events: shift changes, settled shifts, adherence."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.kpi.domain.fact import Dimensions, Fact, by_rules, dimension_set, local_day
from services.kpi.domain.kinds import ADHERENCE, ATTENDANCE, SHIFT_CHANGE
from services.kpi.domain.sources.source import Sources
from shared.contracts.event import Envelope, Event
from shared.contracts.roster import (
    AdherenceMeasured,
    AttendanceCorrected,
    AttendanceFact,
    AttendanceSettled,
    ShiftChangeAnnounced,
    ShiftChangeConfirmed,
    ShiftChangeFact,
    ShiftChangeSuperseded,
    ShiftChangeWithdrawn,
)

MILLISECOND = timedelta(milliseconds=1)

NOTHING = (0,) * 7


def asked_change(event: ShiftChangeAnnounced, envelope: Envelope) -> list[Fact]:
    """An agent was asked."""
    return [_change(event, envelope, SHIFT_CHANGE.tally(asked=True))]


def confirmed_change(event: ShiftChangeConfirmed, envelope: Envelope) -> list[Fact]:
    """An agent said yes; in time when before their first changed shift starts."""
    in_time = event.confirmed_at < event.first_start_at
    tallies = SHIFT_CHANGE.tally(asked=True, confirmed_before_start=in_time, confirmed=True)
    return [_change(event, envelope, tallies, max(0, (event.confirmed_at - event.announced_at) // MILLISECOND))]


def uncounted_change(event: ShiftChangeSuperseded | ShiftChangeWithdrawn, envelope: Envelope) -> list[Fact]:
    """The question was taken back: nobody has to answer for it any more, and nothing is counted."""
    return [_change(event, envelope, 0)]


def settled_shift(event: AttendanceFact, envelope: Envelope) -> list[Fact]:
    """A shift was settled, or settled again."""
    deviated = event.deviation != "none"
    cause = event.cause if deviated else None
    belongs = _of_agent(event)._replace(cause=cause, deviation=event.deviation, zone=event.zone)
    tallies = ATTENDANCE.tally(
        settled=True,
        deviations=deviated,
        deviations_by_agent=cause == "agent",
        deviations_by_management=cause == "management",
        deviations_by_system=cause == "system",
        deviations_excused=cause == "excused",
        scheduled=event.scheduled_seconds > 0,
        attended=event.scheduled_seconds > 0 and event.deviation != "absent",
    )
    return [
        Fact(
            dimension_set(ATTENDANCE, belongs),
            event.attendance_id,
            envelope.sequence,
            _shift_start(event),
            event.shift_on,
            tallies,
            judged_by=by_rules(
                planned_roster_version=event.planned_number, accountable_roster_version=event.accountable_number
            ),
        )
    ]


def measured_adherence(event: AdherenceMeasured, envelope: Envelope) -> list[Fact]:
    """Adherence to a schedule was measured: to the one in force, or to one that was edited afterwards."""
    scheduled, adhered = event.scheduled_seconds, max(0, event.scheduled_seconds - event.exception_seconds)
    kept = max(0, event.break_seconds - event.break_exception_seconds)
    worked = (event.worked_seconds, event.break_seconds, kept, event.busy_seconds, event.ready_seconds)
    in_force = event.basis == "in_force"
    seconds = (scheduled, adhered, *worked, 0, 0) if in_force else (*NOTHING, scheduled, adhered)
    tallies = ADHERENCE.tally(measured=in_force, measured_as_edited=not in_force)
    belongs = dimension_set(ADHERENCE, _of_agent(event)._replace(zone=event.zone))
    happened_at = event.intervals[0].starts_at if event.intervals else event.measured_at
    in_ms = tuple(each * 1000 for each in seconds)
    at = _within_day(happened_at, event.shift_on, event.zone)
    rules = by_rules(basis=event.basis, planned_roster_version=event.planned_number)
    measured = Fact(belongs, event.measure_id, envelope.sequence, at, event.shift_on, tallies, in_ms)
    return [measured._replace(judged_by=rules)]


ROSTER: dict[type[Event], Sources] = {
    ShiftChangeAnnounced: ((SHIFT_CHANGE, asked_change),),
    ShiftChangeConfirmed: ((SHIFT_CHANGE, confirmed_change),),
    ShiftChangeSuperseded: ((SHIFT_CHANGE, uncounted_change),),
    ShiftChangeWithdrawn: ((SHIFT_CHANGE, uncounted_change),),
    AttendanceSettled: ((ATTENDANCE, settled_shift),),
    AttendanceCorrected: ((ATTENDANCE, settled_shift),),
    AdherenceMeasured: ((ADHERENCE, measured_adherence),),
}


def _of_agent(event: ShiftChangeFact | AttendanceFact | AdherenceMeasured) -> Dimensions:
    return Dimensions(
        agent=event.staff_no, agent_name=event.agent_name, team=str(event.team_id), team_name=event.team_name
    )


def _change(event: ShiftChangeFact, envelope: Envelope, tallies: int, ack_ms: int | None = None) -> Fact:
    return Fact(
        dimension_set(SHIFT_CHANGE, _of_agent(event)),
        event.change_id,
        envelope.sequence,
        event.announced_at,
        local_day(event.announced_at, None),
        tallies,
        (ack_ms,),
    )


def _shift_start(event: AttendanceFact) -> datetime:
    """When the shift began, by the plan, else when its agent came."""
    starts = (cell.starts_at for cell in (event.planned, event.accountable) if cell)
    began = next(filter(None, (*starts, event.came_at)), None)
    return _within_day(began, event.shift_on, event.zone)


def _within_day(at: datetime | None, day: date, zone: str) -> datetime:
    """The time, held within the day: a night shift counts on its `shift_on` however days are cut."""
    place = ZoneInfo(zone)
    opens = datetime.combine(day, time.min, place).astimezone(UTC)
    closes = datetime.combine(day, time(23, 45), place).astimezone(UTC)
    return min(max(at or opens, opens), closes)
