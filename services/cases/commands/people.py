"""Keeping roster's agents and teams, to name them as they were when something happened."""

from __future__ import annotations

from services.cases.store import people
from shared.contracts.roster import AgentFact, TeamFact
from shared.platform.work import Work


async def keep_agent(work: Work, event: AgentFact) -> None:
    """Remember an agent as now heard, unless something newer was heard before."""
    assert work.cause
    await people.save_agent(work.conn, event, sequence=work.cause.sequence)


async def keep_team(work: Work, event: TeamFact) -> None:
    """Remember a team as now heard, unless something newer was heard before."""
    assert work.cause
    await people.save_team(work.conn, event, sequence=work.cause.sequence)
