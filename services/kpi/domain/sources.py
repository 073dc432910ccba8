"""Which event makes which facts. Each event carries enough for the whole fact, so the order of arrival is nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from services.kpi.domain.contact import contact_fact
from services.kpi.domain.fact import Dimensions, Fact
from services.kpi.domain.kinds import ATTENDANCE, SHIFT_CHANGE, AttendanceMeasures, ShiftChangeMeasures
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


def asked_change(event: ShiftChangeAnnounced, envelope: Envelope) -> list[Fact]:
    """An agent was asked."""
    return [_change(event, envelope, ShiftChangeMeasures(asked=1))]


def confirmed_change(event: ShiftChangeConfirmed, envelope: Envelope) -> list[Fact]:
    """An agent said yes; in time when before their first changed shift starts."""
    in_time = event.confirmed_at < event.first_start_at
    return [_change(event, envelope, ShiftChangeMeasures(asked=1, confirmed_before_start=int(in_time)))]


def uncounted_change(event: ShiftChangeSuperseded | ShiftChangeWithdrawn, envelope: Envelope) -> list[Fact]:
    """The question was taken back: nobody has to answer for it any more, and nothing is counted."""
    return [_change(event, envelope, ShiftChangeMeasures())]


def settled_shift(event: AttendanceFact, envelope: Envelope) -> list[Fact]:
    """A shift was settled, or settled again."""
    cause = event.cause if event.deviation != "none" else None
    return [
        Fact(
            kind=ATTENDANCE.name,
            key=event.attendance_id,
            version=envelope.sequence,
            happened_at=_shift_start(event),
            dimensions=Dimensions(
                agent=event.staff_no,
                agent_name=event.agent_name,
                team=str(event.team_id),
                team_name=event.team_name,
                cause=cause,
                deviation=event.deviation,
                zone=event.zone,
            ),
            measures=AttendanceMeasures(
                settled=1,
                deviations=int(event.deviation != "none"),
                deviations_by_agent=int(cause == "agent"),
                deviations_by_management=int(cause == "management"),
            ),
            shift_on=event.shift_on,
        )
    ]


def recorded_contacts(event: ContactRecorded, envelope: Envelope) -> list[Fact]:
    """Contacts were recorded or corrected; each carries its own version."""
    return [contact_fact(contact) for contact in event.contacts]


FACTS: dict[type[Event], Source] = {
    ShiftChangeAnnounced: asked_change,
    ShiftChangeConfirmed: confirmed_change,
    ShiftChangeSuperseded: uncounted_change,
    ShiftChangeWithdrawn: uncounted_change,
    AttendanceSettled: settled_shift,
    AttendanceCorrected: settled_shift,
    ContactRecorded: recorded_contacts,
}


def _change(event: ShiftChangeFact, envelope: Envelope, measures: ShiftChangeMeasures) -> Fact:
    return Fact(
        kind=SHIFT_CHANGE.name,
        key=event.change_id,
        version=envelope.sequence,
        happened_at=event.announced_at,
        dimensions=Dimensions(
            agent=event.staff_no, agent_name=event.agent_name, team=str(event.team_id), team_name=event.team_name
        ),
        measures=measures,
    )


def _shift_start(event: AttendanceFact) -> datetime:
    """When the shift began, held within its own day: a night shift counts on its `shift_on` however days are cut."""
    zone = ZoneInfo(event.zone)
    opens = datetime.combine(event.shift_on, time.min, zone).astimezone(UTC)
    closes = datetime.combine(event.shift_on, time(23, 45), zone).astimezone(UTC)
    starts = (cell.starts_at for cell in (event.planned, event.accountable) if cell)
    began = next(filter(None, (*starts, event.came_at)), opens)
    return min(max(began, opens), closes)
