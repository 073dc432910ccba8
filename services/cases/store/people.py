"""Roster's agents and teams as last heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, or_, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.case import Person
from services.cases.tables import agents, teams
from shared.contracts.roster import AgentFact, TeamFact


async def save_agent(conn: AsyncConnection, agent: AgentFact, *, sequence: int) -> None:
    """Keep an agent under the staff number, which may have passed to another person."""
    new = insert(agents).values(
        staff_no=agent.staff_no,
        agent_id=agent.agent_id,
        name=agent.name,
        team_id=agent.team_id,
        team_name=agent.team_name,
        sequence=sequence,
    )
    newer = or_(agents.c.sequence < new.excluded.sequence, agents.c.agent_id != new.excluded.agent_id)
    await conn.execute(_replacing(agents, new, newer))


async def save_team(conn: AsyncConnection, team: TeamFact, *, sequence: int) -> None:
    """Keep a team."""
    new = insert(teams).values(
        team_id=team.team_id,
        code=team.code,
        name=team.name,
        zone=team.zone,
        lead=team.lead,
        supervisor=team.supervisor,
        sequence=sequence,
    )
    await conn.execute(_replacing(teams, new, teams.c.sequence < new.excluded.sequence))


def _replacing(table: Table, new: Insert, newer: ColumnElement[bool]) -> Any:
    key = list(table.primary_key)
    columns = {column.name: new.excluded[column.name] for column in table.columns if column not in key}
    return new.on_conflict_do_update(index_elements=key, set_=columns, where=newer)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a team, as roster names them now; no team: the one of the matter at hand."""

    person: Person
    team: tuple[UUID, str] | None


async def find_member(conn: AsyncConnection, staff_no: str) -> Member | None:
    """Somebody by staff number; none when roster knows nobody."""
    row = (await conn.execute(select(agents).where(agents.c.staff_no == staff_no))).one_or_none()
    return Member(Person(row.staff_no, row.name), (row.team_id, row.team_name)) if row else None


async def is_team(conn: AsyncConnection, code: str) -> bool:
    """Whether roster knows a team of this code."""
    return (await conn.execute(select(teams.c.team_id).where(teams.c.code == code))).first() is not None


async def lead_of(conn: AsyncConnection, team_id: UUID) -> Person | None:
    """A team's lead, named as roster names them now."""
    query = select(teams.c.lead, agents.c.name).outerjoin(agents, agents.c.staff_no == teams.c.lead)
    row = (await conn.execute(query.where(teams.c.team_id == team_id))).one_or_none()
    return Person(row.lead, row.name or row.lead) if row and row.lead else None


async def person_named(conn: AsyncConnection, staff_no: str) -> Person | None:
    """An agent, named as roster names them now; none when nobody has that staff number."""
    row = (await conn.execute(select(agents.c.staff_no, agents.c.name).where(agents.c.staff_no == staff_no))).first()
    return Person(row.staff_no, row.name) if row else None
