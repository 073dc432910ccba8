"""Overlap, rest, weekly hours and days of work in a row, over one agent's shifts.

Each answers only about days that are still `ahead` (a shift that is over is nobody's to change), but counts those that
lie behind: rest after last night's shift is rest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from services.roster.domain.line import Line

_NOTHING = timedelta()


class Timed(NamedTuple):
    """A shift with hours."""

    starts_at: datetime
    ends_at: datetime
    on: date
    code: str


def timed_shifts(line: Line) -> list[Timed]:
    """An agent's shifts with hours, in order."""
    return sorted(
        Timed(cell.starts_at, cell.ends_at, on, cell.code)
        for on, cell in line.items()
        if cell.starts_at is not None and cell.ends_at is not None
    )


def minutes_of(line: Line) -> int:
    """The length of all shifts together, breaks included."""
    return round(sum((one.ends_at - one.starts_at).total_seconds() for one in timed_shifts(line)) / 60)


def overlaps(shifts: Sequence[Timed], ahead: Collection[date]) -> Iterator[tuple[date, date]]:
    """Days whose shifts overlap: the one still ahead, and the other."""
    for first, second in pairwise(shifts):
        if second.starts_at < first.ends_at:
            days = [on for on in (second.on, first.on) if on in ahead]
            if days:
                yield days[0], first.on if days[0] == second.on else second.on


def short_rests(shifts: Sequence[Timed], ahead: Collection[date], minimum: int) -> Iterator[tuple[date, float]]:
    """Days before whose shift there are less than `minimum` minutes of rest, and how many."""
    least = timedelta(minutes=minimum)
    for first, second in pairwise(shifts):
        rest = second.starts_at - first.ends_at
        if rest < least and rest >= timedelta() and (second.on in ahead or first.on in ahead):
            yield second.on if second.on in ahead else first.on, rest.total_seconds() / 60


def long_weeks(
    shifts: Sequence[Timed], ahead: Collection[date], most: int, breaks: Mapping[str, int]
) -> Iterator[tuple[date, float]]:
    """Calendar weeks (Monday to Sunday) with more than `most` minutes of work: their last day ahead, and the minutes.

    Breaks of the codes are not work. A shift belongs to the week of the day it begins.
    """
    worked: dict[int, timedelta] = {}
    last: dict[int, date] = {}
    for starts_at, ends_at, on, code in shifts:
        week = (on.toordinal() - 1) // 7
        worked[week] = worked.get(week, _NOTHING) + (ends_at - starts_at)
        if pause := breaks.get(code):
            worked[week] -= timedelta(minutes=pause)
        if on in ahead:
            last[week] = on
    limit = timedelta(minutes=most)
    yield from ((on, worked[week].total_seconds() / 60) for week, on in last.items() if worked[week] > limit)


def days_in_a_row(shifts: Sequence[Timed], ahead: Collection[date], most: int) -> Iterator[tuple[date, int]]:
    """Runs of more than `most` days of work: the first day ahead that is too much, and the run's length in days."""
    run: list[date] = []
    for shift in shifts:
        if run and shift.on != run[-1] and shift.on - run[-1] != timedelta(days=1):
            yield from _too_long(run, ahead, most)
            run = []
        if not run or shift.on != run[-1]:
            run.append(shift.on)
    yield from _too_long(run, ahead, most)


def _too_long(run: Sequence[date], ahead: Collection[date], most: int) -> Iterator[tuple[date, int]]:
    if len(run) > most:
        yield from ((on, len(run)) for on in [on for on in run[most:] if on in ahead][:1])
