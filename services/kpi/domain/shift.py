"""Who works when, as far as it says on which day something counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from services.kpi.domain.fact import local_day
from shared.contracts.event import Envelope
from shared.contracts.roster import AttendanceFact, Cell, ShiftChangeAnnounced

INSTANT = timedelta(microseconds=1)


class Shift(NamedTuple):
    """An agent's shift of a day, or (without times) that they have none. `settled`: they answer for it."""

    staff_no: str
    shift_on: date
    starts_at: datetime | None
    ends_at: datetime | None
    over_midnight: bool
    settled: bool
    told_at: datetime


def shifts_told(envelope: Envelope) -> Iterator[Shift]:
    """The shifts that an event of roster tells of."""
    event, at = envelope.data, envelope.time
    if isinstance(event, ShiftChangeAnnounced):
        for day in event.days:
            yield _shift(event.staff_no, day.on, day.after, event.zone, settled=False, told_at=at)
    elif isinstance(event, AttendanceFact):
        answered_for = event.accountable or event.planned
        yield _shift(event.staff_no, event.shift_on, answered_for, event.zone, settled=True, told_at=at)


def newest(shifts: Iterable[Shift]) -> list[Shift]:
    """One for each agent and day, in the order in which they are locked: a settled one first, then the newest."""
    found: dict[tuple[str, date], Shift] = {}
    for shift in shifts:
        known = found.setdefault((shift.staff_no, shift.shift_on), shift)
        if (known.settled, known.told_at) < (shift.settled, shift.told_at):
            found[shift.staff_no, shift.shift_on] = shift
    return [found[key] for key in sorted(found)]


def _shift(staff_no: str, on: date, cell: Cell | None, zone: str, *, settled: bool, told_at: datetime) -> Shift:
    starts_at, ends_at = (cell.starts_at, cell.ends_at) if cell else (None, None)
    over_midnight = ends_at is not None and local_day(ends_at - INSTANT, zone) > on
    return Shift(staff_no, on, starts_at, ends_at, over_midnight, settled, told_at)
