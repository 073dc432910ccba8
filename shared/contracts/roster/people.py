"""Teams and agents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.contracts.event import Event, event


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamFact(Event):
    """A team as it is now. `lead` and `supervisor` are staff numbers."""

    team_id: UUID
    code: str
    name: str
    zone: str
    lead: str | None = None
    supervisor: str | None = None
    parent_id: UUID | None = None


@event("roster.team.changed.v1", subject="team_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class TeamChanged(TeamFact):
    """A team was created or changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFact(Event):
    """An agent as they are now."""

    agent_id: UUID
    staff_no: str
    name: str
    team_id: UUID
    team_name: str
    roles: tuple[str, ...]
    skills: tuple[str, ...]
    hired_on: date
    left_on: date | None = None
    language: str = "zh-CN"


@event("roster.agent.joined.v1", subject="agent_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class AgentJoined(AgentFact):
    """Somebody joined a team."""


@event("roster.agent.changed.v1", subject="agent_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class AgentChanged(AgentFact):
    """An agent's name, team, roles or skills changed."""


@event("roster.agent.left.v1", subject="agent_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLeft(AgentFact):
    """An agent left; `left_on` is their last day."""
