"""Teams and people as roster announced them, and how to reach them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, delete, select
from sqlalchemy.dialects.postgresql import insert

from services.notify import tables
from services.notify.domain.contact import Contact
from shared.platform.work import Work


@dataclass(frozen=True, slots=True)
class Person:
    """Who a message is for."""

    staff_no: str
    name: str
    team_id: UUID
    language: str
    left_on: date | None


@dataclass(frozen=True, slots=True)
class Team:
    """Who stands above a team's people, and the zone its times are read in."""

    team_id: UUID
    code: str
    zone: str
    lead: str | None
    supervisor: str | None


async def keep_team(work: Work, values: Mapping[str, Any]) -> None:
    """Save a team as announced, unless something newer is known."""
    await _keep_newest(work, tables.teams, "team_id", values)


async def keep_person(work: Work, values: Mapping[str, Any]) -> None:
    """Save a person as announced, unless something newer is known."""
    await _keep_newest(work, tables.recipients, "agent_id", values)


async def load_team(work: Work, team_id: UUID) -> Team | None:
    """A team, when roster has announced it."""
    table = tables.teams
    columns = [table.c[name] for name in Team.__dataclass_fields__]
    row = (await work.conn.execute(select(*columns).where(table.c.team_id == team_id))).one_or_none()
    return Team(*row) if row else None


async def load_people(work: Work, staff_nos: Collection[str]) -> dict[str, Person]:
    """The people of these staff numbers that roster has announced."""
    table = tables.recipients
    columns = [table.c[name] for name in Person.__dataclass_fields__]
    # a staff number given again belongs to whoever has not left
    found = select(*columns).where(table.c.staff_no.in_(staff_nos)).order_by(table.c.left_on.asc().nulls_last())
    return {row.staff_no: Person(*row) for row in await work.conn.execute(found)}


async def load_contacts(work: Work, staff_no: str) -> tuple[Contact, ...]:
    """How a person can be reached, verified or not."""
    table = tables.contacts
    found = select(table).where(table.c.staff_no == staff_no).order_by(table.c.channel)
    return tuple(_contact(row) for row in (await work.conn.execute(found)).mappings())


async def load_addresses(work: Work, staff_nos: Collection[str]) -> dict[tuple[str, str], str]:
    """Verified addresses by person and channel."""
    table = tables.contacts
    found = select(table).where(table.c.staff_no.in_(staff_nos), table.c.verified_at.is_not(None))
    return {(row.staff_no, row.channel): row.address for row in await work.conn.execute(found)}


async def load_contact(work: Work, *, staff_no: str, channel: str) -> Contact | None:
    """Load and lock a person's contact method on one channel."""
    table = tables.contacts
    return await _one(work, select(table).where(table.c.staff_no == staff_no, table.c.channel == channel))


async def load_contact_by_id(work: Work, *, staff_no: str, contact_id: UUID) -> Contact | None:
    """Load and lock one of a person's contact methods."""
    table = tables.contacts
    return await _one(work, select(table).where(table.c.staff_no == staff_no, table.c.contact_id == contact_id))


async def save_contact(work: Work, contact: Contact) -> None:
    """Save a contact method, new or verified."""
    new = insert(tables.contacts).values(asdict(contact))
    changed = {name: new.excluded[name] for name in ("verified_at", "verified_by", "version")}
    await work.conn.execute(new.on_conflict_do_update(index_elements=[tables.contacts.c.contact_id], set_=changed))


async def delete_contact(work: Work, contact: Contact) -> None:
    """Forget an address."""
    table = tables.contacts
    await work.conn.execute(delete(table).where(table.c.contact_id == contact.contact_id))


async def _one(work: Work, found: Select[Any]) -> Contact | None:
    row = (await work.conn.execute(found.with_for_update())).mappings().one_or_none()
    return _contact(row) if row else None


def _contact(row: Mapping[Any, Any]) -> Contact:
    return Contact(**{str(name): value for name, value in row.items()})


async def _keep_newest(work: Work, table: Table, key: str, values: Mapping[str, Any]) -> None:
    """`values` may hold more than the table's columns; only those are kept."""
    row = {name: values[name] for name in table.columns.keys()}
    new = insert(table).values(row)
    await work.conn.execute(
        new.on_conflict_do_update(
            index_elements=[table.c[key]],
            set_={name: new.excluded[name] for name in row if name != key},
            where=new.excluded.sequence > table.c.sequence,
        )
    )
