"""Cases and their timelines into and out of the database."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python
from sqlalchemy import Date, Uuid, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.case import Case, case_from
from services.cases.domain.fields import given_json
from services.cases.domain.search import grams_of
from services.cases.tables import case_columns, case_numbers, cases, entries, links, numbers
from shared.contracts.refusal import Refusal
from shared.platform.db import Hot
from shared.platform.ids import new_id
from shared.platform.work import Work

VISIBILITIES = ("shared", "internal", "leads")
"""Who sees an entry: everybody with the case (partners too), everybody but partners, leads and above."""

DAY_DIGITS = 4
SEARCHED = 4_000
"""Characters of a description that can be found."""

_names = [column.name for column in case_columns]


async def find_case(conn: AsyncConnection, case_id: UUID, lock: bool = True) -> Case | None:
    """A case, locked for change unless told otherwise; none when there is none."""
    rows = await (_LOCKED if lock else _LOAD).run(conn, case_id=case_id)
    return case_from(rows[0]) if rows else None


async def load_case(conn: AsyncConnection, case_id: UUID, lock: bool = True) -> Case:
    """A case, locked for change unless told otherwise; 404 `not-found`."""
    case = await find_case(conn, case_id, lock)
    if case is None:
        raise Refusal("not-found", noun="case", what=case_id)
    return case


async def add_case(conn: AsyncConnection, case: Case) -> None:
    """Store a new case."""
    await _ADD.run(conn, **_values(case), grams=_grams(case))


async def add_cases(conn: AsyncConnection, found: Sequence[Case]) -> None:
    """Store many new cases."""
    await _ADD.run_many(conn, [{**_values(case), "grams": _grams(case)} for case in found])


async def save_case(conn: AsyncConnection, case: Case) -> None:
    """Store a changed case, which was loaded locked; its words are indexed anew only by `reword_case`."""
    await _SAVE.run(conn, **_values(case))


async def reword_case(conn: AsyncConnection, case: Case) -> None:
    """Let a case be found by its present words."""
    changed = update(cases).where(cases.c.case_id == case.case_id).values(grams=_grams(case))
    await conn.execute(changed)


async def add_entry(
    work: Work, case: Case, kind: str, visibility: str = "internal", data: Mapping[str, Any] | None = None
) -> UUID:
    """Put something on a case's timeline as of now, in the caller's name; the entry's id."""
    actor = work.actor
    by = actor.staff_no or actor.sub
    return await add_entry_at(
        work.conn, case.case_id, kind, visibility, data or {}, at=work.now, by=by, by_name=actor.name or by
    )


async def add_entry_at(
    conn: AsyncConnection,
    case_id: UUID,
    kind: str,
    visibility: str,
    data: Mapping[str, Any],
    *,
    at: datetime,
    by: str | None,
    by_name: str | None,
) -> UUID:
    """Put something on a case's timeline at its own time (history taken over keeps its times); the entry's id."""
    entry_id = new_id()
    told = json.dumps(to_jsonable_python(dict(data)), ensure_ascii=False)
    values = {"entry_id": entry_id, "case_id": case_id, "kind": kind, "visibility": visibility, "at": at}
    await _ENTRY.run(conn, **values, by=by, by_name=by_name, data=told)
    return entry_id


async def add_entries(conn: AsyncConnection, found: Sequence[Mapping[str, Any]]) -> None:
    """Put many things on timelines, each with the fields of `add_entry_at`."""
    rows = [
        {**one, "entry_id": new_id(), "data": json.dumps(to_jsonable_python(one["data"]), ensure_ascii=False)}
        for one in found
    ]
    await _ENTRY.run_many(conn, rows)


async def add_link(
    conn: AsyncConnection, case_id: UUID, kind: str, linked_id: UUID, relation: str, *, at: datetime, by: str
) -> bool:
    """Note what belongs to a case; false when it was noted before."""
    new = insert(links).values(
        case_id=case_id, kind=kind, linked_id=linked_id, relation=relation, linked_at=at, linked_by=by
    )
    added = await conn.execute(new.on_conflict_do_nothing().returning(links.c.case_id))
    return added.one_or_none() is not None


async def reaches(conn: AsyncConnection, start: UUID, end: UUID, relation: str) -> bool:
    """Whether following one relation from case to case leads from `start` to `end`."""
    same = (links.c.kind == "case", links.c.relation == relation)
    path = select(links.c.linked_id).where(*same, links.c.case_id == start).cte("path", recursive=True)
    further = select(links.c.linked_id).join(path, links.c.case_id == path.c.linked_id).where(*same)
    path = path.union(further)
    found = await conn.execute(select(path.c.linked_id).where(path.c.linked_id == end).limit(1))
    return found.one_or_none() is not None


async def next_number(conn: AsyncConnection, local_on: date) -> str:
    """A number that people can say, `C20261122-0042`: unique, nearly without gaps, and nobody waits for another's."""
    rows = await _NUMBER.run(conn, local_on=local_on)
    while not rows:
        await _BEGIN_DAY.run(conn, local_on=local_on)
        rows = await _NUMBER.run(conn, local_on=local_on)
    return f"C{local_on:%Y%m%d}-{rows[0]['place']:0{DAY_DIGITS}}"


def _values(case: Case) -> dict[str, Any]:
    values = {name: getattr(case, name) for name in _names}
    fields = json.dumps(given_json(case.fields), ensure_ascii=False)
    return values | {"fields": fields, "involved": list(case.involved)}


def _grams(case: Case) -> list[str]:
    return grams_of(" ".join((case.number, case.external_id or "", case.subject, (case.description or "")[:SEARCHED])))


_by_id = cases.c.case_id == bindparam("case_id", type_=Uuid)
_LOAD = Hot(select(*case_columns).where(_by_id))
_LOCKED = Hot(select(*case_columns).where(_by_id).with_for_update())
_ADD = Hot(insert(cases).values({name: bindparam(name, type_=cases.c[name].type) for name in (*_names, "grams")}))
_SAVE = Hot(
    update(cases)
    .where(_by_id)
    .values({name: bindparam(name, type_=cases.c[name].type) for name in _names if name != "case_id"})
)
_ENTRY = Hot(insert(entries).values({one.name: bindparam(one.name, type_=one.type) for one in entries.columns}))
_local_on = bindparam("local_on", type_=Date)
_NUMBER = Hot(
    select((case_numbers.next_value() - numbers.c.begins).label("place")).where(numbers.c.local_on == _local_on)
)
_BEGIN_DAY = Hot(
    insert(numbers)
    .values(local_on=_local_on, begins=case_numbers.next_value())
    .on_conflict_do_nothing(index_elements=[numbers.c.local_on])
)
