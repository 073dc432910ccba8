"""What roster reacts to: events and timers."""

from __future__ import annotations

from shared.contracts.event import Event
from shared.platform.consumer import Handler
from shared.platform.timers import Handler as TimerHandler

HANDLERS: dict[type[Event], Handler] = {}

TIMERS: dict[str, TimerHandler] = {}
