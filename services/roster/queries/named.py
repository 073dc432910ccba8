"""Whom and what a request names: staff numbers, and teams by id or code."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Text, cast, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.agent import Agent
from services.roster.domain.team import Team, team_from
from services.roster.queries.sheets import agents_named
from services.roster.tables import teams
from shared.contracts.refusal import Fault, Refusal


async def agent_named(conn: AsyncConnection, staff_no: str | None, *, field: str = "staff_no") -> Agent:
    """The agent of a staff number; 422 at `field` when there is none."""
    found = await agents_named(conn, staff_nos=[staff_no]) if staff_no else []
    if not found:
        params: dict[str, object] = {"staff_no": staff_no or "", "name": ""}
        raise Refusal("invalid-value", faults=(Fault(field, "agent-unknown", params),))
    return found[0]


async def team_named(conn: AsyncConnection, named: str, *, field: str = "team") -> Team:
    """The team of an id or code; 422 at `field` when there is none."""
    found = or_(teams.c.code == named, cast(teams.c.team_id, Text) == named.lower())
    row = (await conn.execute(select(teams).where(found).limit(1))).one_or_none()
    if row is None:
        raise Refusal("invalid-value", faults=(Fault(field, "team-unknown", {}),))
    return team_from(row._mapping)


async def team_by_id(conn: AsyncConnection, team_id: UUID) -> Team:
    """The team that a body names; 422 when there is none."""
    return await team_named(conn, str(team_id), field="team_id")
