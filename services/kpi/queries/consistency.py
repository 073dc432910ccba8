"""Whether the rollups equal what their facts add up to, now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Interval, Row, Select, Table, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.ledger import BUCKET_MINUTES
from services.kpi.queries.conditions import snapshot
from services.kpi.tables import DISTRIBUTIONS, MEASURES, bins, facts, rollups
from shared.platform.kernel import Moment

MOST_DIFFERENCES = 100
ORIGIN = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where a rollup is not what its facts add up to: by how much each sum is too high (negative: too low).

    A sum is a measure, or `distribution@position`.
    """

    bucket_at: datetime
    set_id: UUID
    shift_on: date | None
    too_high: dict[str, int]


@dataclass(frozen=True, slots=True)
class Consistency:
    """What was compared. `difference_count` is zero, or something is broken; at most 200 differences are shown."""

    consistent: bool
    fact_count: int
    rollup_count: int
    bin_count: int
    difference_count: int
    differences: list[Difference]


async def consistency(conn: AsyncConnection) -> Consistency:
    """Recompute every rollup from the facts and compare. Reads everything: meant for now and then."""
    async with await snapshot(conn):
        sums = (await conn.execute(_wrong_sums())).all()
        counts = (await conn.execute(_wrong_counts())).all()
        fact_count, rollup_count, bin_count = [await _count(conn, table) for table in (facts, rollups, bins)]
    wrong = sum(rows[0].wrong_count for rows in (sums, counts) if rows)
    differences = [*map(_wrong_sum, sums), *map(_wrong_bin, counts)]
    return Consistency(not wrong, fact_count, rollup_count, bin_count, wrong, differences)


def _wrong_sums() -> Select[Any]:
    """What is stored, minus what the facts say; left are the places where something remains."""
    stored = select(*_place(rollups, rollups.c.bucket_at), *(rollups.c[name] for name in MEASURES))
    said = select(*_place(facts, _bucket()), *((-facts.c[name]).label(name) for name in MEASURES))
    return _remaining(stored, said, group=("bucket_at", "set_id", "shift_on"), sums=MEASURES)


def _wrong_counts() -> Select[Any]:
    stored = select(*_place(bins, bins.c.bucket_at), bins.c.distribution, bins.c.position, bins.c.count)
    said = [
        select(
            *_place(facts, _bucket()),
            literal(name).label("distribution"),
            facts.c[name].label("position"),
            literal(-1).label("count"),
        ).where(facts.c[name].is_not(None))
        for name in DISTRIBUTIONS
    ]
    return _remaining(
        stored, *said, group=("bucket_at", "set_id", "shift_on", "distribution", "position"), sums=("count",)
    )


def _remaining(*rows: Select[Any], group: Sequence[str], sums: Sequence[str]) -> Select[Any]:
    both = union_all(*rows).subquery()
    keys = [both.c[name] for name in group]
    totals = [func.coalesce(func.sum(both.c[name]), 0).label(name) for name in sums]
    wrong = select(*keys, *totals, func.count().over().label("wrong_count")).group_by(*keys)
    return wrong.having(or_(*(func.sum(both.c[name]) != 0 for name in sums))).order_by(*keys).limit(MOST_DIFFERENCES)


def _place(table: Table, bucket_at: ColumnElement[Any]) -> tuple[ColumnElement[Any], ...]:
    return (bucket_at.label("bucket_at"), table.c.set_id, table.c.shift_on)


def _bucket() -> ColumnElement[Any]:
    width = literal(timedelta(minutes=BUCKET_MINUTES), Interval)
    return func.date_bin(width, facts.c.happened_at, literal(ORIGIN, Moment))


async def _count(conn: AsyncConnection, table: Table) -> int:
    return (await conn.execute(select(func.count()).select_from(table))).scalar_one()


def _wrong_sum(row: Row[Any]) -> Difference:
    values = {name: int(getattr(row, name)) for name in MEASURES}
    wrong = {name: value for name, value in values.items() if value}
    return Difference(row.bucket_at, row.set_id, row.shift_on, wrong)


def _wrong_bin(row: Row[Any]) -> Difference:
    return Difference(
        row.bucket_at, row.set_id, row.shift_on, {f"{row.distribution}@{row.position}": int(row._mapping["count"])}
    )
