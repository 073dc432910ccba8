"""The points of a metric: its fraction for each group and step, read from the rollups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.metric import Fraction, Part, Unit, fraction, percentile
from services.kpi.domain.question import Question
from services.kpi.queries.conditions import snapshot
from services.kpi.queries.readings import Reading, counted, durations_by_bin, newest, readings, zones_of
from services.kpi.tables import dimension_sets, progress
from shared.contracts.refusal import Refusal

MOST_POINTS = 50_000
MOST_BINS = 2_000_000

EVERY = object()
"""Stands for the group of what is not asked by group."""

At = tuple[Any, int]
"""Which group and which step."""


@dataclass(frozen=True, slots=True)
class Point:
    """A value with everything to judge it by. Of a series, `at` is the step's start and `on` its local day.

    `value` is none where nothing lies beneath. `group` names what `by` asked for. `maturing_until` is when a value that
    may still change is final; none: it changes only when its facts are corrected.
    """

    value: float | None
    numerator: float
    denominator: int
    n: int
    definition_version: int
    as_of: datetime | None
    maturing_until: datetime | None = None
    group: dict[str, str | None] | None = None
    at: datetime | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """The answer to one question; `tz` is the zone whose days were meant."""

    metric: str
    unit: str
    tz: str
    points: list[Point]


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers in the order of the questions, all of the same moment."""

    answers: list[Series]


@dataclass(slots=True)
class _Found:
    """What was read for one question, by group and step: sums, or durations by bin; the groups' names; until when a
    value may still change. What is the same for every group stands under `EVERY` group."""

    sums: dict[At, dict[Any, int]] = field(default_factory=dict)
    names: dict[str | None, str | None] = field(default_factory=dict)
    maturing: dict[At, datetime] = field(default_factory=dict)

    def add(self, at: At, key: Any, value: int | None) -> None:
        """Add to what others said about the same."""
        sums = self.sums.setdefault(at, {})
        sums[key] = sums.get(key, 0) + int(value or 0)

    def at(self, at: At) -> dict[Any, int]:
        """What is known of a group in a step."""
        return {**self.sums.get((EVERY, at[1]), {}), **self.sums.get(at, {})}


async def metric_series(conn: AsyncConnection, *, question: Question) -> Series:
    """The points of one metric."""
    async with await snapshot(conn):
        return await _series(conn, question, await _as_of(conn))


async def many_series(conn: AsyncConnection, *, questions: Sequence[Question]) -> Answers:
    """The points of many metrics, of one moment."""
    async with await snapshot(conn):
        as_of = await _as_of(conn)
        return Answers([await _series(conn, question, as_of) for question in questions])


async def _as_of(conn: AsyncConnection) -> datetime | None:
    as_of: datetime | None = (await conn.execute(select(progress.c.as_of))).scalar()
    return as_of


async def _series(conn: AsyncConnection, question: Question, as_of: datetime | None) -> Series:
    found = _Found()
    for half in question.halves:
        for reading in readings(half, await zones_of(conn, half)):
            await (_read_bins if question.metric.percent else _read_sums)(conn, half, reading, found)
            if question.metric.matures_days and as_of:
                await _read_maturing(conn, half, reading, found, as_of)
    points = [_point(question, found, at, part, as_of) for at, part in _fractions(question, found, as_of)]
    return Series(question.metric.id, question.metric.unit, question.period.zone, points)


async def _read_sums(conn: AsyncConnection, half: Question, reading: Reading, found: _Found) -> None:
    """Measures stand in the rollups; unusual cuts of waits are counted."""
    measured = {part: name for part in half.parts if (name := half.measure_of(part)) is not None}
    cut = [part for part in half.parts if part not in measured]
    sums = reading.of(half, [reading.sum_of(name) for name in measured.values()])
    _collect(found, half, list(measured), await _rows(conn, sums))
    if cut:
        _collect(found, half, cut, await _rows(conn, counted(reading, half, cut)))


async def _read_bins(conn: AsyncConnection, half: Question, reading: Reading, found: _Found) -> None:
    for row in await _rows(conn, durations_by_bin(reading, half), most=MOST_BINS):
        found.add(_at(found, half, row), row.bin, row.durations)


async def _read_maturing(
    conn: AsyncConnection, half: Question, reading: Reading, found: _Found, as_of: datetime
) -> None:
    """Until when what happened lately may still be judged otherwise."""
    days = timedelta(days=half.metric.matures_days)
    for row in await _rows(conn, newest(reading, half, since=as_of - days)):
        at = _at(found, half, row)
        found.maturing[at] = max(row.newest_at + days, found.maturing.get(at, as_of))


async def _rows(conn: AsyncConnection, query: Select[Any], most: int = MOST_POINTS) -> Sequence[Any]:
    rows: Sequence[Any] = (await conn.execute(query.limit(most + 1))).all()
    if len(rows) > most:
        raise Refusal("too-many-points", most=MOST_POINTS)
    return rows


def _collect(found: _Found, half: Question, parts: list[Part], rows: Sequence[Any]) -> None:
    for row in rows:
        at = _at(found, half, row)
        for part, value in zip(parts, row[-len(parts) :], strict=True):
            found.add(at, part, value)


def _at(found: _Found, half: Question, row: Any) -> At:
    """Where a row belongs, remembering what its group is called."""
    if not half.by:
        return EVERY, row.step
    found.names[row.by] = row.name or found.names.get(row.by)
    return row.by, row.step


def _fractions(question: Question, found: _Found, as_of: datetime | None) -> Iterator[tuple[At, Fraction]]:
    """Without a grouping every step, also an empty one; with it, only what has something beneath.

    A count of nothing that belongs to nobody (shifts without a deviation have no cause) is no group.
    """
    as_of_ms = int(as_of.timestamp() * 1000) if as_of else 0
    for at in _places(question, found):
        sums = found.at(at)
        made = (
            percentile(question.metric, sums) if question.metric.percent else fraction(question.metric, sums, as_of_ms)
        )
        nobody = at[0] is None and not made.numerator and question.metric.unit is Unit.COUNT
        if not question.by or (made.denominator and not nobody):
            yield at, made


def _places(question: Question, found: _Found) -> Iterable[At]:
    if not question.by:
        return [(EVERY, number) for number in range(1, len(question.period.starts) + 1)]
    groups = (at for at in found.sums if at[0] is not EVERY)
    return sorted(groups, key=lambda at: (at[0] is None, at[0] or "", at[1]))


def _point(question: Question, found: _Found, at: At, made: Fraction, as_of: datetime | None) -> Point:
    group, number = at
    period = question.period
    return Point(
        value=made.value,
        numerator=made.numerator,
        denominator=made.denominator,
        n=made.denominator,
        definition_version=question.metric.version,
        as_of=as_of,
        maturing_until=found.maturing.get(at),
        group=_named(question.by, group, found.names.get(group)) if question.by else None,
        at=period.starts[number - 1] if period.grain else None,
        on=period.days[number - 1] if period.grain and period.days else None,
    )


def _named(by: str, group: str | None, name: str | None) -> dict[str, str | None]:
    return {by: group} if f"{by}_name" not in dimension_sets.c else {by: group, f"{by}_name": name}
