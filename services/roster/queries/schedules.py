"""What was in force when: the breaks of codes, the versions that planned a day, and when they were published."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.code import ShiftCode, code_from
from services.roster.domain.line import line_from
from services.roster.domain.schedule import Planned
from services.roster.domain.team import Team
from services.roster.tables import roster_versions, shift_codes, version_lines

Numbered = tuple[UUID, int]
"""A roster and the number of one of its versions."""


async def codes_of(conn: AsyncConnection, team: Team) -> dict[str, ShiftCode]:
    """The shift codes of a team's sheet: its own before the house's."""
    table = shift_codes
    query = select(table).where((table.c.team_id == team.team_id) | table.c.team_id.is_(None))
    rows = await conn.execute(query.order_by(table.c.team_id.is_(None).desc()))
    return {row.code: code_from(row._mapping) for row in rows}


async def published_when(conn: AsyncConnection, versions: Collection[Numbered]) -> dict[Numbered, datetime]:
    """When versions were published."""
    table = roster_versions
    query = select(table.c.roster_id, table.c.number, table.c.published_at).where(
        tuple_(table.c.roster_id, table.c.number).in_(versions)
    )
    return {(row.roster_id, row.number): row.published_at for row in await conn.execute(query)}


async def planned_history(
    conn: AsyncConnection, agent_ids: Collection[UUID], roster_ids: Collection[UUID], on: Collection[date]
) -> dict[tuple[UUID, UUID, date], list[Planned]]:
    """What every version of these rosters planned for agents on these days, in order, by agent, roster and day."""
    lines, versions = version_lines, roster_versions
    query = (
        select(lines.c.agent_id, lines.c.roster_id, lines.c.number, lines.c.cells, versions.c.published_at)
        .join(versions, (versions.c.roster_id == lines.c.roster_id) & (versions.c.number == lines.c.number))
        .where(
            lines.c.roster_id == any_(bindparam("rosters", list(roster_ids), type_=ARRAY(Uuid))),
            lines.c.agent_id == any_(bindparam("agents", list(agent_ids), type_=ARRAY(Uuid))),
        )
        .order_by(lines.c.number)
    )
    found: dict[tuple[UUID, UUID, date], list[Planned]] = {}
    for row in await conn.execute(query):
        line = line_from(row.cells)
        for day in on:
            planned = Planned(number=row.number, since=row.published_at, cell=line.get(day))
            found.setdefault((row.agent_id, row.roster_id, day), []).append(planned)
    return found
