"""Whether the rollups equal what their facts add up to, now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Table, func, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.queries.conditions import snapshot
from services.kpi.tables import MEASURES, PLACE, bucket_of, facts, rollups

MOST_DIFFERENCES = 100


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where a rollup is not what its facts add up to: by how much each sum is too high (negative: too low)."""

    bucket_at: datetime
    set_id: UUID
    shift_on: date | None
    too_high: dict[str, int]


@dataclass(frozen=True, slots=True)
class Consistency:
    """What was compared. `difference_count` is zero, or something is broken; at most 100 differences are shown."""

    consistent: bool
    fact_count: int
    rollup_count: int
    difference_count: int
    differences: list[Difference]


async def consistency(conn: AsyncConnection) -> Consistency:
    """Recompute every rollup from the facts and compare. Reads everything: meant for now and then."""
    async with await snapshot(conn):
        wrong = (await conn.execute(_wrong_sums())).all()
        fact_count, rollup_count = [await _count(conn, table) for table in (facts, rollups)]
    difference_count = wrong[0].wrong_count if wrong else 0
    return Consistency(not wrong, fact_count, rollup_count, difference_count, [_difference(row) for row in wrong])


def _wrong_sums() -> Select[Any]:
    """What is stored, minus what the facts say; left are the places where something remains."""
    stored = select(*(rollups.c[name] for name in (*PLACE, *MEASURES)))
    bucket_at = bucket_of(facts.c.happened_at).label("bucket_at")
    said = select(bucket_at, facts.c.set_id, facts.c.shift_on, *((-facts.c[name]).label(name) for name in MEASURES))
    both = union_all(stored, said).subquery()
    place = [both.c[name] for name in PLACE]
    sums = {name: func.coalesce(func.sum(both.c[name]), 0) for name in MEASURES}
    named = [value.label(name) for name, value in sums.items()]
    wrong = select(*place, *named, func.count().over().label("wrong_count")).group_by(*place)
    return wrong.having(or_(*(value != 0 for value in sums.values()))).order_by(*place).limit(MOST_DIFFERENCES)


async def _count(conn: AsyncConnection, table: Table) -> int:
    return (await conn.execute(select(func.count()).select_from(table))).scalar_one()


def _difference(row: Row[Any]) -> Difference:
    values = {name: int(getattr(row, name)) for name in MEASURES}
    return Difference(row.bucket_at, row.set_id, row.shift_on, {name: wrong for name, wrong in values.items() if wrong})
