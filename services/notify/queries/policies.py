"""Policies and templates in force, and their versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify import tables
from services.notify.domain.facts import fields_of
from services.notify.domain.families import family_of, words_of
from services.notify.domain.policies import from_data, shipped
from services.notify.domain.shipped import SHIPPED, Policy
from services.notify.domain.texts.wording import Wording, filled, names_in
from services.notify.domain.wording import TEMPLATES, Catalogue, event_of_template, fields_of_template
from services.notify.queries.sight import in_team
from shared.contracts.refusal import Refusal

LANGUAGES = ("zh-CN", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVersion:
    """One saved version; `reset`: back to what applied without it."""

    version: int
    saved_at: datetime
    saved_by: str
    reset: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyView:
    """The policy in force for an event, where it comes from (shipped, centre, team), and whom its words may name."""

    event_type: str
    source: str
    team_id: UUID | None
    policy: Policy
    words: list[str]
    fields: list[str]
    versions: list[PolicyVersion]
    version: int


@dataclass(frozen=True, slots=True)
class Words:
    """A template's title and text in one language."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateView:
    """A template in force: its texts by language and the fields they may name. Version 1 is the shipped one."""

    template: str
    event_type: str
    texts: dict[str, Words]
    fields: list[str]
    source: str
    version: int
    saved_at: datetime | None = None
    saved_by: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """A template as its reader would see it; fields without a value show their own name."""

    language: str
    title: str
    text: str


async def catalogue(conn: AsyncConnection) -> Catalogue:
    """The texts in force."""
    table = tables.templates
    newest = select(table.c.template, table.c.texts).ext(distinct_on(table.c.template))
    rows = await conn.execute(newest.order_by(table.c.template, table.c.version.desc()))
    return Catalogue.of((row.template, row.texts) for row in rows)


async def policies(conn: AsyncConnection) -> dict[str, list[PolicyView]]:
    """The centre's policies, by event type."""
    return {"items": [await policy(conn, event_type=event_type, team=None) for event_type in sorted(SHIPPED)]}


async def policy(conn: AsyncConnection, *, event_type: str, team: str | None) -> PolicyView:
    """The policy in force for a team: its own, the nearest above it, the centre's, the shipped one."""
    default = shipped(event_type)
    line = await _line(conn, team)
    table = tables.policies
    found = select(table).where(table.c.event_type == event_type).order_by(table.c.version.desc())
    saved: dict[UUID | None, list[Row[Any]]] = {}
    for row in await conn.execute(found):
        saved.setdefault(row.team_id, []).append(row)
    place = next((one for one in (*line, None) if saved.get(one) and saved[one][0].content), None)
    rows = saved.get(place, [])
    in_force = from_data(rows[0].content) if rows and rows[0].content else default
    own = saved.get(line[0] if line else None, [])
    return PolicyView(
        event_type=event_type,
        source="shipped" if in_force is default else "team" if place else "centre",
        team_id=place,
        policy=in_force,
        words=sorted(words_of(family_of(event_type))),
        fields=sorted(fields_of(event_type)),
        versions=[_version(row) for row in own],
        version=own[0].version if own else default.version,
    )


async def templates(conn: AsyncConnection) -> dict[str, list[TemplateView]]:
    """Every template in force."""
    written = {row.template: row for row in await _written(conn)}
    names = sorted({name for name, _ in TEMPLATES} | written.keys())
    return {"items": [_template(name, written.get(name)) for name in names]}


async def template(conn: AsyncConnection, *, name: str) -> TemplateView:
    """One template. 404 `template-missing` when there is none of that name."""
    written = next((row for row in await _written(conn) if row.template == name), None)
    if written is None and event_of_template(name) is None:
        raise Refusal("template-missing", template=name)
    return _template(name, written)


async def preview(
    conn: AsyncConnection,
    *,
    name: str,
    language: str,
    values: Mapping[str, str],
    text: Wording | None,
) -> Preview:
    """A template (or a draft of it) filled in with some values."""
    known = await template(conn, name=name)
    words = known.texts.get(language) or next(iter(known.texts.values()))
    wording = text or Wording(words.title, words.text)
    shown = {field: f"‹{field}›" for field in names_in(wording)} | dict(values)
    return Preview(language, *filled(wording, shown))


async def _line(conn: AsyncConnection, name: str | None) -> tuple[UUID, ...]:
    """A team and those above it, nearest first."""
    if name is None:
        return ()
    teams = tables.teams
    row = (await conn.execute(select(teams).where(in_team(teams.c.team_id, name)).limit(1))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="team", what=name)
    line: list[UUID] = []
    while row is not None and row.team_id not in line:
        line.append(row.team_id)
        row = (await conn.execute(select(teams).where(teams.c.team_id == row.parent_id))).one_or_none()
    return tuple(line)


async def _written(conn: AsyncConnection) -> list[Row[Any]]:
    table = tables.templates
    newest = select(table).ext(distinct_on(table.c.template)).order_by(table.c.template, table.c.version.desc())
    return list(await conn.execute(newest))


def _template(name: str, row: Row[Any] | None) -> TemplateView:
    texts = {language: Words(*TEMPLATES[name, language]) for language in LANGUAGES if (name, language) in TEMPLATES}
    view = TemplateView(
        template=name,
        event_type=event_of_template(name) or (row.event_type if row else ""),
        texts=texts,
        fields=sorted(fields_of_template(name, event_of_template(name) or (row.event_type if row else ""))),
        source="shipped",
        version=1,
    )
    if row is None:
        return view
    own = {language: Words(**text) for language, text in row.texts.items()}
    return replace(
        view, texts=texts | own, source="centre", version=row.version, saved_at=row.saved_at, saved_by=row.saved_by
    )


def _version(row: Row[Any]) -> PolicyVersion:
    return PolicyVersion(version=row.version, saved_at=row.saved_at, saved_by=row.saved_by, reset=row.content is None)
