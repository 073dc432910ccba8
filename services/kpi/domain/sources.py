"""Which event makes which facts. Each event carries enough for the whole fact, so the order of arrival is nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.kpi.domain.contact import contact_fact
from services.kpi.domain.fact import Dimensions, Fact, dimension_set, local_day
from services.kpi.domain.kinds import ATTENDANCE, CONTACT, SHIFT_CHANGE, Kind
from shared.contracts.cases import ContactRecorded
from shared.contracts.event import Envelope, Event
from shared.contracts.roster import (
    AttendanceCorrected,
    AttendanceFact,
    AttendanceSettled,
    ShiftChangeAnnounced,
    ShiftChangeConfirmed,
    ShiftChangeFact,
    ShiftChangeSuperseded,
    ShiftChangeWithdrawn,
)

Source = Callable[[Any, Envelope], list[Fact]]

MILLISECOND = timedelta(milliseconds=1)


def asked_change(event: ShiftChangeAnnounced, envelope: Envelope) -> list[Fact]:
    """An agent was asked."""
    return [_change(event, envelope, SHIFT_CHANGE.tally(asked=True))]


def confirmed_change(event: ShiftChangeConfirmed, envelope: Envelope) -> list[Fact]:
    """An agent said yes; in time when before their first changed shift starts."""
    in_time = event.confirmed_at < event.first_start_at
    tallies = SHIFT_CHANGE.tally(asked=True, confirmed_before_start=in_time, answered=True)
    return [_change(event, envelope, tallies, max(0, (event.confirmed_at - event.announced_at) // MILLISECOND))]


def uncounted_change(event: ShiftChangeSuperseded | ShiftChangeWithdrawn, envelope: Envelope) -> list[Fact]:
    """The question was taken back: nobody has to answer for it any more, and nothing is counted."""
    return [_change(event, envelope, 0)]


def settled_shift(event: AttendanceFact, envelope: Envelope) -> list[Fact]:
    """A shift was settled, or settled again."""
    deviated = event.deviation != "none"
    cause = event.cause if deviated else None
    belongs = Dimensions(
        agent=event.staff_no,
        agent_name=event.agent_name,
        team=str(event.team_id),
        team_name=event.team_name,
        cause=cause,
        deviation=event.deviation,
        zone=event.zone,
    )
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
            (event.scheduled_seconds * 1000, event.worked_seconds * 1000),
        )
    ]


def recorded_contacts(event: ContactRecorded, envelope: Envelope) -> list[Fact]:
    """Contacts were recorded or corrected; each carries its own version."""
    return list(map(contact_fact, event.contacts))


FACTS: dict[type[Event], tuple[tuple[Kind, Source], ...]] = {
    ShiftChangeAnnounced: ((SHIFT_CHANGE, asked_change),),
    ShiftChangeConfirmed: ((SHIFT_CHANGE, confirmed_change),),
    ShiftChangeSuperseded: ((SHIFT_CHANGE, uncounted_change),),
    ShiftChangeWithdrawn: ((SHIFT_CHANGE, uncounted_change),),
    AttendanceSettled: ((ATTENDANCE, settled_shift),),
    AttendanceCorrected: ((ATTENDANCE, settled_shift),),
    ContactRecorded: ((CONTACT, recorded_contacts),),
}


def _change(event: ShiftChangeFact, envelope: Envelope, tallies: int, ack_ms: int | None = None) -> Fact:
    belongs = Dimensions(
        agent=event.staff_no, agent_name=event.agent_name, team=str(event.team_id), team_name=event.team_name
    )
    return Fact(
        dimension_set(SHIFT_CHANGE, belongs),
        event.change_id,
        envelope.sequence,
        event.announced_at,
        local_day(event.announced_at, belongs.zone),
        tallies,
        (ack_ms,),
    )


def _shift_start(event: AttendanceFact) -> datetime:
    """When the shift began, held within its own day: a night shift counts on its `shift_on` however days are cut."""
    zone = ZoneInfo(event.zone)
    opens = datetime.combine(event.shift_on, time.min, zone).astimezone(UTC)
    closes = datetime.combine(event.shift_on, time(23, 45), zone).astimezone(UTC)
    starts = (cell.starts_at for cell in (event.planned, event.accountable) if cell)
    began = next(filter(None, (*starts, event.came_at)), opens)
    return min(max(began, opens), closes)
