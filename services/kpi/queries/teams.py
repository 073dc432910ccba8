"""The teams that a token means."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.tables import teams


async def ids_of_teams(conn: AsyncConnection, *, codes: Collection[str]) -> tuple[str, ...]:
    """The ids, as facts have them, of the teams with these codes."""
    return tuple(map(str, (await conn.execute(select(teams.c.team_id).where(teams.c.code.in_(codes)))).scalars()))
