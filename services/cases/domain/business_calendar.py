"""Business calendars as data: several windows a day, nights, dated exceptions; each change makes a new version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from shared.contracts.refusal import Fault, Refusal

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LEAST_MINUTES_A_WEEK = 60
MINUTES_A_DAY = 1440


@dataclass(frozen=True, slots=True)
class OpenHours:
    """From `start` to `end` (`HH:MM`, local); an end not after the start is on the next day."""

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class WeekHours:
    """The hours that begin on each day of the week."""

    mon: tuple[OpenHours, ...] = ()
    tue: tuple[OpenHours, ...] = ()
    wed: tuple[OpenHours, ...] = ()
    thu: tuple[OpenHours, ...] = ()
    fri: tuple[OpenHours, ...] = ()
    sat: tuple[OpenHours, ...] = ()
    sun: tuple[OpenHours, ...] = ()


@dataclass(frozen=True, slots=True)
class DatedHours:
    """The hours of one date, in place of the regular ones; none: closed."""

    on: date
    windows: tuple[OpenHours, ...] = ()
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCalendar:
    """One version of a calendar, in force from `since`.

    `zone` none: the zone of the case or team that uses it. `make_up` are the hours of official make-up days whose
    weekday has none; with `holidays` false official holidays are worked and make-up days unknown. `teams` are the codes
    of teams and partners that work by it.
    """

    calendar_id: UUID
    code: str
    name: str
    version: int
    since: datetime
    zone: str | None = None
    windows: WeekHours = WeekHours()
    make_up: tuple[OpenHours, ...] = ()
    overrides: tuple[DatedHours, ...] = ()
    holidays: bool = True
    teams: tuple[str, ...] = ()


def require_sound(calendar: BusinessCalendar) -> BusinessCalendar:
    """Refuse a calendar with overlapping hours, a date given twice, or hardly any hours at all."""
    faults = [fault for place, hours in _places(calendar) for fault in _overlaps(place, hours)]
    dates = [one.on for one in calendar.overrides]
    faults += [
        Fault(f"overrides.{place}.on", "calendar-date-twice", {"on": on.isoformat()})
        for place, on in enumerate(dates)
        if on in dates[:place]
    ]
    if sum(_minutes(hours) for day in DAYS for hours in getattr(calendar.windows, day)) < LEAST_MINUTES_A_WEEK:
        faults.append(Fault("windows", "calendar-hardly-open", {"minutes": LEAST_MINUTES_A_WEEK}))
    if faults:
        raise Refusal("invalid-value", faults=tuple(faults))
    return calendar


def revised(
    calendar: BusinessCalendar, *, seen_version: int, now: datetime, changes: dict[str, Any]
) -> BusinessCalendar:
    """The next version of a calendar; `stale-version` when somebody changed it since the caller looked."""
    if calendar.version != seen_version:
        raise Refusal("stale-version", current=calendar.version)
    return require_sound(replace(calendar, **changes, version=calendar.version + 1, since=now))


def _places(calendar: BusinessCalendar) -> Iterator[tuple[str, tuple[OpenHours, ...]]]:
    for day in DAYS:
        yield f"windows.{day}", getattr(calendar.windows, day)
    yield "make_up", calendar.make_up
    for place, one in enumerate(calendar.overrides):
        yield f"overrides.{place}.windows", one.windows


def _overlaps(place: str, windows: tuple[OpenHours, ...]) -> Iterator[Fault]:
    spans = sorted(
        (_minute(hours.start), _minute(hours.start) + _minutes(hours), number) for number, hours in enumerate(windows)
    )
    for (_, ends, _), (starts, _, number) in pairwise(spans):
        if starts < ends:
            yield Fault(f"{place}.{number}", "calendar-hours-overlap", {})


def _minutes(hours: OpenHours) -> int:
    return (_minute(hours.end) - _minute(hours.start)) % MINUTES_A_DAY or MINUTES_A_DAY


def _minute(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)
