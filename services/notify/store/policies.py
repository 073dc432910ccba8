"""Policies and templates as centres and teams wrote them. Every version is kept; the newest is in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, insert, select
from sqlalchemy.dialects.postgresql import distinct_on

from services.notify import tables
from services.notify.domain.policies import Kept, as_data, from_data
from services.notify.domain.wording import Catalogue
from shared.platform.ids import new_id
from shared.platform.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One saved version of a template: its texts by language, and the event whose fields it may name."""

    template: str
    version: int
    event_type: str
    texts: dict[str, dict[str, str]]
    saved_at: datetime
    saved_by: str


async def load_policies(work: Work, event_type: str | None = None) -> list[Kept]:
    """The newest versions of the policies that were written here (of one event)."""
    table = tables.policies
    found = select(table).ext(distinct_on(table.c.event_type, table.c.team_id))
    found = found.order_by(table.c.event_type, table.c.team_id, table.c.version.desc())
    if event_type is not None:
        found = found.where(table.c.event_type == event_type)
    return [kept_of(row) for row in (await work.conn.execute(found)).mappings()]


async def add_policy(work: Work, kept: Kept) -> None:
    """Save a new version."""
    row = {name: getattr(kept, name) for name in ("event_type", "team_id", "version", "saved_at", "saved_by")}
    content = as_data(kept.policy) if kept.policy else None
    await work.conn.execute(insert(tables.policies).values(policy_id=new_id(), content=content, **row))


async def load_catalogue(work: Work) -> Catalogue:
    """The texts in force."""
    rows = await work.conn.execute(newest_templates())
    return Catalogue.of((row.template, row.texts) for row in rows)


async def load_template(work: Work, template: str) -> Template | None:
    """The newest version of a template that was written here."""
    rows = await work.conn.execute(newest_templates().where(tables.templates.c.template == template))
    row = rows.mappings().one_or_none()
    return Template(**row) if row else None


async def load_template_names(work: Work) -> frozenset[str]:
    """The templates that were written here."""
    return frozenset((await work.conn.execute(select(tables.templates.c.template).distinct())).scalars())


async def add_template(work: Work, template: Template) -> None:
    """Save a new version."""
    row = {name: getattr(template, name) for name in Template.__dataclass_fields__}
    await work.conn.execute(insert(tables.templates).values(row))


def newest_templates() -> Select[Any]:
    """The newest version of each template."""
    table = tables.templates
    return select(table).ext(distinct_on(table.c.template)).order_by(table.c.template, table.c.version.desc())


def kept_of(row: Any) -> Kept:
    """A stored version of a policy."""
    team_id: UUID | None = row["team_id"]
    return Kept(
        event_type=row["event_type"],
        team_id=team_id,
        version=row["version"],
        policy=from_data(row["content"]) if row["content"] else None,
        saved_at=row["saved_at"],
        saved_by=row["saved_by"],
    )
