"""The ledger: facts and their rollups, a batch at a time in a few statements however many facts.

A batch is copied into a temporary table. New facts are inserted from there; of a newer version the old one is laid
beside it with the sign −1; stale ones are removed. What then lies there is added to the rollups: old out, new in.

Locks are taken in one order by every worker, each sorted: teams; kind by kind sets, new facts, known facts; kind by
kind rollups; progress last. So workers wait for each other, never in a circle, and for the rows that all of them share
only at the very end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from asyncpg.pgproto import pgproto
from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Uuid,
    bindparam,
    column,
    delete,
    func,
    literal,
    literal_column,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import Insert, dialect, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.schema import CreateTable

from services.kpi.domain.fact import DimensionSet, Fact
from services.kpi.domain.kinds import ABOVE, View
from services.kpi.store.periods import POSTING, note_adjustments
from services.kpi.tables import FAMILIES, KEPT, LEDGERS, Family, Ledger, Rollup, dimension_sets
from shared.platform.db import Hot, driver_of

MOST_SETS_REMEMBERED = 200_000

_STORED: WeakKeyDictionary[AsyncEngine, set[DimensionSet]] = WeakKeyDictionary()
"""Of each database, sets that are known to be committed there."""


async def post(conn: AsyncConnection, newest: Mapping[str, Sequence[Fact]], *, now: datetime) -> None:
    """Put facts (one version of each, by kind) into the ledger: new and newer ones count, stale ones change nothing.

    Once in a transaction.
    """
    await (await driver_of(conn)).execute(POSTING)
    replaced = {kind: await _post_facts(conn, LEDGERS[kind], newest[kind]) for kind in sorted(newest)}
    for kind in sorted(newest):
        await add_posted(conn, kind, now=now, nights=replaced[kind])


async def add_posted(conn: AsyncConnection, kind: str, *, now: datetime, nights: bool) -> None:
    """Add what lies in the posted table of a kind to its rollups, and note what of it lies in closed periods.

    `nights`: some of it may be marked as behind midnight; what is new is not, before it is judged.
    """
    await note_adjustments(LEDGERS[kind]).run(conn, now=now)
    await _add_to([family for family in FAMILIES[kind] if nights or not family.of_nights], conn, kind)


async def add_nights(conn: AsyncConnection, kind: str) -> None:
    """Add what lies in the posted table of a kind to the rollups of what lies behind midnight, and to no others."""
    await _add_to([family for family in FAMILIES[kind] if family.of_nights], conn, kind)


async def _add_to(families: Sequence[Family], conn: AsyncConnection, kind: str) -> None:
    for family in families:
        await _add(family, LEDGERS[kind]).run(conn)


async def make_posted(conn: AsyncConnection, kind: str) -> None:
    """Have a table for what is posted of a kind."""
    await (await driver_of(conn)).execute(_make_posted(LEDGERS[kind]))


async def _post_facts(conn: AsyncConnection, ledger: Ledger, found: Sequence[Fact]) -> bool:
    """Whether some of them had been known before."""
    await _lay_down(conn, ledger, _rows(found))
    known = [row["fact_key"] for row in await _insert_new(ledger).run(conn)]
    if known:
        await _replace_older(conn, ledger, {fact.key: fact.version for fact in found}, known)
    return bool(known)


def unknown_sets(engine: AsyncEngine, sets: set[DimensionSet]) -> set[DimensionSet]:
    """Those of which it is not known here that they are stored, with what the views keep of them."""
    stored = _STORED.setdefault(engine, set())
    new = sets - stored
    return new | {kept for each in new for kept in each.views.values()} - stored


async def keep_sets(conn: AsyncConnection, sets: set[DimensionSet]) -> None:
    """Store combinations of dimensions, and remember that they are: each statement is a transaction of its own here."""
    rows = [_set_row(each) for each in sorted(sets, key=lambda each: each.set_id.int)]
    await _add_sets().run(conn, **dict(zip(dimension_sets.c.keys(), map(list, zip(*rows, strict=True)), strict=True)))
    stored = _STORED.setdefault(conn.engine, set())
    if len(stored) > MOST_SETS_REMEMBERED:
        stored.clear()
    stored.update(sets)


def _set_row(each: DimensionSet) -> tuple[Any, ...]:
    """A set as stored, with the sets that are summed up from it."""
    above = each.views
    if each.view is not None:
        above = {view: above[view] for view in (each.view, *ABOVE.get(each.view, ()))}
    kept = (found and found.set_id for found in map(above.get, View))
    return (each.set_id, each.kind.name, *each.dimensions, each.view, *kept)


async def _lay_down(conn: AsyncConnection, ledger: Ledger, rows: Iterable[Sequence[Any]]) -> None:
    """Copy the batch to where it is worked on."""
    driver = await driver_of(conn)
    await make_posted(conn, ledger.kind.name)
    await driver.copy_records_to_table(ledger.posted.name, records=rows, columns=(*ledger.own, *KEPT))


async def _replace_older(
    conn: AsyncConnection, ledger: Ledger, versions: dict[UUID, int], known: Sequence[UUID]
) -> None:
    """Replace the facts whose stored version is older; of the others, the batch holds nothing new."""
    stored = await _lock(ledger).run(conn, keys=known)
    newer = [row["fact_key"] for row in stored if row["version"] < versions[row["fact_key"]]]
    await _drop_stale(ledger).run(conn, keys=list(set(known) - set(newer)))
    await _take_out(ledger).run(conn, keys=newer)
    await _bring_in(ledger).run(conn, keys=newer)


def _rows(found: Iterable[Fact]) -> Iterator[tuple[Any, ...]]:
    """Facts as rows, in the order of their ledger's columns, and the sets that the views keep of theirs."""
    for belongs, key, version, happened_at, day_on, tallies, amounts, links, judged_by in found:
        set_id, kept = _ids_of(belongs)
        yield (key, version, happened_at, day_on, set_id, tallies, *amounts, *links, judged_by, *kept)


