"""Closed pay periods: their figures as closed beside those of now, and the facts that made the difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import reduce
from operator import add
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.fact import Dimensions
from services.kpi.domain.kinds import KINDS
from services.kpi.domain.metric import Fraction, Part
from services.kpi.domain.pay_period import PayPeriod
from services.kpi.domain.question import Question, Sight, question
from services.kpi.queries.conditions import belonging, in_sight, snapshot
from services.kpi.queries.found import EVERY, Found, read, reckoner
from services.kpi.queries.points import as_of_now, named
from services.kpi.tables import adjustments, bin_of, dimension_sets, pay_periods
from shared.contracts.refusal import Refusal
from shared.platform.paging import Page, page


@dataclass(frozen=True, slots=True)
class Side:
    """A value with both its sides."""

    value: float | None
    numerator: float
    denominator: int


@dataclass(frozen=True, slots=True)
class ClosedPoint:
    """A figure as it was when the period was closed, and as it is now."""

    as_closed: Side
    now: Side
    adjusted: bool
    group: dict[str, str | None] | None = None


@dataclass(frozen=True, slots=True)
class ClosedSeries:
    """A metric over a closed period, as closed and now."""

    metric: str
    unit: str
    period: PayPeriod
    definition_version: int
    as_of: datetime | None
    points: list[ClosedPoint]


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A fact that came into a closed period or went out of it; a correction is one of each."""

    number: int
    kind: str
    fact_key: UUID
    fact_version: int
    change: str
    happened_at: datetime
    day_on: date
    noted_at: datetime
    dimensions: dict[str, str]
    measures: dict[str, int]


async def pay_period_list(conn: AsyncConnection, *, limit: int, after: str | None) -> Page[PayPeriod]:
    """Closed periods, oldest first."""
    order = (pay_periods.c.from_on, pay_periods.c.period_id)
    query = select(pay_periods)
    return await page(conn, query, order=order, limit=limit, after=after, make=lambda row: PayPeriod(**row._mapping))


async def closed_series(
    conn: AsyncConnection,
    *,
    period_id: UUID,
    metric_id: str,
    sight: Sight,
    by: str | None,
    filters: Mapping[str, str | None],
) -> ClosedSeries:
    """A metric over a closed period: now, and as it was then, which is now without what was adjusted since."""
    async with await snapshot(conn):
        period = await _period(conn, period_id)
        asked = _question(metric_id, sight, by, filters, (period.from_on, period.to_on))
        as_of = await as_of_now(conn)
        now, then = await read(conn, asked, as_of), await read(conn, asked, as_of)
        for half in asked.halves:
            await _take_adjusted_off(conn, half, period_id, then)
    points = _points(asked, now, then, period.closed_at)
    return ClosedSeries(asked.metric.id, asked.metric.unit, period, asked.metric.version, as_of, points)


async def adjustment_list(
    conn: AsyncConnection, *, period_id: UUID, sight: Sight, limit: int, after: str | None
) -> Page[Adjustment]:
    """What changed in a period since it was closed, in the order in which it was noted."""
    await _period(conn, period_id)
    query = select(adjustments, dimension_sets).join(dimension_sets, dimension_sets.c.set_id == adjustments.c.set_id)
    seen = query.where(adjustments.c.period_id == period_id, *in_sight(sight))
    order = (adjustments.c.number,)
    return await page(conn, seen, order=order, limit=limit, after=after, make=lambda row: _adjustment(row._mapping))


def _question(
    metric_id: str, sight: Sight, by: str | None, filters: Mapping[str, str | None], days: tuple[date, date]
) -> Question:
    """The days are those that facts call theirs, whatever their zone."""
    from_, to = days
    asked = question(metric_id=metric_id, sight=sight, zone="UTC", by=by, filters=filters, from_=from_, to=to)
    return replace(asked, period=replace(asked.period, own_days=True))


