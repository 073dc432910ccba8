"""What was read for a question, from whichever tables it took: sums or durations by bin, by group and step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.metric import Fraction, Part, Unit, fraction, percentile
from services.kpi.domain.question import Question
from services.kpi.queries.readings import Reading, counted, durations_by_bin, newest, readings, zones_of
from shared.contracts.refusal import Refusal

MOST_POINTS = 50_000
MOST_BINS = 2_000_000

EVERY = object()
"""Stands for the group of what is not asked by group."""

At = tuple[Any, int]
"""Which group and which step."""


@dataclass(slots=True)
class Found:
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

    A count of nothing that belongs to nobody (shifts without a deviation have no cause) is no group.
    """
    for at in _places(question, found):
        made = made_of(question, found.at(at), as_of)
        nobody = at[0] is None and not made.numerator and question.metric.unit is Unit.COUNT
        if not question.by or (made.denominator and not nobody):
            yield at, made


def made_of(question: Question, known: dict[Any, int], as_of: datetime | None) -> Fraction:
    """The metric over what is known of one group in one step."""
    if question.metric.percent:
        return percentile(question.metric, known)
    return fraction(question.metric, known, int(as_of.timestamp() * 1000) if as_of else 0)


def _places(question: Question, found: Found) -> Iterable[At]:
    if not question.by:
        return [(EVERY, number) for number in range(1, len(question.period.starts) + 1)]
    groups = (at for at in found.sums if at[0] is not EVERY)
    return sorted(groups, key=lambda at: (at[0] is None, at[0] or "", at[1]))


async def _read_sums(conn: AsyncConnection, half: Question, reading: Reading, found: Found) -> None:
    """Measures stand in the rollups; unusual cuts of waits are counted."""
    measured = {part: name for part in half.parts if (name := half.measure_of(part)) is not None}
    cut = [part for part in half.parts if part not in measured]
    sums = reading.of(half, [reading.sum_of(name) for name in measured.values()])
    _collect(found, half, list(measured), await _rows(conn, sums))
    if cut:
        for query in counted(reading, half, cut):
            _collect(found, half, cut, await _rows(conn, query))


async def _read_bins(conn: AsyncConnection, half: Question, reading: Reading, found: Found) -> None:
    for query in durations_by_bin(reading, half):
        for row in await _rows(conn, query, most=MOST_BINS):
            found.add(_at(found, half, row), row.bin, row.durations)


async def _read_maturing(
    conn: AsyncConnection, half: Question, reading: Reading, found: Found, as_of: datetime
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


def _collect(found: Found, half: Question, parts: list[Part], rows: Sequence[Any]) -> None:
    for row in rows:
        at = _at(found, half, row)
        for part, value in zip(parts, row[-len(parts) :], strict=True):
            found.add(at, part, value)


def _at(found: Found, half: Question, row: Any) -> At:
    """Where a row belongs, remembering what its group is called."""
    if not half.by:
        return EVERY, row.step
    found.names[row.by] = row.name or found.names.get(row.by)
    return row.by, row.step
