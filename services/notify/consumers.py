"""What notify reacts to: events and timers."""

from __future__ import annotations

from services.notify.commands.ladder import climb_ladder
from services.notify.commands.recipients import keep_person, keep_team
from services.notify.commands.subjects import ask, end
from services.notify.domain.ladder import TIMER
from shared.contracts.event import Event
from shared.contracts.roster import (
    AgentChanged,
    AgentJoined,
    AgentLeft,
    ShiftChangeAnnounced,
    ShiftChangeConfirmed,
    ShiftChangeExpired,
    ShiftChangeRefused,
    ShiftChangeResolved,
    ShiftChangeSuperseded,
    ShiftChangeWithdrawn,
    TeamChanged,
)
from shared.platform.consumer import Handler
from shared.platform.timers import Handler as TimerHandler

HANDLERS: dict[type[Event], Handler] = {
    TeamChanged: keep_team,
    AgentJoined: keep_person,
    AgentChanged: keep_person,
    AgentLeft: keep_person,
    ShiftChangeAnnounced: ask,
    ShiftChangeConfirmed: end,
    ShiftChangeRefused: end,
    ShiftChangeExpired: end,
    ShiftChangeSuperseded: end,
    ShiftChangeWithdrawn: end,
    ShiftChangeResolved: end,
}

TIMERS: dict[str, TimerHandler] = {TIMER: climb_ladder}
