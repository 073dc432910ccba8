"""What cases reacts to: events and timers."""

from __future__ import annotations

from services.cases.commands import people
from shared.contracts.event import Event
from shared.contracts.roster import AgentChanged, AgentJoined, AgentLeft, TeamChanged
from shared.platform.consumer import Handler
from shared.platform.timers import Handler as TimerHandler

HANDLERS: dict[type[Event], Handler] = {
    TeamChanged: people.keep_team,
    AgentJoined: people.keep_agent,
    AgentChanged: people.keep_agent,
    AgentLeft: people.keep_agent,
}

TIMERS: dict[str, TimerHandler] = {}
