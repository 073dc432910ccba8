"""Making the rollups anew, in temporary tables: shadows summed from the facts, and their differences.

Two sessions share the rollups out between them, and know nothing of each other. In each of them shadows and rollups are
read in one snapshot, so a difference is an error that stood there at that moment, whatever was posted since. Rollups
are sums: with the difference added they are what the shadow with all later posts would be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CTE, Select, Table, bindparam, func, or_, select, table, union_all
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.expression import TableClause, column

from services.kpi.domain.kinds import KINDS
from services.kpi.tables import FAMILIES, LEDGERS, Family, Rollup
from shared.platform.db import Hot, driver_of
from shared.platform.kernel import Moment

FACTS_AT_ONCE = 300_000
IN_MEMORY = "SET work_mem = '128MB'; SET enable_sort = off"
"""A stretch is summed in memory, and hashed: sorting that many wide rows takes longer than all the rest."""

AS_BEFORE = "RESET work_mem; RESET enable_sort; RESET statement_timeout"

Share = Mapping[str, tuple[Family, ...]]
"""The rollups of each kind that one session makes anew."""

SHARES: tuple[Share, ...] = tuple({kind: FAMILIES[kind][first::2] for kind in KINDS} for first in (0, 1))
"""Those by quarter hours and by bins, and those by days and months: either takes about as long."""

BEGINNING, END = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


async def lay_out_shadows(conn: AsyncConnection, share: Share) -> None:
    """Empty shadows of the rollups of a share. Summing millions of facts may take its time."""
    driver = await driver_of(conn)
    await driver.execute(f"SET statement_timeout = 0; {IN_MEMORY}")
    for rollup in _rollups(share):
        for made in (_shadow(rollup), _difference(rollup)):
            await driver.execute(f"DROP TABLE IF EXISTS {made.name}")
            await driver.execute(f"CREATE TEMPORARY TABLE {made.name} (LIKE kpi.{rollup.table.name})")


async def clear_away_shadows(conn: AsyncConnection, share: Share) -> None:
    """Leave the session as it was."""
    driver = await driver_of(conn)
    for rollup in _rollups(share):
        await driver.execute(f"DROP TABLE IF EXISTS {_shadow(rollup).name}, {_difference(rollup).name}")
    await driver.execute(AS_BEFORE)


async def count_facts(conn: AsyncConnection) -> int:
    """How many facts there are."""
    driver = await driver_of(conn)
    return sum([await driver.fetchval(f"SELECT count(*) FROM kpi.{ledger.facts.name}") for ledger in LEDGERS.values()])


async def end_of_stretch(conn: AsyncConnection, kind: str, after: datetime) -> datetime:
    """Until when the next so many facts happened; the end of time when there are fewer left."""
    at = LEDGERS[kind].facts.c.happened_at
    nth = select(at).where(at > bindparam("after", type_=Moment)).order_by(at).offset(FACTS_AT_ONCE).limit(1)
    found = await Hot(nth).run(conn, after=after)
    return found[0]["happened_at"] if found else END


async def sum_stretch(conn: AsyncConnection, share: Share, kind: str, after: datetime, until: datetime) -> int:
    """Add the facts that happened after one instant and up to another to the shadows; how many."""
    facts = LEDGERS[kind].facts
    between = (
        facts.c.happened_at > bindparam("after", type_=Moment),
        facts.c.happened_at <= bindparam("until", type_=Moment),
    )
    stretch = select(facts).where(*between).subquery()
    for family in share[kind]:
        base = family.base(stretch).order_by(None).cte("base")
        first, *others = (_summing(rollup, base) for rollup in family.rollups)
        for number, other in enumerate(others):
            first = first.add_cte(other.cte(f"other_{number}"))
        await Hot(first).run(conn, after=after, until=until)
    counted = select(func.count()).select_from(stretch)
    return int((await Hot(counted).run(conn, after=after, until=until))[0][0])


def _summing(rollup: Rollup, base: CTE) -> Insert:
    return insert(_shadow(rollup)).from_select([*rollup.place, *rollup.sums], rollup.of(base).order_by(None))


async def compare(conn: AsyncConnection, share: Share) -> dict[str, int]:
    """Keep where the rollups are not what their shadows are; at how many places, by rollup."""
    driver, found = await driver_of(conn), {}
    for rollup in _rollups(share):
        different = insert(_difference(rollup)).from_select([*rollup.place, *rollup.sums], _differing(rollup))
        await Hot(different).run(conn)
        found[rollup.table.name] = await driver.fetchval(f"SELECT count(*) FROM {_difference(rollup).name}")
    return found


async def correct(conn: AsyncConnection, share: Share) -> None:
    """Add the differences to the rollups, in the order in which posting locks them."""
    for rollup in _rollups(share):
        rows = select(*_columns(rollup, _difference(rollup)))
        place = [_difference(rollup).c[name] for name in rollup.place]
        new = insert(rollup.table).from_select([*rollup.place, *rollup.sums], rows.order_by(*place))
        right = {name: _or_0(rollup.table.c[name]) + _or_0(new.excluded[name]) for name in rollup.sums}
        await Hot(new.on_conflict_do_update(index_elements=rollup.place, set_=right)).run(conn)


def _differing(rollup: Rollup) -> Select[Any]:
    """What the shadow has, minus what is stored, where something remains."""
    stored = [*(rollup.table.c[name] for name in rollup.place), *(-rollup.table.c[name] for name in rollup.sums)]
    both = union_all(select(*_columns(rollup, _shadow(rollup))), select(*stored)).subquery()
    place = list(both.c)[: len(rollup.place)]
    sums = [func.coalesce(func.sum(each), 0) for each in list(both.c)[len(rollup.place) :]]
    return select(*place, *sums).group_by(*place).having(or_(*(each != 0 for each in sums)))


def _rollups(share: Share) -> Iterator[Rollup]:
    return (rollup for kind in sorted(share) for family in share[kind] for rollup in family.rollups)


def _shadow(rollup: Rollup) -> TableClause:
    return _temporary("shadow", rollup.table, rollup)


def _difference(rollup: Rollup) -> TableClause:
    return _temporary("difference", rollup.table, rollup)


def _temporary(what: str, of: Table, rollup: Rollup) -> TableClause:
    names = (*rollup.place, *rollup.sums)
    return table(f"{what}_{of.name}", *(column(name, of.c[name].type) for name in names))


def _columns(rollup: Rollup, rows: TableClause) -> list[Any]:
    return [rows.c[name] for name in (*rollup.place, *rollup.sums)]


def _or_0(value: Any) -> Any:
    return func.coalesce(value, 0)
