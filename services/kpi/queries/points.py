"""The points of a metric: its fraction for each group and step, read from the rollups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.metric import Fraction, Part, Unit, fraction, percentile
from services.kpi.domain.question import Question
from services.kpi.queries.conditions import snapshot
from services.kpi.queries.readings import Reading, counted, durations_by_bin, readings, zones_of
from services.kpi.tables import dimension_sets, progress
from shared.contracts.refusal import Refusal

MOST_POINTS = 50_000
MOST_BINS = 2_000_000

At = tuple[str | None, int]
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
    """What was read for one question, by group and step: sums, or durations by bin; and the groups' names."""

    sums: dict[At, dict[Any, int]]
    names: dict[str | None, str | None]

    def add(self, row: Any, key: Any, value: int | None) -> None:
        """Add what a row says to what others said about the same."""
        group = getattr(row, "by", None)
        self.names[group] = getattr(row, "name", None) or self.names.get(group)
        sums = self.sums.setdefault((group, row.step), {})
        sums[key] = sums.get(key, 0) + int(value or 0)


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
    found = _Found({}, {})
    for reading in readings(question, await zones_of(conn, question)):
        await (_read_bins if question.metric.percent else _read_sums)(conn, question, reading, found)
    points = [_point(question, found, at, part, as_of) for at, part in _fractions(question, found.sums)]
    return Series(question.metric.id, question.metric.unit, question.period.zone, points)


async def _read_sums(conn: AsyncConnection, question: Question, reading: Reading, found: _Found) -> None:
    """Measures stand in the rollups; unusual cuts of waits are counted."""
    measured = {part: name for part in question.metric.parts if (name := question.measure_of(part)) is not None}
    cut = [part for part in question.metric.parts if part not in measured]
    _collect(
        found, list(measured), await _rows(conn, reading.of(question, list(map(reading.sum_of, measured.values()))))
    )
    if cut:
        _collect(found, cut, await _rows(conn, counted(reading, question, cut)))


async def _read_bins(conn: AsyncConnection, question: Question, reading: Reading, found: _Found) -> None:
    for row in await _rows(conn, durations_by_bin(reading, question), most=MOST_BINS):
        found.add(row, row.bin, row.durations)


async def _rows(conn: AsyncConnection, query: Select[Any], most: int = MOST_POINTS) -> Sequence[Any]:
    rows: Sequence[Any] = (await conn.execute(query.limit(most + 1))).all()
    if len(rows) > most:
        raise Refusal("too-many-points", most=MOST_POINTS)
    return rows


def _collect(found: _Found, parts: list[Part], rows: Sequence[Any]) -> None:
    for row in rows:
        for part, value in zip(parts, row[-len(parts) :], strict=True):
            found.add(row, part, value)


def _fractions(question: Question, sums: Mapping[At, Mapping[Any, int]]) -> Iterator[tuple[At, Fraction]]:
    """Without a grouping every step, also an empty one; with it, only what has something beneath.

    A count of nothing that belongs to nobody (shifts without a deviation have no cause) is no group.
    """
    make = percentile if question.metric.percent else fraction
    for at in _places(question, sums):
        made = make(question.metric, sums.get(at, {}))
        nobody = at[0] is None and not made.numerator and question.metric.unit is Unit.COUNT
        if not question.by or (made.denominator and not nobody):
            yield at, made


def _places(question: Question, sums: Mapping[At, Mapping[Any, int]]) -> Iterable[At]:
    if not question.by:
        return [(None, number) for number in range(1, len(question.period.starts) + 1)]
    return sorted(sums, key=lambda at: (at[0] is None, at[0] or "", at[1]))


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
        group=_named(question.by, group, found.names.get(group)) if question.by else None,
        at=period.starts[number - 1] if period.grain else None,
        on=period.days[number - 1] if period.grain and period.days else None,
    )


def _named(by: str, group: str | None, name: str | None) -> dict[str, str | None]:
    return {by: group} if f"{by}_name" not in dimension_sets.c else {by: group, f"{by}_name": name}
