"""The watchdog: looks every few seconds whether every open question has a timer and nothing is late, and says so.

It runs beside the timers and not on one: if they stand still, it must not.
"""

from __future__ import annotations

import time

from prometheus_client import Gauge

from services.notify.commands.alarms import judge
from services.notify.queries.watchdog import Watch, watch
from shared.platform.work import Database

LOOK_SECONDS = 10.0
"""Between two looks, in real time."""

OPEN = Gauge("ringback_notify_open_questions", "Questions that nobody has answered yet")
WITHOUT_TIMER = Gauge("ringback_notify_questions_without_timer", "Open questions that no timer will come back to")
LATE_RUNGS = Gauge("ringback_notify_late_rungs", "Rungs that should have fired minutes ago")
LATE_MESSAGES = Gauge("ringback_notify_late_messages", "Messages that should have been sent minutes ago")
WAITING = Gauge("ringback_notify_messages_waiting", "Messages to be sent", ("channel",))
LATENESS = Gauge("ringback_notify_lateness_seconds", "How late the most overdue rung or message is")


class Watchdog:
    """One look at a time. What was wrong only at one look was being put right, so two in a row make an alarm."""

    def __init__(self, database: Database, look_seconds: float = LOOK_SECONDS) -> None:
        self._database = database
        self._look_seconds = look_seconds
        self._next_look = 0.0
        self._was_ok = True
        self._channels: set[str] = set()

    async def look(self) -> int:
        """Look, unless that was done just now; 1 when an alarm was raised, repeated or ended."""
        if time.monotonic() < self._next_look:
            return 0
        self._next_look = time.monotonic() + self._look_seconds
        async with self._database.reading() as conn:
            seen = await watch(conn, now=self._database.clock.now())
        self._show(seen)
        doubtful, self._was_ok = self._was_ok and not seen.ok, seen.ok
        if doubtful:
            return 0
        async with self._database.work() as work:
            return int(await judge(work, seen))

    def _show(self, seen: Watch) -> None:
        OPEN.set(seen.open_count)
        WITHOUT_TIMER.set(seen.without_timer_count)
        LATE_RUNGS.set(seen.late_rung_count)
        LATE_MESSAGES.set(seen.late_message_count)
        LATENESS.set(seen.lateness_seconds)
        for channel in self._channels | seen.waiting.keys():
            WAITING.labels(channel).set(seen.waiting.get(channel, 0))
        self._channels |= seen.waiting.keys()
