"""Who could take over what somebody refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.agent import Agent
from services.roster.domain.change import ShiftChange, still_to_work
from services.roster.domain.diff import LocalCell, Wording
from services.roster.domain.fitness import Candidate, Obstacle, obstacles
from services.roster.domain.team import Team
from services.roster.domain.working_time import minutes_of
from services.roster.queries.changes import peek_change
from services.roster.queries.checks import reachable
from services.roster.queries.leave import approved_leave
from services.roster.queries.people import team_of
from services.roster.queries.planned import around, planned_shifts
from services.roster.queries.sheets import agents_named, codebook_of
from services.roster.queries.sight import require_lead
from shared.contracts.roster import Cell
from shared.platform.actor import Actor
from shared.platform.problems import sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A day to be worked by somebody else, in the team's local time."""

    on: date
    shift: LocalCell


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What keeps somebody from taking over."""

    code: str
    on: date
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateView:
    """Somebody of the team. `planned_minutes` are theirs in the days around; `reasons` is empty for who may take over.

    `reachable`: whether they have a verified contact of their own.
    """

    agent_id: UUID
    staff_no: str
    name: str
    skills: tuple[str, ...]
    reachable: bool
    planned_minutes: int
    reasons: list[Reason]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Who could take over the days of a change: `items` may, those with the fewest hours first; the others may not."""

    change_id: UUID
    zone: str
    slots: list[Slot]
    skills: tuple[str, ...]
    items: list[CandidateView]
    ruled_out: list[CandidateView]


async def candidates(
    conn: AsyncConnection, *, actor: Actor, change_id: UUID, now: datetime, language: str
) -> Candidates:
    """The team's agents against skills (those of the agent who is asked), leave, rest, hours and what they have."""
    change = await peek_change(conn, change_id)
    team = await team_of(conn, change.team_id)
    require_lead(actor, team)
    cells, wording = still_to_work(change, now), Wording(team.tz)
    found = await _judged(conn, change, team, cells, language) if cells else []
    found.sort(key=lambda one: (one.planned_minutes, one.staff_no))
    return Candidates(
        change_id=change_id,
        zone=team.zone,
        slots=[Slot(on=on, shift=local) for on, cell in cells.items() if (local := wording.local(cell))],
        skills=(await _asked(conn, change)).skills,
        items=[one for one in found if not one.reasons],
        ruled_out=[one for one in found if one.reasons],
    )


async def hindrances(
    conn: AsyncConnection, change: ShiftChange, team: Team, agents: Collection[Agent], cells: Mapping[date, Cell]
) -> dict[UUID, list[Obstacle]]:
    """What keeps each of these agents from taking over the cells of a change."""
    return {one.agent.agent_id: reasons for one, reasons in await _weighed(conn, change, team, agents, cells)}


async def _judged(
    conn: AsyncConnection, change: ShiftChange, team: Team, cells: Mapping[date, Cell], language: str
) -> list[CandidateView]:
    colleagues = await agents_named(conn, team_id=team.team_id)
    agents = [one for one in colleagues if one.agent_id != change.agent_id and "agent" in one.roles]
    known = await reachable(conn, [one.staff_no for one in agents])
    return [
        CandidateView(
            agent_id=one.agent.agent_id,
            staff_no=one.agent.staff_no,
            name=one.agent.name,
            skills=one.agent.skills,
            reachable=one.agent.staff_no in known,
            planned_minutes=minutes_of(one.planned),
            reasons=[Reason(code=r.code, on=r.on, message=sentence(r.code, language, {**r.params})) for r in reasons],
        )
        for one, reasons in await _weighed(conn, change, team, agents, cells)
    ]


async def _weighed(
    conn: AsyncConnection, change: ShiftChange, team: Team, agents: Collection[Agent], cells: Mapping[date, Cell]
) -> list[tuple[Candidate, list[Obstacle]]]:
    ids, margin = [one.agent_id for one in agents], around(team.settings)
    planned = await planned_shifts(conn, ids, min(cells) - margin, max(cells) + margin)
    leave = await approved_leave(conn, ids, min(cells), max(cells))
    breaks, skills = (await codebook_of(conn, team)).break_minutes, (await _asked(conn, change)).skills
    weighed = []
    for agent in agents:
        own = planned.get(agent.agent_id, {})
        candidate = Candidate(agent=agent, planned=own, leave=leave.get(agent.agent_id, ()))
        found = obstacles(candidate, cells, team.settings, breaks=breaks, skills=skills)
        weighed.append((candidate, [*_at_work(agent, own, cells), *found]))
    return weighed


def _at_work(agent: Agent, planned: Mapping[date, Cell], cells: Mapping[date, Cell]) -> list[Obstacle]:
    return [
        Obstacle(
            code="agent-at-work",
            on=on,
            level="error",
            params={"staff_no": agent.staff_no, "name": agent.name, "on": str(on), "shift_code": planned[on].code},
        )
        for on in cells
        if on in planned
    ]


async def _asked(conn: AsyncConnection, change: ShiftChange) -> Agent:
    [agent] = await agents_named(conn, agent_ids=[change.agent_id])
    return agent
