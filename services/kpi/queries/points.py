"""The points of a metric: its fraction for each group and step, read from the rollups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.metric import Fraction, Part, Unit, fraction
from services.kpi.domain.question import Question
from services.kpi.queries.conditions import asked, inside, snapshot, step
from services.kpi.tables import dimension_sets, facts, progress, rollups
from shared.contracts.refusal import Refusal

MOST_POINTS = 50_000

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
    """What the rollups hold for one question: sums by group and step, and the groups' names."""

    sums: dict[At, dict[Part, int]]
    names: dict[str | None, str | None]


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
    for statement, parts in _statements(question):
        _collect(found, parts, (await conn.execute(statement)).all())
    points = [_point(question, found, at, part, as_of) for at, part in _fractions(question, found.sums)]
    return Series(question.metric.id, question.metric.unit, question.period.zone, points)


def _statements(question: Question) -> Iterator[tuple[Select[Any], list[Part]]]:
    """Measures stand in the rollups; unusual cuts of distributions are counted from the facts."""
    measured = {part: name for part in question.metric.parts if (name := question.measure_of(part)) is not None}
    sums = [func.sum(rollups.c[name]) for name in measured.values()]
    yield _grouped(question, rollups.c.bucket_at, rollups.c.shift_on, sums), list(measured)
    if cut := [part for part in question.metric.parts if part not in measured]:
        counts = [func.count().filter(inside(question, part)) for part in cut]
        yield _grouped(question, facts.c.happened_at, facts.c.shift_on, counts), cut


def _grouped(question: Question, at: Column[Any], shift_on: Column[Any], sums: list[Any]) -> Select[Any]:
    """Sums by group and step over the rows of the table that these time columns belong to."""
    number = step(question.period, at, shift_on).label("step")
    query = select(number, *sums).group_by(number)
    if question.by:
        by = dimension_sets.c[question.by]
        name = dimension_sets.c.get(f"{question.by}_name", by)
        query = query.add_columns(by.label("by"), func.max(name).label("name")).group_by(by)
    joined = query.join_from(at.table, dimension_sets, dimension_sets.c.set_id == at.table.c.set_id)
    return joined.where(*asked(question, at, shift_on)).limit(MOST_POINTS + 1)


def _collect(found: _Found, parts: list[Part], rows: Sequence[Any]) -> None:
    if len(rows) > MOST_POINTS:
        raise Refusal("too-many-points", most=MOST_POINTS)
    for row in rows:
        group = getattr(row, "by", None)
        found.names[group] = getattr(row, "name", None)
        sums = found.sums.setdefault((group, row.step), {})
        sums.update((part, int(value or 0)) for part, value in zip(parts, row[1:], strict=False))


def _fractions(question: Question, sums: Mapping[At, Mapping[Part, int]]) -> Iterator[tuple[At, Fraction]]:
    """Without a grouping every step, also an empty one; with it, only what has something beneath.

    A count of nothing that belongs to nobody (shifts without a deviation have no cause) is no group.
    """
    for at in _places(question, sums):
        made = fraction(question.metric, sums.get(at, {}))
        nobody = at[0] is None and not made.numerator and question.metric.unit is Unit.COUNT
        if not question.by or (made.denominator and not nobody):
            yield at, made


def _places(question: Question, sums: Mapping[At, Mapping[Part, int]]) -> Iterable[At]:
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
        on=period.days[number - 1] if period.days else None,
    )


def _named(by: str, group: str | None, name: str | None) -> dict[str, str | None]:
    return {by: group} if f"{by}_name" not in dimension_sets.c else {by: group, f"{by}_name": name}
