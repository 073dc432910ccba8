"""People, and how they can be reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify import tables
from services.notify.domain.contact import GROUP_CHANNELS, masked
from services.notify.queries.sight import in_sight, in_team
from shared.contracts.refusal import Refusal
from shared.platform.actor import Actor
from shared.platform.paging import Page, page


@dataclass(frozen=True, slots=True)
class ContactOf:
    """One way to reach a person; the address is masked for those who need not know it."""

    contact_id: UUID
    channel: str
    address: str
    verified: bool
    verified_at: datetime | None
    verified_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How a person wishes to be reached; the quiet hours are read on the wall clock of `zone`."""

    channels: list[str]
    quiet_from: time | None
    quiet_until: time | None
    zone: str | None
    language: str | None
    version: int


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person as roster announced them. `reachable`: some contact of their own is verified, besides the inbox.

    `language` is the one they are written to in.
    """

    staff_no: str
    name: str
    team_id: UUID
    team_name: str
    roles: list[str]
    language: str
    left_on: date | None
    reachable: bool
    contacts: list[ContactOf]
    preferences: Wishes | None


async def recipients(
    conn: AsyncConnection, *, actor: Actor, team: str | None, limit: int, after: str | None
) -> Page[Recipient]:
    """The people the caller may see, by staff number."""
    table = tables.recipients
    found = _seen_by(actor)
    if team is not None:
        found = found.where(in_team(table.c.team_id, team))
    rows: Page[Row[Any]] = await page(
        conn, found, order=(table.c.staff_no, table.c.agent_id), limit=limit, after=after, make=lambda row: row
    )
    return Page(await _with_contacts(conn, actor, rows.items), rows.next)


async def recipient(conn: AsyncConnection, *, actor: Actor, staff_no: str) -> Recipient:
    """One person. 404 when roster has not announced them, 403 when they are none of the caller's."""
    table = tables.recipients
    named = select(table).where(table.c.staff_no == staff_no).order_by(table.c.left_on.desc().nulls_first()).limit(1)
    row = (await conn.execute(named)).one_or_none()
    if row is None:
        raise Refusal("recipient-unknown", staff_no=staff_no)
    if (await conn.execute(_seen_by(actor).where(table.c.agent_id == row.agent_id))).first() is None:
        raise Refusal("not-yours")
    [known] = await _with_contacts(conn, actor, [row])
    return known


def _seen_by(actor: Actor) -> Select[Any]:
    table = tables.recipients
    return select(table).where(in_sight(actor, table.c.staff_no, table.c.team_id))


async def _with_contacts(conn: AsyncConnection, actor: Actor, people: Iterable[Row[Any]]) -> list[Recipient]:
    people = list(people)
    table = tables.contacts
    found = select(table).where(table.c.staff_no.in_([row.staff_no for row in people])).order_by(table.c.channel)
    contacts: dict[str, list[ContactOf]] = {}
    for row in (await conn.execute(found)).mappings():
        contacts.setdefault(row["staff_no"], []).append(_contact(row, actor))
    wishes = await _wishes(conn, [row.staff_no for row in people])
    return [_recipient(row, contacts.get(row.staff_no, []), wishes.get(row.staff_no)) for row in people]


async def _wishes(conn: AsyncConnection, staff_nos: list[str]) -> dict[str, Wishes]:
    table = tables.preferences
    rows = (await conn.execute(select(table).where(table.c.staff_no.in_(staff_nos)))).mappings()
    return {row["staff_no"]: Wishes(**{name: row[name] for name in Wishes.__dataclass_fields__}) for row in rows}


def _contact(row: Mapping[Any, Any], actor: Actor) -> ContactOf:
    shown = actor.staff_no == row["staff_no"] or "notify:vouch" in actor.scopes
    return ContactOf(
        contact_id=row["contact_id"],
        channel=row["channel"],
        address=row["address"] if shown else masked(row["channel"], row["address"]),
        verified=row["verified_at"] is not None,
        verified_at=row["verified_at"],
        verified_by=row["verified_by"],
    )


def _recipient(row: Row[Any], contacts: list[ContactOf], wishes: Wishes | None) -> Recipient:
    return Recipient(
        staff_no=row.staff_no,
        name=row.name,
        team_id=row.team_id,
        team_name=row.team_name,
        roles=row.roles,
        language=(wishes.language if wishes else None) or row.language,
        left_on=row.left_on,
        reachable=any(contact.verified and contact.channel not in GROUP_CHANNELS for contact in contacts),
        contacts=contacts,
        preferences=wishes,
    )
