"""What is reported about agents, punches and states: the shifts it belongs to are judged, at once or when they end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from services.roster.commands.settlement import settle_shifts
from services.roster.commands.shifts import keep_until
from services.roster.domain.agent import Agent
from services.roster.domain.punch_window import NEIGHBOURS, days_touched
from services.roster.domain.shift import Shift, day_ends_at, settles_at
from services.roster.domain.team import Team
from services.roster.queries.sheets import agents_named
from services.roster.queries.sight import leads
from services.roster.store import people
from services.roster.store.shifts import load_shifts
from shared.platform.work import Work

CLOCKS_MAY_DIFFER = timedelta(minutes=5)

Seen = tuple[UUID, datetime, datetime]
"""An agent was seen from one instant until another (the same for a punch)."""


class Reported:
    """The agents that a report names, with their teams."""

    def __init__(self, agents: Iterable[Agent], teams: Mapping[UUID, Team]) -> None:
        self.agents = {agent.staff_no: agent for agent in agents}
        self.teams = teams

    def refusal(self, work: Work, staff_no: str) -> str | None:
        """Why a report about somebody is refused: nobody of that number, or not the caller's team."""
        agent = self.agents.get(staff_no)
        if agent is None:
            return "agent-unknown"
        return None if leads(work.actor, self.teams[agent.team_id]) else "not-yours"

    async def judge(self, work: Work, seen: Sequence[Seen], *, reason: str) -> None:
        """Judge the shifts to which what was seen belongs, team by team."""
        team_of = {agent.agent_id: agent.team_id for agent in self.agents.values()}
        for team_id, team in self.teams.items():
            await _judge(work, team, [one for one in seen if team_of[one[0]] == team_id], reason)


async def reported(work: Work, staff_nos: set[str]) -> Reported:
    """Look up whom a report names."""
    agents = await agents_named(work.conn, staff_nos=staff_nos)
    return Reported(agents, {one: await people.load_team(work.conn, one) for one in {a.team_id for a in agents}})


async def _judge(work: Work, team: Team, seen: Sequence[Seen], reason: str) -> None:
    """Settle again the shifts whose time has come; wait with the others.

    Work on a day without a shift is judged when the local day is over.
    """
    if not seen:
        return
    grace = timedelta(minutes=team.settings.grace_minutes)
    waiting, due = [], defaultdict(list)
    for shift in await _shifts_of(work, team, seen):
        hours_end = settles_at(shift, grace)
        at = hours_end or day_ends_at(shift.on, team.tz) + grace
        if at <= work.now:
            due[shift.team_id].append(shift)
        elif hours_end is None:
            waiting.append((shift, at))
    await keep_until(work, waiting)
    for shifts in due.values():
        await settle_shifts(work, shifts, reason=reason)


async def _shifts_of(work: Work, team: Team, seen: Sequence[Seen]) -> list[Shift]:
    margin = NEIGHBOURS + timedelta(days=1)
    first = min(starts_at.astimezone(team.tz).date() for _, starts_at, _ in seen) - margin
    last = max(ends_at.astimezone(team.tz).date() for _, _, ends_at in seen) + margin
    days: dict[UUID, dict[date, Shift]] = defaultdict(dict)
    for shift in await load_shifts(work.conn, {agent_id for agent_id, _, _ in seen}, first, last):
        days[shift.agent_id][shift.on] = shift
    found: dict[tuple[UUID, date], Shift] = {}
    for agent_id, starts_at, ends_at in seen:
        for on in days_touched(starts_at, ends_at, days[agent_id], team.tz):
            nothing = Shift(agent_id=agent_id, on=on, team_id=team.team_id)
            found[agent_id, on] = days[agent_id].get(on, nothing)
    return [found[key] for key in sorted(found)]
