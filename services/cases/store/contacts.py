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
    CTE,
    Boolean,
    Column,
    Double,
    FromClause,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    SmallInteger,
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
_KEYS: dict[str, Any] = {"contact_id": Uuid, "fingerprint": LargeBinary}
_ENCODER = msgspec.json.Encoder()


class Entry(NamedTuple):
    """A told contact with its id and its fingerprint."""

    contact_id: UUID
    fingerprint: bytes
    told: Told


class Written(NamedTuple):
    """What became of an entry: its new version, or none when nothing was written (a repeat, or `customer_unknown`)."""

    entry: Entry
    version: int | None
    customer_unknown: bool
    names: Names


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
    told = dict(zip(_TOLD, entry.told, strict=True))
    keys = {"contact_id": entry.contact_id, "fingerprint": entry.fingerprint}
    [row] = await _WRITE_ONE.run(conn, **told, **keys, now=now, default_zone=zone)
    return _written(entry, row)


async def copy_contacts(conn: AsyncConnection, entries: Sequence[Entry]) -> None:
    """Copy many (each contact at most once) to where `write_contacts` finds them."""
    records = [(*entry.told, entry.contact_id, entry.fingerprint, place) for place, entry in enumerate(entries)]
    columns = [*_TOLD, *_KEYS, "place"]
    await (await driver_of(conn)).copy_records_to_table(_GIVEN.name, records=records, columns=columns)


async def write_contacts(conn: AsyncConnection, entries: Sequence[Entry], *, now: datetime, zone: str) -> list[Written]:
    """Write what was copied, in its order; the same as one by one."""
    rows = await _WRITE_MANY.run(conn, now=now, default_zone=zone)
    await (await driver_of(conn)).execute(f"TRUNCATE {_GIVEN.name}")
    return [_written(entry, row) for entry, row in zip(entries, rows, strict=True)]


async def name_case(conn: AsyncConnection, contact_id: UUID, case_id: UUID) -> bool:
    """A contact keeps the first case that it was about; false when there is no such contact."""
    return bool(await _NAME_CASE.run(conn, contact=contact_id, case_id=case_id))


async def set_mark(conn: AsyncConnection) -> None:
    """Remember the state of the transaction, to come back to."""
    await (await driver_of(conn)).execute("SAVEPOINT mark")


async def undo_to_mark(conn: AsyncConnection) -> None:
    """Undo what was done since the mark."""
    await (await driver_of(conn)).execute("ROLLBACK TO SAVEPOINT mark")


async def make_room(conn: AsyncConnection) -> None:
    """Before many are written in a transaction: the table they are copied into."""
    await (await driver_of(conn)).execute(_MAKE_ROOM)


def _written(entry: Entry, row: Any) -> Written:
    _, version, unknown, *names = row
    return Written(entry, version, unknown, Names(*names))


def _one() -> FromClause:
    kinds = _TOLD | _KEYS
    return select(*(bindparam(name, type_=kind).label(name) for name, kind in kinds.items())).subquery("given")


_GIVEN = Table(
    "told_contacts",
    MetaData(),
    *(Column(name, kind) for name, kind in (_TOLD | _KEYS).items()),
    Column("place", Integer),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",
)
_MAKE_ROOM = str(CreateTable(_GIVEN, if_not_exists=True).compile(dialect=PGDialect_asyncpg()))  # type: ignore[no-untyped-call]


def _statement(given: FromClause) -> Hot:
    known = _known(given)
    written = _upsert(known)
    names = [known.c[name] for name in ("agent_name", "team_id", "team_name", "customer_id", "topic_name", "zone")]
    answered = select(known.c.contact_id, written.c.version, known.c.customer_unknown, *names).select_from(
        known.outerjoin(written, written.c.contact_id == known.c.contact_id)
    )
    return Hot(_in_order(answered, known))


def _in_order(rows: Select[Any], known: CTE) -> Select[Any]:
    """Many in the order in which they were given: who writes the same contacts at once does not wait in a circle."""
    return rows.order_by(known.c.place) if "place" in known.c else rows


def _known(given: FromClause) -> CTE:
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
    return select(*as_told, *(value.label(name) for name, value in resolved.items())).select_from(joined).cte("known")


def _upsert(known: CTE) -> CTE:
    """Write what is new or told differently, as the next version."""
    from_known = [name for name in contacts.columns.keys() if name not in ("version", "updated_at", "case_id")]
    rows = select(*(known.c[name] for name in from_known), literal_column("1"), bindparam("now", type_=Moment)).where(
        ~known.c.customer_unknown
    )
    new = insert(contacts).from_select([*from_known, "version", "updated_at"], _in_order(rows, known))
    newer = {name: new.excluded[name] for name in (*from_known, "updated_at") if name != "contact_id"}
    return (
        new.on_conflict_do_update(
            index_elements=[contacts.c.contact_id],
            set_=newer | {"version": contacts.c.version + 1},
            where=contacts.c.fingerprint != new.excluded.fingerprint,
        )
        .returning(contacts.c.contact_id, contacts.c.version)
        .cte("written")
    )


_WRITE_ONE = _statement(_one())
_WRITE_MANY = _statement(_GIVEN)

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
