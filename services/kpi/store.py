"""Facts and rollups, written a batch at a time: a few statements however many facts.

Locks are taken in one order by every worker: sets, new facts, known facts, rollups, bins, progress, each sorted; so
two workers wait for each other and never in a circle.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from itertools import groupby
from typing import Any
from uuid import UUID

from asyncpg import Record
from sqlalchemy import ARRAY, Column, Uuid, bindparam, column, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import TableValuedAlias

from services.kpi.domain.fact import KINDS, Dimensions, Fact, Kind
from services.kpi.domain.ledger import Accepted, Bin, Place, Totals
from services.kpi.tables import bins, dimension_sets, facts, progress, rollups
from shared.platform.db import Hot
from shared.platform.ids import stable_id

CHUNK = 5_000
"""Rows in one statement at most, to bound what the server holds at once."""

Row = tuple[Any, ...]


async def save_facts(conn: AsyncConnection, newest: Iterable[Fact]) -> list[Accepted]:
    """Store the facts (one version of each) that are new or newer; what was taken, and what each replaced."""
    ordered = sorted(newest, key=lambda fact: (fact.kind, fact.key.int))
    await _keep_sets(conn, {(fact.kind, fact.dimensions) for fact in ordered})
    by_kind = {KINDS[kind]: list(same) for kind, same in groupby(ordered, key=lambda fact: fact.kind)}
    accepted: list[Accepted] = []
    known: dict[Kind, list[Fact]] = {}
    for kind, found in by_kind.items():
        new = await _insert_new(conn, kind, found)
        accepted += [Accepted(None, fact) for fact in found if fact.key in new]
        known[kind] = [fact for fact in found if fact.key not in new]
    for kind, found in known.items():
        accepted += await _replace_older(conn, kind, found)
    return accepted


async def add_to_rollups(conn: AsyncConnection, totals: Totals) -> None:
    """Add sums and counts (which may be negative) to what is stored."""
    places = sorted(totals.sums, key=_place_order)
    for kind, same in groupby(places, key=lambda place: place.kind):
        measures = KINDS[kind].measures
        rows = [(*_place_row(place), *_values(totals.sums[place], measures)) for place in same]
        await _run(conn, _add_sums(kind), _PLACE + measures, rows)
    at_bins = sorted(totals.counts, key=lambda at: (*_place_order(at.place), at.distribution, at.position))
    await _run(conn, _add_counts(), _BIN, [_bin_row(at, totals.counts[at]) for at in at_bins])


async def mark_progress(conn: AsyncConnection, as_of: datetime) -> None:
    """Remember the time of the newest event applied. Last of all, as every worker waits for this row."""
    await _mark().run(conn, as_of=as_of)


async def _keep_sets(conn: AsyncConnection, sets: set[tuple[str, Dimensions]]) -> None:
    """Store the combinations of dimensions that are not stored yet."""
    by_id = {set_id_of(kind, dimensions): (kind, dimensions) for kind, dimensions in sets}
    stored = {row["set_id"] for row in await _known_sets().run(conn, ids=list(by_id))}
    rows = [(set_id, by_id[set_id][0], *by_id[set_id][1]) for set_id in sorted(by_id.keys() - stored)]
    await _run(conn, _add_sets(), tuple(dimension_sets.c.keys()), rows)


async def _insert_new(conn: AsyncConnection, kind: Kind, found: Sequence[Fact]) -> set[UUID]:
    """Insert the facts that nobody knows yet; their keys."""
    rows = [_fact_row(kind, fact) for fact in found]
    return {row["fact_key"] for row in await _run(conn, _add_facts(kind.name), _fact_columns(kind), rows)}


async def _replace_older(conn: AsyncConnection, kind: Kind, found: Sequence[Fact]) -> list[Accepted]:
    """Replace the facts whose stored version is older; the others came late and are dropped."""
    old: dict[UUID, Fact] = {}
    for row in await _run(conn, _lock_facts(kind.name), ("fact_key",), [(fact.key,) for fact in found]):
        old[row["fact_key"]] = _fact(kind, row)
    accepted = [Accepted(old[fact.key], fact) for fact in found if fact.version > old[fact.key].version]
    newer = [_fact_row(kind, change.new) for change in accepted]
    await _run(conn, _change_facts(kind.name), _fact_columns(kind), newer)
    return accepted


@lru_cache(maxsize=100_000)
def set_id_of(kind: str, dimensions: Dimensions) -> UUID:
    """The id of a combination of dimensions: the same in every worker, without asking."""
    return stable_id(json.dumps([kind, *dimensions], ensure_ascii=False))


def _fact_row(kind: Kind, fact: Fact) -> Row:
    values = (*_values(fact.measures, kind.measures, None), *_values(fact.positions, kind.distributions, None))
    return (fact.key, fact.version, fact.happened_at, fact.shift_on, set_id_of(fact.kind, fact.dimensions), *values)


def _fact(kind: Kind, row: Record) -> Fact:
    return Fact(
        kind=kind.name,
        key=row["fact_key"],
        version=row["version"],
        happened_at=row["happened_at"],
        dimensions=Dimensions(*(row[name] for name in Dimensions._fields)),
        measures={name: row[name] for name in kind.measures if row[name] is not None},
        positions={name: row[name] for name in kind.distributions if row[name] is not None},
        shift_on=row["shift_on"],
    )


_FACT = ("fact_key", "version", "happened_at", "shift_on", "set_id")
_PLACE = ("bucket_at", "set_id", "shift_on")
_BIN = (*_PLACE, "distribution", "position", "count")


def _fact_columns(kind: Kind) -> tuple[str, ...]:
    return (*_FACT, *kind.measures, *kind.distributions)


def _place_row(place: Place) -> Row:
    return (place.bucket_at, set_id_of(place.kind, place.dimensions), place.shift_on)


def _place_order(place: Place) -> Row:
    bucket_at, set_id, shift_on = _place_row(place)
    return (place.kind, bucket_at, set_id.int, shift_on or date.min)


def _bin_row(at: Bin, count: int) -> Row:
    return (*_place_row(at.place), at.distribution, at.position, count)


def _values(found: Mapping[str, int], names: Sequence[str], missing: int | None = 0) -> Iterator[int | None]:
    return (found.get(name, missing) for name in names)


async def _run(conn: AsyncConnection, statement: Hot, names: Sequence[str], rows: Sequence[Row]) -> list[Record]:
    """Run a statement over rows, handed over column by column."""
    answers: list[Record] = []
    for chunk in _chunks(rows):
        columns = dict(zip(names, map(list, zip(*chunk, strict=True)), strict=True))
        answers += await statement.run(conn, **columns)
    return answers


def _chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    return (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))


def _given(columns: Iterable[Column[Any]]) -> TableValuedAlias:
    """The rows handed over, as a table."""
    columns = list(columns)
    arrays = [bindparam(given.name, type_=ARRAY(given.type)) for given in columns]
    named = func.unnest(*arrays).table_valued(*(column(given.name, given.type) for given in columns), name="given")
    return named.render_derived()


@cache
def _known_sets() -> Hot:
    return Hot(
        select(dimension_sets.c.set_id).where(dimension_sets.c.set_id == bindparam("ids", type_=ARRAY(Uuid)).any_())
    )


@cache
def _add_sets() -> Hot:
    given = _given(dimension_sets.c)
    return Hot(insert(dimension_sets).from_select(list(given.c.keys()), select(given)).on_conflict_do_nothing())


@cache
def _add_facts(kind: str) -> Hot:
    given = _given(facts.c[name] for name in _fact_columns(KINDS[kind]))
    rows = select(literal(kind), *given.c)
    new = insert(facts).from_select(["kind", *given.c.keys()], rows)
    return Hot(new.on_conflict_do_nothing().returning(facts.c.fact_key))


@cache
def _lock_facts(kind: str) -> Hot:
    wanted = bindparam("fact_key", type_=ARRAY(Uuid))
    columns = [facts.c[name] for name in _fact_columns(KINDS[kind])]
    return Hot(
        select(*columns, *(dimension_sets.c[name] for name in Dimensions._fields))
        .join(dimension_sets, dimension_sets.c.set_id == facts.c.set_id)
        .where(facts.c.kind == kind, facts.c.fact_key == wanted.any_())
        .order_by(facts.c.fact_key)
        .with_for_update(of=facts)
    )


@cache
def _change_facts(kind: str) -> Hot:
    given = _given(facts.c[name] for name in _fact_columns(KINDS[kind]))
    new = {name: given.c[name] for name in given.c.keys() if name != "fact_key"}
    return Hot(update(facts).values(new).where(facts.c.kind == kind, facts.c.fact_key == given.c.fact_key))


@cache
def _add_sums(kind: str) -> Hot:
    measures = KINDS[kind].measures
    given = _given(rollups.c[name] for name in (*_PLACE, *measures))
    new = insert(rollups).from_select(list(given.c.keys()), select(given))
    sums = {name: func.coalesce(rollups.c[name], 0) + new.excluded[name] for name in measures}
    return Hot(new.on_conflict_do_update(index_elements=_PLACE, set_=sums))


@cache
def _add_counts() -> Hot:
    given = _given(bins.c)
    new = insert(bins).from_select(list(given.c.keys()), select(given))
    place = [name for name in _BIN if name != "count"]
    return Hot(new.on_conflict_do_update(index_elements=place, set_={"count": bins.c.count + new.excluded.count}))


@cache
def _mark() -> Hot:
    new = insert(progress).values(progress_id=1, as_of=bindparam("as_of"))
    newest = func.greatest(progress.c.as_of, new.excluded.as_of)
    return Hot(new.on_conflict_do_update(index_elements=["progress_id"], set_={"as_of": newest}))
