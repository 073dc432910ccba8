"""Bulletins into and out of the database, and finding those that somebody who comes now is meant by."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, LargeBinary, any_, bindparam, delete, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.bulletin import Ask, Bulletin
from services.cases.domain.customer import Identity
from services.cases.domain.recognition import Hint
from services.cases.tables import bulletin_keys, bulletins, contacts, customers, identities
from shared.contracts.refusal import Fault, Refusal
from shared.platform.db import Hot


async def add_keys(conn: AsyncConnection, bulletin_id: UUID, keys: Sequence[bytes]) -> None:
    """From now on these recognise the customer of a bulletin."""
    rows = [{"bulletin_id": bulletin_id, "key": key} for key in sorted(set(keys))]
    await conn.execute(insert(bulletin_keys).values(rows))


async def drop_keys(conn: AsyncConnection, bulletin_id: UUID) -> None:
    """From now on nobody is recognised for a bulletin."""
    await conn.execute(delete(bulletin_keys).where(bulletin_keys.c.bulletin_id == bulletin_id))


async def save_bulletin(conn: AsyncConnection, bulletin: Bulletin) -> None:
    """Store a bulletin, new or changed."""
    new = insert(bulletins).values(_values(bulletin))
    changes = {column.name: new.excluded[column.name] for column in bulletins.columns if not column.primary_key}
    await conn.execute(new.on_conflict_do_update(index_elements=[bulletins.c.bulletin_id], set_=changes))


async def find_bulletin(conn: AsyncConnection, bulletin_id: UUID) -> Bulletin | None:
    """A bulletin, locked; none when there is none."""
    query = select(bulletins).where(bulletins.c.bulletin_id == bulletin_id).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    return bulletin_from(row._mapping) if row else None


async def load_bulletin(conn: AsyncConnection, bulletin_id: UUID) -> Bulletin:
    """A bulletin, locked; 404 `not-found`."""
    bulletin = await find_bulletin(conn, bulletin_id)
    if bulletin is None:
        raise Refusal("not-found", noun="bulletin", what=bulletin_id)
    return bulletin


async def open_bulletins_of(conn: AsyncConnection, case_id: UUID) -> list[Bulletin]:
    """A case's open bulletins, locked."""
    query = select(bulletins).where(bulletins.c.case_id == case_id, bulletins.c.state == "open").with_for_update()
    return [bulletin_from(row._mapping) for row in await conn.execute(query)]


async def matching(
    conn: AsyncConnection, keys: Sequence[bytes], *, sure: Sequence[bytes]
) -> list[tuple[Bulletin, list[bytes]]]:
    """Open bulletins that any of these keys recognises, and which of them; at most ten, by `sure` ones first."""
    rows = await _MATCHING.run(conn, keys=list(keys), sure=list(sure))
    return [(bulletin_from(row), row["matched"]) for row in rows]


async def known_of(conn: AsyncConnection, customer_id: UUID) -> tuple[str | None, list[Identity]]:
    """A customer's name and identities."""
    query = (
        select(customers.c.name, identities.c.kind, identities.c.value)
        .outerjoin(identities, identities.c.customer_id == customers.c.customer_id)
        .where(customers.c.customer_id == customer_id)
    )
    rows = (await conn.execute(query)).all()
    return rows[0].name if rows else None, [Identity(row.kind, row.value) for row in rows if row.kind]


async def customer_of_contact(conn: AsyncConnection, contact_id: UUID) -> UUID | None:
    """Whose contact it was, if anybody knows; 422 for a contact that nobody knows."""
    query = select(contacts.c.customer_id).where(contacts.c.contact_id == contact_id)
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise Refusal("invalid-value", faults=(Fault("contact_id", "contact-unknown", {}),))
    customer_id: UUID | None = row.customer_id
    return customer_id


def bulletin_from(row: Any) -> Bulletin:
    """A bulletin from its row."""
    values = {column.name: _read(row, column.name) for column in bulletins.columns}
    return Bulletin(
        **values
        | {
            "questions": tuple(Ask(**one) for one in values["questions"]),
            "hints": tuple(Hint(**one) for one in values["hints"]),
            "team_ids": tuple(values["team_ids"]),
        }
    )


def _values(bulletin: Bulletin) -> dict[str, Any]:
    return asdict(bulletin) | {
        "questions": [asdict(one) for one in bulletin.questions],
        "hints": [asdict(one) for one in bulletin.hints],
        "team_ids": list(bulletin.team_ids),
    }


def _read(row: Any, name: str) -> Any:
    """A column's value; the driver itself gives JSON as text."""
    value = row[name]
    return json.loads(value) if name in _JSON and isinstance(value, str) else value


_JSON = ("questions", "hints", "answers")


def _matching() -> Hot:
    keys = bindparam("keys", type_=ARRAY(LargeBinary))
    is_sure = func.bool_or(bulletin_keys.c.key == any_(bindparam("sure", type_=ARRAY(LargeBinary))))
    found = (
        select(bulletin_keys.c.bulletin_id, func.array_agg(bulletin_keys.c.key).label("matched"))
        .where(bulletin_keys.c.key == any_(keys))
        .group_by(bulletin_keys.c.bulletin_id)
        .order_by(is_sure.desc(), func.count().desc(), bulletin_keys.c.bulletin_id)
        .limit(literal_column("10"))
        .subquery("found")
    )
    return Hot(select(*bulletins.columns, found.c.matched).join(found, found.c.bulletin_id == bulletins.c.bulletin_id))


_MATCHING = _matching()
