"""Corrections of settled days as they are read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.correction import Correction, correction_from
from services.roster.queries.people import paged, team_of
from services.roster.queries.sight import in_sight, of_agent, of_team, require_self_or_lead
from services.roster.tables import attendance_corrections
from shared.contracts.refusal import Refusal
from shared.platform.actor import Actor
from shared.platform.paging import Page


async def list_corrections(
    conn: AsyncConnection,
    *,
    actor: Actor,
    state: str | None,
    team: str | None,
    agent: str | None,
    attendance_id: UUID | None,
    updated_after: datetime | None,
    limit: int,
    after: str | None,
) -> Page[Correction]:
    """The corrections that the caller sees."""
    table = attendance_corrections
    query = select(table).where(in_sight(actor, table.c.team_id, table.c.staff_no))
    if state:
        query = query.where(table.c.state == state)
    if team:
        query = query.where(of_team(table.c.team_id, team))
    if agent:
        query = query.where(of_agent(table.c.agent_id, table.c.staff_no, agent))
    if attendance_id:
        query = query.where(table.c.attendance_id == attendance_id)
    return await paged(conn, query, table, correction_from, updated_after=updated_after, limit=limit, after=after)


async def correction(conn: AsyncConnection, *, actor: Actor, correction_id: UUID) -> Correction:
    """One correction; 404 when there is none."""
    table = attendance_corrections
    row = (await conn.execute(select(table).where(table.c.correction_id == correction_id))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="correction", what=correction_id)
    require_self_or_lead(actor, row.staff_no, await team_of(conn, row.team_id))
    return correction_from(row._mapping)


async def corrections_of(conn: AsyncConnection, attendance_id: UUID) -> list[Correction]:
    """The corrections of one settled day, in the order in which they were asked for."""
    table = attendance_corrections
    query = select(table).where(table.c.attendance_id == attendance_id).order_by(table.c.correction_id)
    return [correction_from(row._mapping) for row in await conn.execute(query)]
