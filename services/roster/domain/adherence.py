"""Adherence and conformance: how far somebody kept to a schedule, in all and by the quarter hour.

A schedule is planned work and planned breaks; what was done is work and breaks taken. In seconds:

- scheduled: planned work (the shift without its breaks); worked: all work, whenever it was;
- exception: planned work that was not worked; outside: work at other times than planned;
- break: planned break; break exception: planned break not taken, and break taken at other times.

adherence = max(0, 1 - exception / scheduled), or max(0, 1 - (exception + outside) / (scheduled + outside)) where work
outside the schedule counts as an exception; conformance = worked / scheduled; the break kept = max(0, 1 - break
exception / break). None of them is defined where there is nothing to divide by.

Sixty minutes planned, ten late, ten made up: 83.3 %, or 71.4 %; conformance 100 %.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from shared.contracts.roster import AdherenceInterval

QUARTER = 900

Interval = tuple[datetime, datetime]
Span = tuple[int, int]
"""From a second of the epoch until another (excluded)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Planned work (breaks within it are cut out) and planned breaks."""

    work: Sequence[Interval] = ()
    breaks: Sequence[Interval] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What somebody did. `breaks` is none where only coming and going is known: then a planned break is no work, and
    nobody knows whether it was taken."""

    work: Sequence[Interval] = ()
    breaks: Sequence[Interval] | None = None
    busy: Sequence[Interval] = ()
    ready: Sequence[Interval] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Seconds in all, and by quarter hours of the UTC clock."""

    scheduled_seconds: int = 0
    worked_seconds: int = 0
    exception_seconds: int = 0
    outside_seconds: int = 0
    break_seconds: int = 0
    break_exception_seconds: int = 0
    busy_seconds: int = 0
    ready_seconds: int = 0
    intervals: tuple[AdherenceInterval, ...] = ()


SECONDS = tuple(name for name in Figures.__slots__ if name != "intervals")
_NOTHING = dict.fromkeys(SECONDS, 0)


def measured(schedule: Schedule, done: Done) -> Figures:
    """Compare what was done with what was planned."""
    breaks = _joined(schedule.breaks)
    planned = _without(_joined(schedule.work), breaks)
    breaks = _common(breaks, _joined(schedule.work))
    worked, taken = _joined(done.work), breaks
    if done.breaks is None:
        worked = _without(worked, breaks)
    else:
        taken = _joined(done.breaks)
    spans = {
        "scheduled_seconds": planned,
        "worked_seconds": worked,
        "exception_seconds": _without(planned, worked),
        "outside_seconds": _without(worked, planned),
        "break_seconds": breaks if done.breaks is not None else [],
        "break_exception_seconds": _joined_spans([*_without(breaks, taken), *_without(taken, breaks)]),
        "busy_seconds": _joined(done.busy),
        "ready_seconds": _joined(done.ready),
    }
    totals = {name: sum(end - start for start, end in found) for name, found in spans.items()}
    return Figures(**totals, intervals=_by_quarter(spans))


def adherence(figures: Figures, *, outside_counts: bool = False) -> float | None:
    """The share of planned work that was worked when it was planned, 0 to 1; none where nothing was planned."""
    outside = figures.outside_seconds if outside_counts else 0
    if not figures.scheduled_seconds:
        return None
    return max(0.0, 1 - (figures.exception_seconds + outside) / (figures.scheduled_seconds + outside))


def conformance(figures: Figures) -> float | None:
    """Work of any time for each second planned, from 0, above 1 with overtime; none where nothing was planned."""
    return figures.worked_seconds / figures.scheduled_seconds if figures.scheduled_seconds else None


def break_adherence(figures: Figures) -> float | None:
    """The share of planned break that was taken when it was planned, 0 to 1; none where no break is known."""
    return max(0.0, 1 - figures.break_exception_seconds / figures.break_seconds) if figures.break_seconds else None


def occupancy(figures: Figures) -> float | None:
    """Busy time's share of busy and ready time, 0 to 1; none where the states say nothing."""
    at_hand = figures.busy_seconds + figures.ready_seconds
    return figures.busy_seconds / at_hand if at_hand else None


def _by_quarter(spans: dict[str, list[Span]]) -> tuple[AdherenceInterval, ...]:
    quarters: dict[int, dict[str, int]] = {}
    for name, found in spans.items():
        for start, end in found:
            first, last = start // QUARTER, (end - 1) // QUARTER
            for quarter in range(first, last + 1):
                row = quarters.get(quarter)
                if row is None:
                    row = quarters[quarter] = _NOTHING.copy()
                row[name] += QUARTER
            quarters[first][name] -= start - first * QUARTER
            quarters[last][name] -= (last + 1) * QUARTER - end
    return tuple(AdherenceInterval(starts_at=_begins_at(one), **quarters[one]) for one in sorted(quarters))


@lru_cache(maxsize=10_000)
def _begins_at(quarter: int) -> datetime:
    return datetime.fromtimestamp(quarter * QUARTER, UTC)


def _joined(intervals: Iterable[Interval]) -> list[Span]:
    return _joined_spans([(int(start.timestamp()), int(end.timestamp())) for start, end in intervals])


def _joined_spans(spans: Iterable[Span]) -> list[Span]:
    """In order, overlapping and adjoining ones made one, empty ones left out."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _without(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """What of joined spans no other one touches."""
    found: list[Span] = []
    for start, end in spans:
        here = start
        for other_start, other_end in others:
            if other_start >= end:
                break
            if other_end > here:
                found.append((here, other_start))
                here = other_end
        found.append((here, end))
    return [(start, end) for start, end in found if start < end]


def _common(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    return _without(spans, _without(spans, others))
