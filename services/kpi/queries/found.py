"""What was read for a question, from whichever tables it took: sums or durations by bin, by group and step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, literal_column
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.metric import Fraction, Part, Unit, percentile, reckoning
from services.kpi.domain.question import Question
from services.kpi.queries.readings import Reading, counted, durations_by_bin, newest, readings, zones_of
from shared.contracts.refusal import Refusal

MOST_POINTS = 50_000

EVERY = object()
"""Stands for the group of what is not asked by group."""

At = tuple[Any, int]
"""Which group and which step."""


@dataclass(slots=True)
class Found:
    """What was read for one question, by group and step: the sums of both sides, or durations by bin; how many facts
    those rest on, where the denominator does not say; the groups' names; until when a value may still change. What is
    the same for every group stands under `EVERY`.
    """

    sides: dict[At, list[int]] = field(default_factory=dict)
    bins: dict[At, dict[int, int]] = field(default_factory=dict)
    samples: dict[At, int] = field(default_factory=dict)
    names: dict[str | None, str | None] = field(default_factory=dict)
    maturing: dict[At, datetime] = field(default_factory=dict)

    def add(self, at: At, top: int, beneath: int, samples: int = 0) -> None:
        """Add to what others said about the same."""
        known = self.sides.get(at)
        if known is None:
            self.sides[at] = [top, beneath]
        else:
            known[0] += top
            known[1] += beneath
        if samples:
            self.samples[at] = self.samples.get(at, 0) + samples

    def add_durations(self, at: At, bin_: int, durations: int) -> None:
        """So many more durations in a bin."""
        known = self.bins.setdefault(at, {})
        known[bin_] = known.get(bin_, 0) + durations


async def read(conn: AsyncConnection, question: Question, as_of: datetime | None) -> Found:
    """Everything that is known of what is asked."""
    found = Found()
    for half in question.halves:
        for reading in readings(half, await zones_of(conn, half)):
            await (_read_bins if question.metric.percent else _read_sums)(conn, half, reading, found)
            if question.metric.matures_days and as_of:
                await _read_maturing(conn, half, reading, found, as_of)
    return found


def fractions(question: Question, found: Found, as_of: datetime | None) -> Iterator[tuple[At, Fraction]]:
    """Without a grouping every step, also an empty one; with it, only what has something beneath.

    A count of nothing that belongs to nobody (shifts without a deviation have no cause) is no group; nor is one that is
    measured against all there is and has nothing any more (complaints whose cause was not known yet).
    """
    made_of, by, metric = reckoner(question, found, as_of), question.by, question.metric
    against_all = metric.per is not None and question.halves[-1].by is None
    count = metric.unit is Unit.COUNT
    for at in _places(question, found):
        made = made_of(at)
        none_is_none = against_all or (count and at[0] is None)
        if not by or (made.denominator and (made.numerator or not none_is_none)):
            yield at, made


def reckoner(question: Question, found: Found, as_of: datetime | None) -> Callable[[At], Fraction]:
    """What makes the metric out of what is known of one group in one step."""
    metric = question.metric
    if metric.percent:
        return lambda at: percentile(metric, found.bins.get(at, {}))
    reckoned = reckoning(metric, as_of_ms=int(as_of.timestamp() * 1000) if as_of and metric.aged else 0)
    nothing, sides = (0, 0), found.sides
    if question.by and question.halves[-1].by is None:  # measured against all there is
        return lambda at: reckoned(sides.get(at, nothing)[0], sides.get((EVERY, at[1]), nothing)[1])
    return lambda at: reckoned(*sides.get(at, nothing))


def _places(question: Question, found: Found) -> Iterable[At]:
    if not question.by:
        return [(EVERY, number) for number in range(1, len(question.period.starts) + 1)]
    known = found.bins if question.metric.percent else found.sides
    nobody = sorted(at for at in known if at[0] is None)
    return sorted(at for at in known if at[0] is not EVERY and at[0] is not None) + nobody


async def _read_sums(conn: AsyncConnection, half: Question, reading: Reading, found: Found) -> None:
    """Measures stand in the rollups; unusual cuts of waits are counted."""
    sums = await _rows(conn, reading.of(half, [_measured(half, reading, side) for side in half.sides]))
    for at, told in _placed(found, half, sums):
        found.add(at, *told)
    cut = [part for part in half.parts if half.measure_of(part) is None]
    for query in counted(reading, half, cut) if cut else ():
        for at, told in _placed(found, half, await _rows(conn, query)):
            counts = dict(zip(cut, told, strict=True))
            found.add(at, *(_sum(side, counts) for side in half.sides))


def _measured(half: Question, reading: Reading, side: tuple[Part, ...]) -> ColumnElement[int]:
    """One side's sum of measures."""
    terms = ((part.sign, half.measure_of(part)) for part in side)
    sums = [sign * func.coalesce(reading.sum_of(measure), 0) for sign, measure in terms if measure is not None]
    return cast(reduce(add, sums, literal_column("0")), BigInteger)


def _sum(side: tuple[Part, ...], counts: Mapping[Part, int | None]) -> int:
    return sum(part.sign * (counts.get(part.unsigned) or 0) for part in side)


async def _read_bins(conn: AsyncConnection, half: Question, reading: Reading, found: Found) -> None:
    for query in durations_by_bin(reading, half):
        for at, in_bins in _placed(found, half, await _rows(conn, query)):
            for bin_, durations in zip(*in_bins, strict=True):
                found.add_durations(at, bin_, durations)


async def _read_maturing(
    conn: AsyncConnection, half: Question, reading: Reading, found: Found, as_of: datetime
) -> None:
    """Until when what happened lately may still be judged otherwise."""
    days = timedelta(days=half.metric.matures_days)
    rows = await _rows(conn, newest(reading, half, since=as_of - days))
    for at, (newest_at,) in _placed(found, half, rows):
        found.maturing[at] = max(newest_at + days, found.maturing.get(at, as_of))


async def _rows(conn: AsyncConnection, query: Select[Any]) -> Sequence[Any]:
    rows: Sequence[Any] = (await conn.execute(query.limit(MOST_POINTS + 1))).all()
    if len(rows) > MOST_POINTS:
        raise Refusal("too-many-points", fields=("from", "to", "by", "grain"), most=MOST_POINTS)
    return rows


def _placed(found: Found, half: Question, rows: Iterable[Any]) -> Iterator[tuple[At, list[Any]]]:
    """Where each row belongs, and what it tells; remembering what its group is called."""
    if not half.by:
        for step, *told in rows:
            yield (EVERY, step), told
        return
    names = found.names
    for step, group, name, *told in rows:
        if names.setdefault(group, name) != name and name:
            names[group] = max(name, names[group] or "")
        yield (group, step), told
