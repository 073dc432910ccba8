"""Swaps and open shifts as they are read, and who could work a shift."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.agent import Agent
from services.roster.domain.fitness import Candidate
from services.roster.domain.open_shift import OpenShift, open_shift_from
from services.roster.domain.swap import Swap, swap_from
from services.roster.queries.attendance import days_between
from services.roster.queries.leave import approved_leave
from services.roster.queries.people import paged, team_of
from services.roster.queries.sight import in_sight, leads, of_team
from services.roster.tables import agents, open_shifts, rosters, swaps
from shared.contracts.refusal import Refusal
from shared.platform.actor import Actor
from shared.platform.paging import Page

AROUND = timedelta(days=31)
"""So far around a day shifts are looked at: weeks, and the longest run of days that a team may ask about."""


async def candidates(conn: AsyncConnection, people: Sequence[Agent], on: Collection[date]) -> dict[UUID, Candidate]:
    """People with what is planned for them around these days, and their leave."""
    ids = [agent.agent_id for agent in people]
    planned = await days_between(conn, ids, min(on) - AROUND, max(on) + AROUND)
    leave = await approved_leave(conn, ids, min(on), max(on))
    return {
        agent.agent_id: Candidate(
            agent=agent,
            planned={day: one.planned for day, one in planned.get(agent.agent_id, {}).items() if one.planned},
            leave=leave.get(agent.agent_id, ()),
        )
        for agent in people
    }


async def roster_covering(conn: AsyncConnection, team_id: UUID, on: date) -> UUID | None:
    """The team's roster that has a day."""
    table = rosters
    query = select(table.c.roster_id).where(table.c.team_id == team_id, table.c.from_on <= on, table.c.to_on >= on)
    return (await conn.execute(query)).scalar()


async def list_swaps(
    conn: AsyncConnection,
    *,
    actor: Actor,
    state: str | None,
    team: str | None,
    agent: str | None,
    updated_after: datetime | None,
    limit: int,
    after: str | None,
) -> Page[Swap]:
    """The swaps that the caller is part of, or leads the team of."""
    table = swaps
    query = select(table).where(
        or_(in_sight(actor, table.c.team_id, table.c.from_staff_no), _asked(actor, table.c.to_staff_no))
    )
    if state:
        query = query.where(table.c.state == state)
    if team:
        query = query.where(of_team(table.c.team_id, team))
    if agent:
        query = query.where(or_(table.c.from_staff_no == agent, table.c.to_staff_no == agent))
    return await paged(conn, query, table, swap_from, updated_after=updated_after, limit=limit, after=after)


def _asked(actor: Actor, staff_no: ColumnElement[str]) -> ColumnElement[bool]:
    return staff_no == (actor.staff_no or "")


async def swap(conn: AsyncConnection, *, actor: Actor, swap_id: UUID) -> Swap:
    """One swap; 404 when there is none."""
    row = (await conn.execute(select(swaps).where(swaps.c.swap_id == swap_id))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="swap", what=swap_id)
    if actor.staff_no not in (row.from_staff_no, row.to_staff_no) and not leads(
        actor, await team_of(conn, row.team_id)
    ):
        raise Refusal("not-yours")
    return swap_from(row._mapping)


async def list_open_shifts(
    conn: AsyncConnection,
    *,
    actor: Actor,
    state: str | None,
    team: str | None,
    on: date | None,
    updated_after: datetime | None,
    limit: int,
    after: str | None,
) -> Page[OpenShift]:
    """The open shifts of the caller's own team and of those they lead."""
    table = open_shifts
    query = select(table).where(or_(in_sight(actor, table.c.team_id), _own_team(actor, table.c.team_id)))
    if state:
        query = query.where(table.c.state == state)
    if team:
        query = query.where(of_team(table.c.team_id, team))
    if on:
        query = query.where(table.c.shift_on == on)
    return await paged(conn, query, table, open_shift_from, updated_after=updated_after, limit=limit, after=after)


async def open_shift(conn: AsyncConnection, *, actor: Actor, open_shift_id: UUID) -> OpenShift:
    """One open shift; 404 when there is none, or none for the caller."""
    table = open_shifts
    query = select(table).where(
        table.c.open_shift_id == open_shift_id,
        or_(in_sight(actor, table.c.team_id), _own_team(actor, table.c.team_id)),
    )
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="open shift", what=open_shift_id)
    return open_shift_from(row._mapping)


def _own_team(actor: Actor, team_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    return team_id.in_(select(agents.c.team_id).where(agents.c.staff_no == (actor.staff_no or "")))
