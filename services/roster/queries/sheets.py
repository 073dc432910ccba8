"""A roster's draft beside its last published version, with all that is needed to compare, check and show them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, false, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.agent import Agent, agent_from
from services.roster.domain.code import Codebook, code_from
from services.roster.domain.diff import diff
from services.roster.domain.line import line_from, line_json, resolved, texts_from
from services.roster.domain.roster import Roster
from services.roster.domain.team import Team
from services.roster.queries.people import AGENTS
from services.roster.tables import agents, draft_lines, rosters, shift_codes, version_lines
from shared.contracts.refusal import Refusal
from shared.contracts.roster import Cell, DayChange


@dataclass(frozen=True)
class RosterSheet:
    """A roster's draft and its last version. `published` has the version's lines as stored."""

    roster: Roster
    team: Team
    codebook: Codebook
    agents: Mapping[UUID, Agent]
    texts: Mapping[UUID, Mapping[date, str]]
    published: Mapping[UUID, str]

    @cached_property
    def lines(self) -> dict[UUID, dict[date, Cell]]:
        """What the draft means now."""
        return {agent_id: resolved(texts, self.codebook) for agent_id, texts in self.texts.items()}

    @cached_property
    def stored(self) -> dict[UUID, str]:
        """The draft's lines as a version would store them."""
        return {agent_id: line_json(line) for agent_id, line in self.lines.items()}

    @cached_property
    def changes(self) -> dict[UUID, tuple[DayChange, ...]]:
        """What the draft changes against the last version, for each agent with a difference."""
        differing = [one for one in self.lines.keys() | self.published.keys() if self._may_differ(one)]
        found = {one: diff(self._published_line(one), self.lines.get(one, {})) for one in differing}
        return {one: days for one, days in found.items() if days}

    def by_staff_no(self, agent_ids: Iterable[UUID]) -> list[Agent]:
        """Agents in the order of the sheet."""
        return sorted((self.agents[agent_id] for agent_id in agent_ids), key=lambda agent: agent.staff_no)

    def _may_differ(self, agent_id: UUID) -> bool:
        return agent_id not in self.published or self.stored.get(agent_id) != self.published[agent_id]

    def _published_line(self, agent_id: UUID) -> Mapping[date, Cell]:
        stored = self.published.get(agent_id)
        return line_from(stored) if stored else {}


async def find_roster(conn: AsyncConnection, roster_id: UUID) -> Roster:
    """A roster, for reading; 404 when there is none."""
    row = (await conn.execute(select(rosters).where(rosters.c.roster_id == roster_id))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="roster", what=roster_id)
    return Roster(**row._mapping)


async def load_sheet(conn: AsyncConnection, roster: Roster, team: Team) -> RosterSheet:
    """Everything about a roster's draft."""
    texts = await draft_texts(conn, roster.roster_id)
    published = await version_texts(conn, roster.roster_id, roster.number)
    people = await agents_named(conn, agent_ids=texts.keys() | published.keys())
    return RosterSheet(
        roster=roster,
        team=team,
        codebook=await codebook_of(conn, team),
        agents={agent.agent_id: agent for agent in people},
        texts=texts,
        published=published,
    )


async def draft_texts(conn: AsyncConnection, roster_id: UUID) -> dict[UUID, dict[date, str]]:
    """A draft's lines by agent."""
    query = select(draft_lines.c.agent_id, draft_lines.c.cells).where(draft_lines.c.roster_id == roster_id)
    return {row.agent_id: texts_from(row.cells) for row in await conn.execute(query)}


async def version_texts(conn: AsyncConnection, roster_id: UUID, number: int) -> dict[UUID, str]:
    """A version's lines by agent, as stored."""
    table = version_lines
    query = select(table.c.agent_id, table.c.cells).where(table.c.roster_id == roster_id, table.c.number == number)
    return {row.agent_id: row.cells for row in await conn.execute(query)}


async def codebook_of(conn: AsyncConnection, team: Team) -> Codebook:
    """What the cells of a team's sheet mean: its own codes before the house's."""
    table = shift_codes
    query = select(table).where((table.c.team_id == team.team_id) | table.c.team_id.is_(None))
    return Codebook([code_from(row._mapping) for row in await conn.execute(query)], team.tz)


async def agents_named(
    conn: AsyncConnection,
    *,
    staff_nos: Collection[str] = (),
    agent_ids: Collection[UUID] = (),
    team_id: UUID | None = None,
) -> list[Agent]:
    """The agents of these staff numbers, these ids, or this team."""
    wanted = AGENTS.where(
        (agents.c.staff_no == any_(bindparam("staff_nos", list(staff_nos), type_=ARRAY(Text))))
        | (agents.c.agent_id == any_(bindparam("agent_ids", list(agent_ids), type_=ARRAY(Uuid))))
        | (agents.c.team_id == team_id if team_id else false())
    )
    return [agent_from(row._mapping) for row in await conn.execute(wanted)]
