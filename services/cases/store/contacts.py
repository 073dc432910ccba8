"""Contacts into the database: one statement names everybody in them, tells repeats from corrections, and writes.

Many are copied into a temporary table of the connection first, the fastest way in; then the statement is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    Double,
    FromClause,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Subquery,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateTable

from services.cases.domain.contact import Contact, Names, Told
from services.cases.tables import agents, contact_columns, contacts, customers, teams, topics
from shared.platform.db import Hot, driver_of
from shared.platform.kernel import Moment

_KINDS: dict[str, Any] = {
    "external_id": Text,
    "channel": Text,
    "direction": Text,
    "queue": Text,
    "agent": Text,
    "team": Text,
    "customer_id": Uuid,
    "customer_external_id": Text,
    "topic": Text,
    "queued_at": Moment,
    "answered_at": Moment,
    "ended_at": Moment,
    "answered": Boolean,
    "abandoned": Boolean,
    "wait_seconds": Double,
    "talk_seconds": Double,
    "hold_seconds": Double,
    "wrap_seconds": Double,
    "transferred": Boolean,
    "resolved": Boolean,
    "rating": SmallInteger,
    "zone": Text,
    "converted": Boolean,
}
_TOLD = {name: _KINDS[name] for name in Told._fields}
_GIVEN = _TOLD | {"contact_id": Uuid, "fingerprint": LargeBinary}
_ENCODER = msgspec.json.Encoder()


class Entry(NamedTuple):
    """A told contact with its id and its fingerprint."""

    contact_id: UUID
    fingerprint: bytes
    told: Told


class Written(NamedTuple):
    """What became of an entry: its version and names, or neither, when it was a repeat or its customer is unknown."""

    entry: Entry
    version: int | None
    names: Names | None
    customer_unknown: bool


def fingerprint(told: Told) -> bytes:
    """What a source told, in 16 bytes: a repeat has the same, a correction another."""
    # What joined Told later counts only where it is told, or every contact from before would look corrected.
    since = told if told.converted is not None else told[:-1]
    return blake2b(_ENCODER.encode(since), digest_size=16).digest()


async def load_contact(conn: AsyncConnection, contact_id: UUID) -> Contact:
    """A contact that is known to exist."""
    [row] = await _LOAD.run(conn, contact_id=contact_id)
    return Contact(**row)


async def load_recent(conn: AsyncConnection, customer_id: UUID, *, but: UUID) -> list[Contact]:
    """A customer's last ten contacts, newest first, leaving one out."""
    return [Contact(**row) for row in await _RECENT.run(conn, customer_id=customer_id, but=but)]


async def write_contact(conn: AsyncConnection, entry: Entry, *, now: datetime, zone: str) -> Written:
    """Write one; `zone` is for a contact of no known team."""
    given = _given_one(entry) | {"default_zone": zone}
    rows = await _WRITE_ONE.run(conn, **given, now=now)
    unknown = not rows and _names_customer(entry) and bool(await _UNKNOWN_ONE.run(conn, **given))
    return _written(entry, rows[0] if rows else None, unknown)


async def make_room(conn: AsyncConnection) -> None:
    """Before many are written in a transaction: the table they are copied into."""
    await (await driver_of(conn)).execute(_MAKE_ROOM)


async def write_contacts(conn: AsyncConnection, entries: Sequence[Entry], *, now: datetime, zone: str) -> list[Written]:
    """Write many (each contact at most once), in their order; the same as one by one."""
    driver = await driver_of(conn)
    records = [(*entry.told, entry.contact_id, entry.fingerprint, place) for place, entry in enumerate(entries)]
    await driver.copy_records_to_table(_ROOM.name, records=records, columns=_ROOM.c.keys())
    rows = {row[0]: row for row in await _WRITE_MANY.run(conn, now=now, default_zone=zone)}
    of = [rows.get(entry.contact_id) for entry in entries]
    doubtful = any(row is None and _names_customer(entry) for entry, row in zip(entries, of, strict=True))
    unknown = {row[0] for row in await _UNKNOWN_MANY.run(conn, default_zone=zone)} if doubtful else ()
    await driver.execute(f"TRUNCATE {_ROOM.name}")
    return [_written(entry, row, entry.contact_id in unknown) for entry, row in zip(entries, of, strict=True)]


async def name_case(conn: AsyncConnection, contact_id: UUID, case_id: UUID) -> bool:
    """A contact keeps the first case that it was about; false when there is no such contact."""
    return bool(await _NAME_CASE.run(conn, contact=contact_id, case_id=case_id))


async def set_mark(conn: AsyncConnection) -> None:
    """Remember the state of the transaction, to come back to."""
    await (await driver_of(conn)).execute("SAVEPOINT mark")


async def undo_to_mark(conn: AsyncConnection) -> None:
    """Undo what was done since the mark."""
    await (await driver_of(conn)).execute("ROLLBACK TO SAVEPOINT mark")


def _names_customer(entry: Entry) -> bool:
    return entry.told.customer_id is not None or entry.told.customer_external_id is not None


