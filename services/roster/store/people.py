"""Teams, agents and shift codes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Table, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster import tables
from services.roster.domain.agent import Agent, agent_from
from services.roster.domain.code import ShiftCode, breaks_json, code_from
from services.roster.domain.team import Team, settings_json, team_from
from shared.contracts.notify import ContactFact
from shared.contracts.refusal import Refusal


async def load_team(conn: AsyncConnection, team_id: UUID, *, for_change: bool = False) -> Team:
    """A team; 404 when there is none."""
    query = select(tables.teams).where(tables.teams.c.team_id == team_id)
    row = (await conn.execute(query.with_for_update() if for_change else query)).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="team", what=team_id)
    return team_from(row._mapping)


async def load_team_ancestry(conn: AsyncConnection, team_id: UUID) -> list[UUID]:
    """A team and all teams above it."""
    table = tables.teams
    line = select(table.c.team_id, table.c.parent_id).where(table.c.team_id == team_id).cte("line", recursive=True)
    line = line.union(select(table.c.team_id, table.c.parent_id).join(line, table.c.team_id == line.c.parent_id))
    return list((await conn.execute(select(line.c.team_id))).scalars())


async def save_team(conn: AsyncConnection, team: Team) -> None:
    """Store a team, new or changed; 409 when its code belongs to another."""
    record = _record(team, tables.teams) | {"settings": settings_json(team.settings)}
    await _put(conn, tables.teams, record, taken="team-code-taken")


async def load_agent(conn: AsyncConnection, agent_id: UUID) -> Agent:
    """An agent, locked; 404 when there is none."""
    query = _agents().where(tables.agents.c.agent_id == agent_id).with_for_update(of=tables.agents)
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="agent", what=agent_id)
    return agent_from(row._mapping)


async def save_agent(conn: AsyncConnection, agent: Agent) -> None:
    """Store an agent, new or changed; 409 when the staff number belongs to another."""
    record = _record(agent, tables.agents) | {"roles": list(agent.roles), "skills": list(agent.skills)}
    await _put(conn, tables.agents, record, taken="staff-no-taken")


async def load_code(conn: AsyncConnection, code_id: UUID) -> ShiftCode:
    """A shift code, locked; 404 when there is none."""
    query = select(tables.shift_codes).where(tables.shift_codes.c.code_id == code_id).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="shift code", what=code_id)
    return code_from(row._mapping)


async def save_code(conn: AsyncConnection, code: ShiftCode) -> None:
    """Store a shift code, new or changed; 409 when the team has one of that name."""
    record = _record(code, tables.shift_codes) | {"breaks": breaks_json(code)}
    await _put(conn, tables.shift_codes, record, taken="shift-code-taken")


async def save_contact(conn: AsyncConnection, contact: ContactFact, *, verified: bool, sequence: int) -> None:
    """Store whether a contact method is verified, unless something newer is known of it."""
    new = insert(tables.contacts).values(
        contact_id=contact.contact_id,
        staff_no=contact.staff_no,
        channel=contact.channel,
        verified=verified,
        sequence=sequence,
    )
    newer = tables.contacts.c.sequence < new.excluded.sequence
    changed = {"verified": new.excluded.verified, "sequence": new.excluded.sequence}
    await conn.execute(new.on_conflict_do_update(index_elements=["contact_id"], set_=changed, where=newer))


def _agents() -> Any:
    return select(tables.agents, tables.teams.c.name.label("team_name")).join(tables.teams)


def _record(thing: Any, table: Table) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in table.columns.keys()}


async def _put(conn: AsyncConnection, table: Table, record: dict[str, Any], *, taken: str) -> None:
    """Insert version 1, update a later one. The natural key never changes, so only a new record can find it taken."""
    [key] = table.primary_key.columns
    if record["version"] > 1:
        await conn.execute(update(table).where(key == record[key.name]).values(record))
        return
    added = await conn.execute(insert(table).values(record).on_conflict_do_nothing().returning(key))
    if added.one_or_none() is None:
        raise Refusal(taken)
