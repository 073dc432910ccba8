"""The ledger: facts and their rollups, a batch at a time in a few statements however many facts.

A batch is copied into a temporary table. New facts are inserted from there; of a newer version the old one is laid
beside it with the sign −1; stale ones are removed. What then lies there is added to the rollups: old out, new in.

Locks are taken in one order by every worker, each sorted: teams; kind by kind sets, new facts, known facts, rollups;
progress last. So workers wait for each other, never in a circle.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Uuid,
    bindparam,
    cast,
    column,
    delete,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import dialect, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateTable

from services.kpi.domain.fact import Dimensions, Fact
from services.kpi.domain.kinds import KINDS, Kind
from services.kpi.tables import FACT, PLACE, POSTED, bucket_of, dimension_sets, facts, progress, rollups, teams
from shared.contracts.roster import TeamChanged
from shared.platform.db import Hot, driver_of
from shared.platform.ids import stable_id


async def post(conn: AsyncConnection, newest: Sequence[Fact]) -> None:
    """Put facts (one version of each) into the ledger: new and newer ones count, stale ones change nothing."""
    for kind in sorted({fact.kind for fact in newest}):
        await _post_kind(conn, KINDS[kind], [fact for fact in newest if fact.kind == kind])


async def mark_progress(conn: AsyncConnection, as_of: datetime) -> None:
    """Remember the time of the newest event applied. Last of all, as every worker waits for this row."""
    await _mark().run(conn, as_of=as_of)


async def save_team(conn: AsyncConnection, team: TeamChanged, *, sequence: int) -> None:
    """Keep a team's code, unless a newer one is known."""
    await _keep_team().run(conn, team_id=team.team_id, code=team.code, sequence=sequence)


async def _post_kind(conn: AsyncConnection, kind: Kind, found: Sequence[Fact]) -> None:
    set_ids = {dimensions: set_id_of(kind.name, dimensions) for dimensions in {fact.dimensions for fact in found}}
    await _keep_sets(conn, kind, set_ids)
    await _lay_down(conn, kind, _rows(found, set_ids))
    known = [row["fact_key"] for row in await _insert_new(kind.name).run(conn)]
    if known:
        await _replace_older(conn, kind, {fact.key: fact.version for fact in found}, known)
    await _add_sums(kind.name).run(conn)


async def _keep_sets(conn: AsyncConnection, kind: Kind, set_ids: Mapping[Dimensions, UUID]) -> None:
    """Store the combinations of dimensions that are not stored yet."""
    stored = {row["set_id"] for row in await _known_sets().run(conn, ids=list(set_ids.values()))}
    new = sorted(
        ((set_id, kind.name, *dimensions) for dimensions, set_id in set_ids.items() if set_id not in stored),
        key=lambda row: row[0].int,
    )
    if new:
        columns = map(list, zip(*new, strict=True))
        await _add_sets().run(conn, **dict(zip(dimension_sets.c.keys(), columns, strict=True)))


async def _lay_down(conn: AsyncConnection, kind: Kind, rows: Iterable[Sequence[Any]]) -> None:
    """Copy the batch to where it is worked on."""
    driver, posted = await driver_of(conn), POSTED[kind.name]
    await driver.execute(_make_posted(kind.name))
    columns = [name for name in posted.c.keys() if name != "sign"]
    await driver.copy_records_to_table(posted.name, records=rows, columns=columns)


async def _replace_older(conn: AsyncConnection, kind: Kind, versions: dict[UUID, int], known: list[UUID]) -> None:
    """Replace the facts whose stored version is older; of the others, the batch holds nothing new."""
    stored = await _lock(kind.name).run(conn, keys=known)
    newer = [row["fact_key"] for row in stored if row["version"] < versions[row["fact_key"]]]
    await _drop_stale(kind.name).run(conn, keys=list(set(known) - set(newer)))
    await _take_out(kind.name).run(conn, keys=newer)
    await _bring_in(kind.name).run(conn, keys=newer)


@lru_cache(maxsize=100_000)
def set_id_of(kind: str, dimensions: Dimensions) -> UUID:
    """The id of a combination of dimensions: the same in every worker, without asking."""
    return stable_id(json.dumps([kind, *dimensions], ensure_ascii=False))


def _rows(found: Iterable[Fact], set_ids: Mapping[Dimensions, UUID]) -> Iterator[tuple[Any, ...]]:
    """Facts as rows, in the order of the columns of `posted_of`."""
    for _, key, version, happened_at, dimensions, measures, values, shift_on in found:
        yield (key, version, happened_at, shift_on, set_ids[dimensions], *measures, *values)


