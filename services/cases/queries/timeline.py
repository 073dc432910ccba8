"""The timeline of a case, as the caller's role may see it; and what belongs to the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.queries.cases import read_case
from services.cases.queries.sight import require_sight
from services.cases.tables import entries, links
from shared.platform.actor import Actor
from shared.platform.paging import Page, page

ABOVE = {"lead", "supervisor", "quality", "manager", "integration"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that happened to a case. `visibility`: shared (partners too), internal, leads."""

    entry_id: UUID
    case_id: UUID
    at: datetime
    kind: str
    visibility: str
    by: str | None
    by_name: str | None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What belongs to a case: a contact, another case (`relation` related, duplicate or follows), a known problem."""

    kind: str
    linked_id: UUID
    relation: str
    linked_at: datetime
    linked_by: str


async def case_timeline(
    conn: AsyncConnection, *, actor: Actor, case_id: UUID, limit: int, after: str | None
) -> Page[Entry]:
    """What happened, oldest first."""
    await require_sight(conn, actor, await read_case(conn, case_id))
    query = select(entries).where(entries.c.case_id == case_id, entries.c.visibility.in_(_visible(actor)))
    return await page(
        conn,
        query,
        order=(entries.c.at, entries.c.entry_id),
        limit=limit,
        after=after,
        make=lambda row: Entry(**row._mapping),
    )


async def case_links(
    conn: AsyncConnection, *, actor: Actor, case_id: UUID, limit: int, after: str | None
) -> Page[Link]:
    """What belongs to the case, oldest first."""
    await require_sight(conn, actor, await read_case(conn, case_id))
    query = select(links).where(links.c.case_id == case_id)
    return await page(
        conn,
        query,
        order=(links.c.linked_at, links.c.kind, links.c.linked_id),
        limit=limit,
        after=after,
        make=lambda row: Link(**{name: row._mapping[name] for name in Link.__dataclass_fields__}),
    )


def _visible(actor: Actor) -> list[str]:
    roles = set(actor.roles)
    if actor.sees_all or ABOVE & roles:
        return ["shared", "internal", "leads"]
    return ["shared"] if roles == {"partner"} else ["shared", "internal"]
