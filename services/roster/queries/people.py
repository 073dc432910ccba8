"""Teams, agents and shift codes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, any_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.agent import Agent, agent_from
from services.roster.domain.code import ShiftCode, code_from
from services.roster.domain.team import Team, team_from
from services.roster.queries.sight import in_sight, of_team, require_self_or_lead
from services.roster.tables import agents, shift_codes, teams
from shared.contracts.refusal import Refusal
from shared.platform.actor import Actor
from shared.platform.paging import Page, page

T = TypeVar("T")

AGENTS = select(agents, teams.c.name.label("team_name")).join(teams)


async def team_of(conn: AsyncConnection, team_id: UUID) -> Team:
    """One team; 404 when there is none."""
    return team_from(await _one(conn, select(teams).where(teams.c.team_id == team_id), "team", team_id))


async def list_teams(
    conn: AsyncConnection,
    *,
    parent: UUID | None,
    code: str | None,
    updated_after: datetime | None,
    limit: int,
    after: str | None,
) -> Page[Team]:
    """Teams, by id; with `updated_after` by time of change."""
    query = select(teams)
    if parent:
        query = query.where(teams.c.parent_id == parent)
    if code:
        query = query.where(teams.c.code == code)
    return await paged(conn, query, teams, team_from, updated_after=updated_after, limit=limit, after=after)


async def agent(conn: AsyncConnection, *, actor: Actor, agent_id: UUID) -> Agent:
    """One agent; 404 when there is none."""
    found = agent_from(await _one(conn, AGENTS.where(agents.c.agent_id == agent_id), "agent", agent_id))
    require_self_or_lead(actor, found.staff_no, await team_of(conn, found.team_id))
    return found


async def list_agents(
    conn: AsyncConnection,
    *,
    actor: Actor,
    team: str | None,
    staff_no: str | None,
    skill: str | None,
    mentor: str | None,
    standing: str | None,
    on: date | None,
    updated_after: datetime | None,
    limit: int,
    after: str | None,
) -> Page[Agent]:
    """The agents that the caller sees."""
    query = AGENTS.where(in_sight(actor, agents.c.team_id, agents.c.staff_no))
    if team:
        query = query.where(of_team(agents.c.team_id, team))
    if skill:
        query = query.where(any_(agents.c.skills) == skill)
    if on:
        query = query.where(agents.c.hired_on <= on, or_(agents.c.left_on.is_(None), agents.c.left_on >= on))
    for column, wanted in ((agents.c.staff_no, staff_no), (agents.c.mentor, mentor), (agents.c.status, standing)):
        if wanted:
            query = query.where(column == wanted)
    return await paged(conn, query, agents, agent_from, updated_after=updated_after, limit=limit, after=after)


async def shift_code(conn: AsyncConnection, *, code_id: UUID) -> ShiftCode:
    """One shift code; 404 when there is none."""
    query = select(shift_codes).where(shift_codes.c.code_id == code_id)
    return code_from(await _one(conn, query, "shift code", code_id))


async def list_shift_codes(
    conn: AsyncConnection,
    *,
    team: str | None,
    code: str | None,
    updated_after: datetime | None,
    limit: int,
    after: str | None,
) -> Page[ShiftCode]:
    """Shift codes; with `team` those that its sheet may use."""
    query = select(shift_codes)
    if team:
        query = query.where(of_team(shift_codes.c.team_id, team) | shift_codes.c.team_id.is_(None))
    if code:
        query = query.where(shift_codes.c.code == code)
    return await paged(conn, query, shift_codes, code_from, updated_after=updated_after, limit=limit, after=after)


async def paged(
    conn: AsyncConnection,
    query: Select[Any],
    table: Table,
    make: Callable[[Any], T],
    *,
    updated_after: datetime | None,
    limit: int,
    after: str | None,
) -> Page[T]:
    """A page by id, or in the order of change when only what changed after an instant is asked for."""
    order: tuple[ColumnElement[Any], ...] = tuple(table.primary_key.columns)
    if updated_after:
        query = query.where(table.c.updated_at > updated_after)
        order = (table.c.updated_at, *order)
    return await page(conn, query, order=order, limit=limit, after=after, make=lambda row: make(row._mapping))


async def _one(conn: AsyncConnection, query: Select[Any], noun: str, what: UUID) -> Any:
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise Refusal("not-found", noun=noun, what=what)
    return row._mapping