@lru_cache(maxsize=MOST_SETS_REMEMBERED)
def _ids_of(belongs: DimensionSet) -> tuple[pgproto.UUID, tuple[pgproto.UUID | None, ...]]:
    """The ids of a set and of what the views keep of it, as the driver writes them fastest."""
    kept = map(belongs.views.get, View)
    return pgproto.UUID(belongs.set_id.bytes), tuple(pgproto.UUID(each.set_id.bytes) if each else None for each in kept)


@cache
def _add_sets() -> Hot:
    """Rows handed over column by column."""
    columns = dimension_sets.c
    rows = func.unnest(*(bindparam(given.name, type_=ARRAY(given.type)) for given in columns))
    given = rows.table_valued(*(column(given.name, given.type) for given in columns)).render_derived()
    return Hot(insert(dimension_sets).from_select(list(columns.keys()), select(given)).on_conflict_do_nothing())


@cache
def _make_posted(ledger: Ledger) -> str:
    return str(CreateTable(ledger.posted, if_not_exists=True).compile(dialect=dialect()))  # type: ignore[no-untyped-call]


@cache
def _insert_new(ledger: Ledger) -> Hot:
    """Insert what nobody knows yet; the keys of the rest."""
    facts, posted = ledger.facts, ledger.posted
    rows = select(*(posted.c[name] for name in ledger.own)).order_by(posted.c.fact_key)
    new = insert(facts).from_select(ledger.own, rows).on_conflict_do_nothing()
    inserted = new.returning(facts.c.fact_key).cte("inserted")
    return Hot(select(posted.c.fact_key).where(~select(1).where(inserted.c.fact_key == posted.c.fact_key).exists()))


@cache
def _lock(ledger: Ledger) -> Hot:
    facts = ledger.facts
    wanted = select(facts.c.fact_key, facts.c.version).where(facts.c.fact_key == _keys().any_())
    return Hot(wanted.order_by(facts.c.fact_key).with_for_update())


@cache
def _drop_stale(ledger: Ledger) -> Hot:
    return Hot(delete(ledger.posted).where(ledger.posted.c.fact_key == _keys().any_()))


@cache
def _take_out(ledger: Ledger) -> Hot:
    """Lay the stored version beside the new one, to be subtracted."""
    facts = ledger.facts
    kept = select(*(dimension_sets.c[name] for name in KEPT)).where(dimension_sets.c.set_id == facts.c.set_id)
    sets = kept.offset(literal_column("0")).lateral()  # by its key for each, not all sets at once
    old = select(*(facts.c[name] for name in ledger.own), *sets.c, literal(-1)).join(sets, true())
    taken = [*ledger.own, *KEPT, "sign"]
    return Hot(insert(ledger.posted).from_select(taken, old.where(facts.c.fact_key == _keys().any_())))


@cache
def _bring_in(ledger: Ledger) -> Hot:
    facts, posted = ledger.facts, ledger.posted
    new = {name: posted.c[name] for name in ledger.own if name != "fact_key"}
    same = (facts.c.fact_key == _keys().any_(), posted.c.fact_key == facts.c.fact_key)
    return Hot(update(facts).values(new).where(*same, posted.c.sign > 0))


@cache
def _add(family: Family, ledger: Ledger) -> Hot:
    """Sum what lies there, and add that to the rollups made of it."""
    base = family.base(ledger.posted).order_by(None).cte("base")
    first, *others = (_adding(rollup, base) for rollup in family.rollups)
    for number, other in enumerate(others):
        first = first.add_cte(other.cte(f"other_{number}"))
    return Hot(first)


def _adding(rollup: Rollup, base: CTE) -> Insert:
    table, columns = rollup.table, (*rollup.place, *rollup.sums)
    new = insert(table).from_select(columns, rollup.of(base))
    added = {name: _sum_of(table.c[name], new.excluded[name]) for name in rollup.sums}
    return new.on_conflict_do_update(index_elements=rollup.place, set_=added)


def _sum_of(one: ColumnElement[int], other: ColumnElement[int]) -> ColumnElement[int]:
    """NULL is the sum of nothing."""
    return func.coalesce(one + other, one, other)


def _keys(name: str = "keys") -> Any:
    return bindparam(name, type_=ARRAY(Uuid))
