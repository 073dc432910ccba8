"""Teams and people as roster announced them, how to reach them, and how they wish to be reached."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Table, Text, bindparam, cast, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from services.notify import tables
from services.notify.domain.contact import Contact
from services.notify.domain.preferences import Preferences
from shared.contracts.refusal import Refusal
from shared.platform.db import Hot
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
    name: str
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


async def load_team_named(work: Work, name: str) -> Team:
    """The team of that id or code. 404 when roster has not announced it."""
    table = tables.teams
    columns = [table.c[one] for one in Team.__dataclass_fields__]
    named = (cast(table.c.team_id, Text) == name) | (table.c.code == name)
    row = (await work.conn.execute(select(*columns).where(named).limit(1))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="team", what=name)
    return Team(*row)


async def load_people(work: Work, staff_nos: Collection[str]) -> dict[str, Person]:
    """The people of these staff numbers that roster has announced, with the language they chose."""
    return {row["staff_no"]: Person(*row) for row in await _PEOPLE.run(work.conn, staff_nos=list(staff_nos))}


async def load_contacts(work: Work, staff_no: str) -> tuple[Contact, ...]:
    """How a person can be reached, verified or not."""
    table = tables.contacts
    found = select(table).where(table.c.staff_no == staff_no).order_by(table.c.channel)
    return tuple(_contact(row) for row in (await work.conn.execute(found)).mappings())


async def load_addresses(work: Work, staff_nos: Collection[str]) -> dict[tuple[str, str], str]:
    """Verified addresses by person and channel."""
    rows = await _ADDRESSES.run(work.conn, staff_nos=list(staff_nos))
    return {(row["staff_no"], row["channel"]): row["address"] for row in rows}


async def load_contact(work: Work, *, staff_no: str, channel: str) -> Contact | None:
    """Load and lock a person's contact method on one channel."""
    table = tables.contacts
    return await _one(work, select(table).where(table.c.staff_no == staff_no, table.c.channel == channel))


async def load_contact_by_id(work: Work, contact_id: UUID) -> Contact | None:
    """Load and lock a contact method."""
    table = tables.contacts
    return await _one(work, select(table).where(table.c.contact_id == contact_id))


async def save_contact(work: Work, contact: Contact) -> None:
    """Save a contact method, new or changed."""
    new = insert(tables.contacts).values(asdict(contact))
    changing = ("verified_at", "verified_by", "code_number", "code_sent_at", "code_tries", "version")
    changed = {name: new.excluded[name] for name in changing}
    await work.conn.execute(new.on_conflict_do_update(index_elements=[tables.contacts.c.contact_id], set_=changed))


async def delete_contact(work: Work, contact: Contact) -> None:
    """Forget an address."""
    table = tables.contacts
    await work.conn.execute(delete(table).where(table.c.contact_id == contact.contact_id))


async def load_unproved_addresses(work: Work, contact_ids: Collection[UUID]) -> dict[UUID, str]:
    """The addresses that codes go to."""
    table = tables.contacts
    found = select(table.c.contact_id, table.c.address).where(table.c.contact_id.in_(contact_ids))
    return {row.contact_id: row.address for row in await work.conn.execute(found)}


async def load_preferences(work: Work, staff_nos: Collection[str]) -> dict[str, Preferences]:
    """How these people wish to be reached, as far as they said."""
    rows = await _CHOSEN.run(work.conn, staff_nos=list(staff_nos))
    return {row["staff_no"]: Preferences(**{**row, "channels": tuple(row["channels"])}) for row in rows}


async def save_preferences(work: Work, preferences: Preferences) -> None:
    """Save how a person wishes to be reached."""
    new = insert(tables.preferences).values({**asdict(preferences), "channels": list(preferences.channels)})
    changed = {name: new.excluded[name] for name in Preferences.__dataclass_fields__ if name != "staff_no"}
    await work.conn.execute(new.on_conflict_do_update(index_elements=[tables.preferences.c.staff_no], set_=changed))


async def load_zone(work: Work, staff_no: str) -> str:
    """The zone of a person's team; UTC as long as it is not known."""
    people, teams_ = tables.recipients, tables.teams
    joined = people.join(teams_, teams_.c.team_id == people.c.team_id)
    of_person = select(teams_.c.zone).select_from(joined).where(people.c.staff_no == staff_no)
    found = await work.conn.execute(of_person.order_by(people.c.left_on.desc().nulls_first()).limit(1))
    return found.scalar() or "UTC"


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


def _people() -> Hot:
    table, chosen = tables.recipients, tables.preferences
    language = func.coalesce(chosen.c.language, table.c.language)
    columns = (table.c.staff_no, table.c.name, table.c.team_id, language, table.c.left_on)
    people = select(*columns).select_from(table.outerjoin(chosen, chosen.c.staff_no == table.c.staff_no))
    # a staff number given again belongs to whoever has not left
    return Hot(people.where(table.c.staff_no == _STAFF_NOS.any_()).order_by(table.c.left_on.asc().nulls_last()))


_STAFF_NOS = bindparam("staff_nos", type_=ARRAY(Text))
_PEOPLE = _people()
_ADDRESSES = Hot(
    select(tables.contacts.c.staff_no, tables.contacts.c.channel, tables.contacts.c.address).where(
        tables.contacts.c.staff_no == _STAFF_NOS.any_(), tables.contacts.c.verified_at.is_not(None)
    )
)
_CHOSEN = Hot(select(tables.preferences).where(tables.preferences.c.staff_no == _STAFF_NOS.any_()))