def _given_one(entry: Entry) -> dict[str, Any]:
    return dict(zip(_GIVEN, (*entry.told, entry.contact_id, entry.fingerprint), strict=True))


def _written(entry: Entry, row: Any, customer_unknown: bool) -> Written:
    if row is None:
        return Written(entry, None, None, customer_unknown)
    return Written(entry, row[1], Names._make(row[2:]), False)


def _one() -> FromClause:
    return select(*(bindparam(name, type_=kind).label(name) for name, kind in _GIVEN.items())).subquery("given")


_ROOM = Table(
    "told_contacts",
    MetaData(),
    *(Column(name, kind) for name, kind in _GIVEN.items()),
    Column("place", Integer),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",
)
_MAKE_ROOM = str(CreateTable(_ROOM, if_not_exists=True).compile(dialect=PGDialect_asyncpg()))  # type: ignore[no-untyped-call]


def _known(given: FromClause) -> Subquery:
    """What was told, with names: a contact's team is the one told, else its agent's."""
    told = select(teams).where(teams.c.code == given.c.team).limit(1).lateral("told_team")
    own, by_number = teams.alias("own_team"), customers.alias("by_number")
    joined = (
        given.outerjoin(agents, agents.c.staff_no == given.c.agent)
        .outerjoin(told, true())
        .outerjoin(own, own.c.team_id == agents.c.team_id)
        .outerjoin(topics, topics.c.code == given.c.topic)
        .outerjoin(customers, customers.c.customer_id == given.c.customer_id)
        .outerjoin(by_number, by_number.c.external_id == given.c.customer_external_id)
    )
    ids = (customers.c.merged_into, customers.c.customer_id, by_number.c.merged_into, by_number.c.customer_id)
    customer_id = func.coalesce(*ids)
    names_customer = or_(given.c.customer_id.is_not(None), given.c.customer_external_id.is_not(None))
    no_team_told = given.c.team.is_(None)
    resolved = {
        "agent_name": func.coalesce(agents.c.name, given.c.agent),
        "team_id": case((no_team_told, agents.c.team_id), else_=told.c.team_id),
        "team_name": case((no_team_told, agents.c.team_name), else_=func.coalesce(told.c.name, given.c.team)),
        "customer_id": customer_id,
        "customer_unknown": and_(names_customer, customer_id.is_(None)),
        "topic_name": func.coalesce(topics.c.name, given.c.topic),
        "zone": func.coalesce(given.c.zone, told.c.zone, own.c.zone, bindparam("default_zone", type_=Text)),
    }
    as_told = [column for column in given.c if column.name not in resolved]
    return (
        select(*as_told, *(value.label(name) for name, value in resolved.items())).select_from(joined).subquery("known")
    )


def _upsert(given: FromClause) -> Hot:
    """Write what is new or told differently, as the next version, and say how everybody in it is named."""
    known = _known(given)
    from_known = [name for name in contacts.columns.keys() if name not in ("version", "updated_at", "case_id")]
    rows = select(*(known.c[name] for name in from_known), literal_column("1"), bindparam("now", type_=Moment)).where(
        ~known.c.customer_unknown
    )
    if "place" in known.c:  # who writes the same contacts at once does not wait in a circle
        rows = rows.order_by(known.c.place)
    new = insert(contacts).from_select([*from_known, "version", "updated_at"], rows)
    newer = {name: new.excluded[name] for name in (*from_known, "updated_at") if name != "contact_id"}
    return Hot(
        new.on_conflict_do_update(
            index_elements=[contacts.c.contact_id],
            set_=newer | {"version": contacts.c.version + 1},
            where=contacts.c.fingerprint != new.excluded.fingerprint,
        ).returning(contacts.c.contact_id, contacts.c.version, *(contacts.c[name] for name in Names._fields))
    )


def _unknown(given: FromClause) -> Hot:
    """Which of them name a customer whom nobody knows."""
    known = _known(given)
    return Hot(select(known.c.contact_id).where(known.c.customer_unknown))


_WRITE_ONE, _UNKNOWN_ONE = _upsert(_one()), _unknown(_one())
_WRITE_MANY, _UNKNOWN_MANY = _upsert(_ROOM), _unknown(_ROOM)

_LOAD = Hot(select(*contact_columns).where(contacts.c.contact_id == bindparam("contact_id", type_=Uuid)))
_RECENT = Hot(
    select(*contact_columns)
    .where(contacts.c.customer_id == bindparam("customer_id", type_=Uuid))
    .where(contacts.c.contact_id != bindparam("but", type_=Uuid))
    .order_by(contacts.c.queued_at.desc())
    .limit(literal_column("10"))
)
_NAME_CASE = Hot(
    update(contacts)
    .where(contacts.c.contact_id == bindparam("contact", type_=Uuid))
    .values(case_id=func.coalesce(contacts.c.case_id, bindparam("case_id", type_=Uuid)))
    .returning(contacts.c.contact_id)
)
