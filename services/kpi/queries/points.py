"""The points of a metric: its fraction for each group and step, read from the rollups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.question import Question
from services.kpi.queries.conditions import snapshot
from services.kpi.queries.found import Found, fractions, read
from services.kpi.tables import dimension_sets, progress

NAMED = frozenset(name for name in dimension_sets.c.keys() if f"{name}_name" in dimension_sets.c)
"""The dimensions whose groups have a name beside their key."""


# Not frozen, as everything else is: that takes five times as long, and a year's answer has points by the thousand.
@dataclass(slots=True)
class Point:
    """A value with everything to judge it by. Of a series, `at` is the step's start and `on` its local day.

    `value` is none where nothing lies beneath; `n` is how many facts it rests on. `group` names what `by` asked for.
    `maturing_until` is when a value that may still change is final; none: only corrections of its facts change it.
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


async def metric_series(conn: AsyncConnection, *, question: Question) -> Series:
    """The points of one metric."""
    async with await snapshot(conn):
        return await _series(conn, question, await as_of_now(conn))


async def many_series(conn: AsyncConnection, *, questions: Sequence[Question]) -> Answers:
    """The points of many metrics, of one moment."""
    async with await snapshot(conn):
        as_of = await as_of_now(conn)
        return Answers([await _series(conn, question, as_of) for question in questions])


async def series_within(conn: AsyncConnection, questions: Sequence[Question]) -> list[Series]:
    """The points of metrics, in whatever transaction the connection is in."""
    as_of = await as_of_now(conn)
    return [await _series(conn, question, as_of) for question in questions]


async def as_of_now(conn: AsyncConnection) -> datetime | None:
    """The time of the newest event that the figures know."""
    as_of: datetime | None = (await conn.execute(select(progress.c.as_of))).scalar()
    return as_of


async def _series(conn: AsyncConnection, question: Question, as_of: datetime | None) -> Series:
    found = await read(conn, question, as_of)
    return Series(question.metric.id, question.metric.unit, question.period.zone, list(_points(question, found, as_of)))


def _points(question: Question, found: Found, as_of: datetime | None) -> Iterator[Point]:
    period, by, version, maturing = question.period, question.by, question.metric.version, found.maturing
    starts = period.starts if period.grain else (None,) * len(period.starts)
    days = period.days if period.grain and period.days else (None,) * len(starts)
    samples = found.samples if question.metric.samples else None
    groups = {group: named(by, group, name) for group, name in found.names.items()} if by else {}
    for at, (value, numerator, denominator) in fractions(question, found, as_of):
        group, step = at
        until = maturing.get(at) if maturing else None
        of = groups.get(group)
        n = denominator if samples is None else samples.get(at, 0)
        yield Point(value, numerator, denominator, n, version, as_of, until, of, starts[step - 1], days[step - 1])


def named(by: str, group: str | None, name: str | None) -> dict[str, str | None]:
    """A group by its key and what it is called."""
    return {by: group, f"{by}_name": name} if by in NAMED else {by: group}
