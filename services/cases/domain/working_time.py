"""Working time as the rules need it; the calendars themselves are plumbing and come in from outside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Protocol

Span = tuple[datetime, datetime]


class WorkingTime(Protocol):
    """When somebody works: the hours of one calendar in one zone."""

    @property
    def zone(self) -> str:
        """The IANA zone of the local clock."""

    @property
    def day(self) -> timedelta:
        """How much working time an ordinary working day has."""

    def spans(self, start: datetime, end: datetime) -> Iterator[Span]:
        """Working intervals between two instants, cut there, in order, not overlapping."""

    def after(self, start: datetime, amount: timedelta) -> datetime:
        """The first instant by which so much working time has passed since `start`."""


def counted(times: WorkingTime, start: datetime, end: datetime) -> timedelta:
    """Working time between two instants; none when the end is not after the start."""
    return sum((closes - opens for opens, closes in times.spans(start, end)), timedelta())


def minutes_after(times: WorkingTime, start: datetime, minutes: int) -> datetime:
    """The instant by which so many working minutes have passed."""
    return times.after(start, timedelta(minutes=minutes))


def days_after(times: WorkingTime, start: datetime, days: int) -> datetime:
    """The instant by which so many ordinary working days' worth of time has passed."""
    return times.after(start, days * times.day)


def whole_seconds(amount: timedelta) -> int:
    """A duration in whole seconds, as events and answers give it."""
    return amount // timedelta(seconds=1)
