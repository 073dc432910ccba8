"""An agent: who is hired, where, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.contracts.refusal import Fault, Refusal
from shared.contracts.roster import AgentChanged, AgentFact, AgentJoined, AgentLeft


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Somebody on the staff; `left_on` is their last day, `mentor` is a staff number.

    `status`: `active`, `trainee`, or `suspended` (on the staff, but not to be planned).
    """

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
    mentor: str | None = None
    status: str = "active"
    version: int = 1
    updated_at: datetime

    def employed_on(self, day: date) -> bool:
        """Whether they are on the staff that day, and not suspended."""
        return self.status != "suspended" and self.hired_on <= day and (self.left_on is None or day <= self.left_on)


def agent_from(record: Any) -> Agent:
    """An agent from their stored record."""
    return Agent(**{**record, "roles": tuple(record["roles"]), "skills": tuple(record["skills"])})


def require_order_of_days(agent: Agent) -> None:
    """Nobody leaves before they came."""
    if agent.left_on and agent.left_on < agent.hired_on:
        raise Refusal("invalid-value", faults=(Fault("left_on", "left-before-hired", {}),))


def require_another_mentor(agent: Agent) -> None:
    """Nobody is their own mentor."""
    if agent.mentor == agent.staff_no:
        raise Refusal("invalid-value", faults=(Fault("mentor", "mentor-is-self", {}),))


def joined(agent: Agent) -> AgentJoined:
    """The news of somebody hired."""
    return AgentJoined(**_fact(agent))


def changed(before: Agent, after: Agent) -> AgentFact:
    """The news of a change; that somebody leaves is news of its own."""
    leaves = after.left_on is not None and after.left_on != before.left_on
    return AgentLeft(**_fact(after)) if leaves else AgentChanged(**_fact(after))


def _fact(agent: Agent) -> dict[str, Any]:
    return {
        "agent_id": agent.agent_id,
        "staff_no": agent.staff_no,
        "name": agent.name,
        "team_id": agent.team_id,
        "team_name": agent.team_name,
        "roles": agent.roles,
        "skills": agent.skills,
        "hired_on": agent.hired_on,
        "left_on": agent.left_on,
        "language": agent.language,
    }
