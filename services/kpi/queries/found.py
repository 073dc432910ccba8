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

EVERY = object()
"""Stands for the group of what is not asked by group."""

At = tuple[Any, int]
"""Which group and which step."""


@dataclass(slots=True)
class Found:
    """What was read for one question, by group and step: sums (those of another denominator apart), or durations by
    bin; the groups' names; until when a value may still change. What is the same for every group stands under `EVERY`.
    """

    sums: dict[At, dict[Any, int]] = field(default_factory=dict)
    beneath: dict[At, dict[Any, int]] = field(default_factory=dict)
    names: dict[str | None, str | None] = field(default_factory=dict)
    maturing: dict[At, datetime] = field(default_factory=dict)

    def add(self, half: Question, at: At, key: Any, value: int | None) -> None:
        """Add to what others said about the same."""
        sums = (self.beneath if half.beneath else self.sums).setdefault(at, {})
        sums[key] = sums.get(key, 0) + int(value or 0)


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
        made = made_of(question, found, at, as_of)
        nobody = at[0] is None and not made.numerator and question.metric.unit is Unit.COUNT
        if not question.by or (made.denominator and not nobody):
            yield at, made


def made_of(question: Question, found: Found, at: At, as_of: datetime | None) -> Fraction:
    """The metric over what is known of one group in one step."""
    known = found.sums.get(at, {})
    if question.metric.percent:
        return percentile(question.metric, known)
    beneath = found.beneath.get(at) or found.beneath.get((EVERY, at[1]), {}) if found.beneath else None
    as_of_ms = int(as_of.timestamp() * 1000) if as_of and question.metric.aged else 0
    return fraction(question.metric, known, beneath, as_of_ms=as_of_ms)


def _places(question: Question, found: Found) -> Iterable[At]:
    if not question.by:
        return [(EVERY, number) for number in range(1, len(question.period.starts) + 1)]
    groups = (at for at in {**found.sums, **found.beneath} if at[0] is not EVERY)
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
        for row in await _rows(conn, query):
            known = found.sums.setdefault(_at(found, half, row), {})
            for bin_, durations in zip(*row[-2:], strict=True):
                known[bin_] = known.get(bin_, 0) + durations


async def _read_maturing(
    conn: AsyncConnection, half: Question, reading: Reading, found: Found, as_of: datetime
) -> None:
    """Until when what happened lately may still be judged otherwise."""
    days = timedelta(days=half.metric.matures_days)
    for row in await _rows(conn, newest(reading, half, since=as_of - days)):
        at = _at(found, half, row)
        found.maturing[at] = max(row.newest_at + days, found.maturing.get(at, as_of))


async def _rows(conn: AsyncConnection, query: Select[Any]) -> Sequence[Any]:
    rows: Sequence[Any] = (await conn.execute(query.limit(MOST_POINTS + 1))).all()
    if len(rows) > MOST_POINTS:
        raise Refusal("too-many-points", most=MOST_POINTS)
    return rows


def _collect(found: Found, half: Question, parts: list[Part], rows: Sequence[Any]) -> None:
    for row in rows:
        at = _at(found, half, row)
        for part, value in zip(parts, row[-len(parts) :], strict=True):
            found.add(half, at, part, value)


def _at(found: Found, half: Question, row: Any) -> At:
    """Where a row belongs, remembering what its group is called."""
    if not half.by:
        return EVERY, row[0]
    step, group, name = row[:3]
    found.names[group] = name or found.names.get(group)
    return group, step
