"""Whether the rollups equal what their facts add up to, now."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from asyncpg import Record
from sqlalchemy import Table, func, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.kinds import KINDS
from services.kpi.queries.conditions import snapshot
from services.kpi.tables import LEDGERS, ROLLUPS, Rollup
from shared.platform.db import Hot, driver_of

MOST_DIFFERENCES = 100


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where a rollup is not what its facts add up to: by how much each sum is too high (negative: too low)."""

    rollup: str
    place: dict[str, Any]
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
    wrong: list[tuple[Rollup, list[Record]]] = []
    fact_count = rollup_count = 0
    async with await snapshot(conn):
        for kind in KINDS:
            counts = [await _count(conn, table) for table in (LEDGERS[kind].facts, *_tables(kind))]
            fact_count += counts[0]
            rollup_count += sum(counts[1:])
            if any(counts):
                wrong += [(rollup, await _wrong_sums(rollup, kind).run(conn)) for rollup in ROLLUPS[kind]]
    difference_count = sum(rows[0]["wrong_count"] for _, rows in wrong if rows)
    differences = [_difference(rollup, row) for rollup, rows in wrong for row in rows]
    return Consistency(not difference_count, fact_count, rollup_count, difference_count, differences[:MOST_DIFFERENCES])


def _tables(kind: str) -> list[Table]:
    return [rollup.table for rollup in ROLLUPS[kind]]


@cache
def _wrong_sums(rollup: Rollup, kind: str) -> Hot:
    """What is stored, minus what the facts say; left are the places where something remains."""
    stored = select(*(rollup.table.c[name] for name in (*rollup.place, *rollup.sums)))
    said = rollup.of(LEDGERS[kind].facts).order_by(None).subquery()
    taken = select(*(said.c[name] for name in rollup.place), *((-said.c[name]).label(name) for name in rollup.sums))
    both = union_all(stored, taken).subquery()
    place = [both.c[name] for name in rollup.place]
    sums = {name: func.coalesce(func.sum(both.c[name]), 0) for name in rollup.sums}
    named = [value.label(name) for name, value in sums.items()]
    wrong = select(*place, *named, func.count().over().label("wrong_count")).group_by(*place)
    return Hot(wrong.having(or_(*(value != 0 for value in sums.values()))).order_by(*place).limit(MOST_DIFFERENCES))


async def _count(conn: AsyncConnection, table: Table) -> int:
    counted: int = await (await driver_of(conn)).fetchval(f"SELECT count(*) FROM kpi.{table.name}")
    return counted


def _difference(rollup: Rollup, row: Record) -> Difference:
    values = {name: int(row[name]) for name in rollup.sums}
    place = {name: row[name] for name in rollup.place}
    return Difference(rollup.table.name, place, {name: wrong for name, wrong in values.items() if wrong})