@cache
def _known_sets() -> Hot:
    return Hot(select(dimension_sets.c.set_id).where(dimension_sets.c.set_id == _keys("ids").any_()))


@cache
def _add_sets() -> Hot:
    """Rows handed over column by column."""
    columns = dimension_sets.c
    rows = func.unnest(*(bindparam(given.name, type_=ARRAY(given.type)) for given in columns))
    given = rows.table_valued(*(column(given.name, given.type) for given in columns)).render_derived()
    return Hot(insert(dimension_sets).from_select(list(columns.keys()), select(given)).on_conflict_do_nothing())


@cache
def _make_posted(kind: str) -> str:
    return str(CreateTable(POSTED[kind], if_not_exists=True).compile(dialect=dialect()))  # type: ignore[no-untyped-call]


@cache
def _insert_new(kind: str) -> Hot:
    """Insert what nobody knows yet; the keys of the rest."""
    posted = POSTED[kind]
    own = [posted.c[name] for name in _own(kind)]
    rows = select(literal(kind), *own).order_by(posted.c.fact_key)
    new = insert(facts).from_select(["kind", *_own(kind)], rows).on_conflict_do_nothing()
    inserted = new.returning(facts.c.fact_key).cte("inserted")
    return Hot(select(posted.c.fact_key).where(~select(1).where(inserted.c.fact_key == posted.c.fact_key).exists()))


@cache
def _lock(kind: str) -> Hot:
    same = (facts.c.kind == kind, facts.c.fact_key == _keys().any_())
    return Hot(select(facts.c.fact_key, facts.c.version).where(*same).order_by(facts.c.fact_key).with_for_update())


@cache
def _drop_stale(kind: str) -> Hot:
    posted = POSTED[kind]
    return Hot(delete(posted).where(posted.c.fact_key == _keys().any_()))


@cache
def _take_out(kind: str) -> Hot:
    """Lay the stored version beside the new one, to be subtracted."""
    own = [facts.c[name] for name in _own(kind)]
    old = select(*own, literal(-1)).where(facts.c.kind == kind, facts.c.fact_key == _keys().any_())
    return Hot(insert(POSTED[kind]).from_select([*_own(kind), "sign"], old))


@cache
def _bring_in(kind: str) -> Hot:
    posted = POSTED[kind]
    new = {name: posted.c[name] for name in _own(kind) if name != "fact_key"}
    same = (facts.c.kind == kind, facts.c.fact_key == _keys().any_(), posted.c.fact_key == facts.c.fact_key)
    return Hot(update(facts).values(new).where(*same, posted.c.sign > 0))


@cache
def _add_sums(kind: str) -> Hot:
    """Add what lies there to the rollups. A sum of another kind's, or one not kept before, is NULL there."""
    posted, measures = POSTED[kind], KINDS[kind].measures
    place = (bucket_of(posted.c.happened_at).label("bucket_at"), posted.c.set_id, posted.c.shift_on)
    sums = [cast(func.sum(posted.c[name] * posted.c.sign), BigInteger) for name in measures]
    new = insert(rollups).from_select([*PLACE, *measures], select(*place, *sums).group_by(*place).order_by(*place))
    added = {name: func.coalesce(rollups.c[name], 0) + new.excluded[name] for name in measures}
    return Hot(new.on_conflict_do_update(index_elements=PLACE, set_=added))


@cache
def _mark() -> Hot:
    new = insert(progress).values(progress_id=1, as_of=bindparam("as_of"))
    newest = func.greatest(progress.c.as_of, new.excluded.as_of)
    return Hot(new.on_conflict_do_update(index_elements=["progress_id"], set_={"as_of": newest}))


@cache
def _keep_team() -> Hot:
    names = ("team_id", "code", "sequence")
    new = insert(teams).values({name: bindparam(name) for name in names})
    told = {"code": new.excluded.code, "sequence": new.excluded.sequence}
    newer = teams.c.sequence < new.excluded.sequence
    return Hot(new.on_conflict_do_update(index_elements=["team_id"], set_=told, where=newer))


def _own(kind: str) -> tuple[str, ...]:
    """The columns of a kind's facts."""
    return (*FACT, *KINDS[kind].measures, *KINDS[kind].distributions)


def _keys(name: str = "keys") -> Any:
    return bindparam(name, type_=ARRAY(Uuid))
