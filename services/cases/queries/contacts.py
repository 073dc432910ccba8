"""Looking contacts up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.contact import Contact
from services.cases.tables import contact_columns, contact_versions, contacts, teams
from shared.contracts.refusal import Refusal
from shared.platform.actor import Actor
from shared.platform.paging import Page, page


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What a contact was before it was corrected."""

    version: int
    replaced_at: datetime
    contact: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactHistory(Contact):
    """A contact, and what it was before each correction, newest first."""

    earlier: list[Earlier]


async def find_contacts(
    conn: AsyncConnection,
    *,
    actor: Actor,
    filters: dict[str, Any],
    since: datetime | None,
    until: datetime | None,
    updated_after: datetime | None,
    limit: int,
    after: str | None,
) -> Page[Contact]:
    """Contacts queued from `since` until before `until`, newest first; with `updated_after` in order of update."""
    query = _visible(select(*contact_columns), actor, filters)
    query = query.where(*(contacts.c[name] == value for name, value in filters.items() if value is not None))
    if since:
        query = query.where(contacts.c.queued_at >= since)
    if until:
        query = query.where(contacts.c.queued_at < until)
    if updated_after:
        query = query.where(contacts.c.updated_at > updated_after)
    return await page(
        conn,
        query,
        order=(contacts.c.updated_at if updated_after else contacts.c.queued_at, contacts.c.contact_id),
        limit=limit,
        after=after,
        make=_contact,
        descending=not updated_after,
    )


async def get_contact(conn: AsyncConnection, *, actor: Actor, contact_id: UUID) -> ContactHistory:
    """One contact with its earlier versions; `not-found` also for a contact of another team."""
    query = _visible(select(*contact_columns).where(contacts.c.contact_id == contact_id), actor, {})
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="contact", what=contact_id)
    return ContactHistory(**row._mapping, earlier=await _earlier(conn, contact_id))


async def _earlier(conn: AsyncConnection, contact_id: UUID) -> list[Earlier]:
    table = contact_versions
    query = select(table).where(table.c.contact_id == contact_id).order_by(table.c.version.desc())
    return [
        Earlier(version=row.version, replaced_at=row.replaced_at, contact=row.contact)
        for row in await conn.execute(query)
    ]


def _visible(query: Select[Any], actor: Actor, filters: dict[str, Any]) -> Select[Any]:
    """Agents see their own contacts, leads their teams', and whoever serves a customer all of that customer's."""
    if actor.sees_all or filters.get("customer_id"):
        return query
    own = contacts.c.agent == (actor.staff_no or "")
    if not {"lead", "supervisor"} & set(actor.roles):
        return query.where(own)
    codes = select(teams.c.team_id).where(or_(teams.c.code.in_(actor.teams), teams.c.team_id.in_(_ids(actor.teams))))
    return query.where(or_(own, contacts.c.team_id.in_(codes)))


def _ids(names: tuple[str, ...]) -> list[UUID]:
    found = []
    for name in names:
        try:
            found.append(UUID(name))
        except ValueError:
            continue
    return found


def _contact(row: Row[Any]) -> Contact:
    return Contact(**row._mapping)
