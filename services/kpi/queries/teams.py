"""The teams that a token means."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.tables import teams
from shared.contracts.refusal import Refusal


async def ids_of_teams(conn: AsyncConnection, *, codes: Collection[str]) -> tuple[str, ...]:
    """The ids, as facts have them, of the teams with these codes."""
    return tuple(map(str, (await conn.execute(select(teams.c.team_id).where(teams.c.code.in_(codes)))).scalars()))


async def id_of_team(conn: AsyncConnection, named: str) -> str:
    """A team's id, as facts have it, by its id or its code; what is no team's stays as it is."""
    with suppress(ValueError):
        return str(UUID(named))
    found = (await conn.execute(select(teams.c.team_id).where(teams.c.code == named).limit(1))).scalar()
    return str(found) if found else named


async def require_team(conn: AsyncConnection, team_id: UUID) -> None:
    """Refuses with `not-found` a team that nobody has told of."""
    if (await conn.execute(select(teams.c.team_id).where(teams.c.team_id == team_id))).first() is None:
        raise Refusal("not-found", noun="team", what=team_id)


async def named_group(conn: AsyncConnection, group_by: str, group: str | None) -> str | None:
    """A group as facts have it: of teams by the id, which may be told by its code."""
    return await id_of_team(conn, group) if group and group_by == "team" else group