async def _period(conn: AsyncConnection, period_id: UUID) -> PayPeriod:
    row = (await conn.execute(select(pay_periods).where(pay_periods.c.period_id == period_id))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="pay period", what=period_id)
    return PayPeriod(**row._mapping)


async def _take_adjusted_off(conn: AsyncConnection, half: Question, period_id: UUID, found: Found) -> None:
    by = dimension_sets.c[half.by or "team"].label("by")
    query = select(by, *_adjusted(half)).join(dimension_sets, dimension_sets.c.set_id == adjustments.c.set_id)
    mine = (adjustments.c.period_id == period_id, adjustments.c.kind == half.kind.name, *belonging(half))
    grouped = query.where(*mine).group_by(by, *(["bin"] if half.metric.percent else []))
    for row in (await conn.execute(grouped)).all():
        at = (row.by if half.by else EVERY, 1)
        if half.metric.percent:
            found.add_durations(at, row.bin or 1, -int(row.durations or 0))  # without a duration: nothing of no bin
        else:
            found.add(at, *(-int(value or 0) for value in row[-len(half.sides) :]))


def _adjusted(half: Question) -> list[ColumnElement[Any]]:
    """By how much each side was adjusted; for a percentile, how many durations in which bin."""
    kind, sign = half.kind, adjustments.c.sign
    if half.metric.percent:
        duration = adjustments.c.amounts[kind.amounts.index(half.metric.spread) + 1]
        return [bin_of(duration).label("bin"), func.sum(sign).filter(duration.is_not(None)).label("durations")]
    return [reduce(add, (_adjusted_term(half, part) for part in side), literal(0)) for side in half.sides]


def _adjusted_term(half: Question, part: Part) -> ColumnElement[int]:
    kind, sign, measure = half.kind, adjustments.c.sign * part.sign, half.measure_of(part) or part.usually
    if measure in kind.counts:
        counts = adjustments.c.tallies.bitwise_and(1 << kind.bit(measure)) != 0
        return func.coalesce(func.sum(sign).filter(counts), 0)
    return func.coalesce(func.sum(sign * adjustments.c.amounts[kind.amounts.index(measure) + 1]), 0)


def _points(asked: Question, now: Found, then: Found, closed_at: datetime) -> list[ClosedPoint]:
    """What lasts is as old on either side as it was at the closing: growing older is no adjustment."""
    known = {at for found in (now, then) for at in (*found.sides, *found.bins)}
    is_now, was_then = (reckoner(asked, found, closed_at) for found in (now, then))
    groups = {at for at in known if at[0] is not EVERY} if asked.by else {(EVERY, 1)}
    points = []
    for at in sorted(groups, key=lambda at: (at[0] is None, str(at[0]))):
        is_, was = is_now(at), was_then(at)
        group = named(asked.by, at[0], now.names.get(at[0])) if asked.by else None
        if not asked.by or is_.denominator or was.denominator:
            points.append(ClosedPoint(_side(was), _side(is_), was != is_, group))
    return points


def _side(made: Fraction) -> Side:
    return Side(made.value, made.numerator, made.denominator)


def _adjustment(row: RowMapping) -> Adjustment:
    kind, tallies = KINDS[row[adjustments.c.kind]], row[adjustments.c.tallies]
    counts = {name: tallies >> kind.bit(name) & 1 for name in kind.counts}
    amounts = dict(zip(kind.amounts, row[adjustments.c.amounts], strict=True))
    dimensions = {name: row[dimension_sets.c[name]] for name in Dimensions._fields}
    return Adjustment(
        number=row[adjustments.c.number],
        kind=kind.name,
        fact_key=row[adjustments.c.fact_key],
        fact_version=row[adjustments.c.version],
        change="in" if row[adjustments.c.sign] > 0 else "out",
        happened_at=row[adjustments.c.happened_at],
        day_on=row[adjustments.c.day_on],
        noted_at=row[adjustments.c.noted_at],
        dimensions={name: value for name, value in dimensions.items() if value is not None},
        measures={name: value for name, value in (counts | amounts).items() if value is not None},
    )
