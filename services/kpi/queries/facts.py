"""The facts behind a point: which contacts, shift changes or shifts, and what each counts for."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import reduce
from operator import add
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, RowMapping, Table, case, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.bins import percentile_bin
from services.kpi.domain.fact import Dimensions
from services.kpi.domain.metric import Metric, Part, Unit, in_unit
from services.kpi.domain.question import Question
from services.kpi.queries.conditions import When, belonging, counts_by_own_day, in_period, inside
from services.kpi.queries.nights import by_days_of_the_roster, shift_day
from services.kpi.queries.readings import durations_by_bin, readings, zones_of
from services.kpi.tables import LEDGERS, bin_of, counts_for, dimension_sets, progress
from shared.platform.paging import Page, page


class Side(StrEnum):
    """Which facts: those that the numerator counts, or those that the denominator does."""

    NUMERATOR = "numerator"
    DENOMINATOR = "denominator"


@dataclass(frozen=True, slots=True)
class FactView:
    """One fact, and what it adds to both sides of the metric; over all pages these add up to the point.

    `fact_key` is the id of what it is about, where that has one: the contact, the shift change, the settled shift, the
    case, SLA clock, hand-off, promise or survey; `case_id` the case to which that belongs.
    `judged_by` are the rules by which it was judged, with their versions: the SLA policy, the roster's versions.
    """

    fact_key: UUID
    case_id: UUID | None
    kind: str
    fact_version: int
    happened_at: datetime
    shift_on: date | None
    dimensions: dict[str, str]
    measures: dict[str, int]
    numerator: float
    denominator: int
    judged_by: dict[str, str | int]


def facts_at(metric: str, asked: dict[str, str]) -> str:
    """Where the facts behind a value are."""
    return f"/kpi/v1/metrics/{metric}/facts?{urlencode(asked)}"


async def facts_behind(
    conn: AsyncConnection, *, question: Question, side: Side | None, limit: int, after: str | None
) -> Page[FactView]:
    """The facts behind a value, oldest first. Without `side`: of a count what is counted, else all beneath.

    Where the denominator is of another kind of facts, those are shown when its side is asked for.
    """
    half = question.halves[-1 if side is Side.DENOMINATOR else 0]
    ledger = LEDGERS[half.kind.name]
    facts, on_day = ledger.facts, shift_day(ledger)
    top, beneath = await _sides(conn, half, facts)
    query = (
        select(facts, dimension_sets, top.label("top"), beneath.label("beneath"), on_day.label("on_day"))
        .join(dimension_sets, dimension_sets.c.set_id == facts.c.set_id)
        .where(_when(half, facts, on_day), *belonging(half))
        .where(_counted(half.metric, side, top, beneath))
    )
    order = (facts.c.happened_at, facts.c.fact_key)
    return await page(conn, query, order=order, limit=limit, after=after, make=lambda row: _view(half, row._mapping))


def _when(half: Question, facts: Table, on_day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether facts lie in the period; by days of the roster that is also the morning after its last night."""
    period = half.period
    if not by_days_of_the_roster(half):
        return in_period(period, facts, When.DAY if counts_by_own_day(half) else When.INSTANT)
    assert period.last_on is not None
    nearby = facts.c.day_on.between(period.days[0], period.last_on + timedelta(days=1))
    return nearby & on_day.between(period.days[0], period.last_on)


async def _sides(conn: AsyncConnection, half: Question, facts: Table) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """What each fact adds to the numerator and to the denominator."""
    metric = half.metric
    if metric.percent:
        return await _percentile_sides(conn, half, facts)
    top, beneath = (_sum(half, parts, facts) for parts in (metric.numerator, metric.denominator))
    if metric.aged:
        as_of = (await conn.execute(select(progress.c.as_of))).scalar()
        top = beneath * literal(int(as_of.timestamp() * 1000) if as_of else 0, BigInteger) - top
    return top, beneath


async def _percentile_sides(
    conn: AsyncConnection, half: Question, facts: Table
) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Beneath is every duration, on top are those up to the percentile of them all."""
    duration, bins = facts.c[half.metric.spread], Counter[int]()
    whole = replace(half, by=None)
    queries = [
        query for each in readings(whole, await zones_of(conn, whole)) for query in durations_by_bin(each, whole)
    ]
    for query in queries:
        for row in (await conn.execute(query)).all():
            for bin_, durations in zip(*row[-2:], strict=True):
                bins[bin_] += durations
    last = percentile_bin(bins, half.metric.percent) or 0
    return case((bin_of(duration) <= last, 1), else_=0), case((duration.is_not(None), 1), else_=0)


def _counted(
    metric: Metric, side: Side | None, top: ColumnElement[int], beneath: ColumnElement[int]
) -> ColumnElement[bool]:
    if side is Side.NUMERATOR or (side is None and metric.unit is Unit.COUNT):
        return top != 0
    return beneath != 0 if side else or_(top != 0, beneath != 0)


def _sum(question: Question, parts: tuple[Part, ...], facts: Table) -> ColumnElement[int]:
    """What one fact adds to one side of its metric: nothing, where that side is of other facts."""
    known = [part for part in parts if part.unsigned in question.parts]
    return reduce(add, (part.sign * _term(question, part, facts) for part in known), literal(0))


def _term(question: Question, part: Part, facts: Table) -> ColumnElement[int]:
    measure = question.measure_of(part)
    if measure is None:
        return case((inside(question, part, facts), 1), else_=0)
    kind = question.kind
    if measure in kind.counts:
        return case((counts_for(kind, facts, measure), 1), else_=0)
    return func.coalesce(facts.c[measure], 0)


def _view(half: Question, row: RowMapping) -> FactView:
    kind, facts = half.kind, LEDGERS[half.kind.name].facts
    tallies = row[facts.c.tallies]
    counts = {name: tallies >> kind.bit(name) & 1 for name in kind.counts}
    amounts = {name: row[facts.c[name]] for name in kind.amounts}
    dimensions = {name: row[dimension_sets.c[name]] for name in Dimensions._fields}
    return FactView(
        fact_key=row[facts.c.fact_key],
        case_id=row[facts.c.case_id] if "case_id" in kind.links else None,
        kind=kind.name,
        fact_version=row[facts.c.version],
        happened_at=row[facts.c.happened_at],
        shift_on=row["on_day"] if kind.on_shift else None,
        dimensions={name: value for name, value in dimensions.items() if value is not None},
        measures={name: value for name, value in (counts | amounts).items() if value is not None},
        numerator=in_unit(half.metric, row["top"]),
        denominator=row["beneath"],
        judged_by=json.loads(row[facts.c.judged_by] or "{}"),
    )
