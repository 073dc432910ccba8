"""A house of teams and people, as cases hears of them from roster, with the clock in hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from services.cases.consumers import HANDLERS, TIMERS
from shared.contracts.event import Event
from shared.contracts.roster import AgentJoined, TeamChanged
from shared.platform.codec import decode
from shared.platform.ids import stable_id
from shared.platform.timers import Timekeeper
from shared.platform.work import Database
from tests.conftest import Api, ManualClock
from tests.hearing import hear


class House:
    """cases on a fresh database: what it hears, what it published, and time passing."""

    def __init__(self, api: Api, database: Database, clock: ManualClock) -> None:
        self.api, self.database, self.clock = api, database, clock
        self.timekeeper = Timekeeper(database, TIMERS)

    async def furnish(
        self, teams: Mapping[str, tuple[str, str, str]], people: Mapping[str, tuple[str, str]], leads: tuple[str, ...]
    ) -> None:
        """Let teams (name, lead, supervisor) and people (name, team) be known."""
        for code, (name, lead, supervisor) in teams.items():
            who = {"lead": lead, "supervisor": supervisor}
            await self.hear(
                TeamChanged(team_id=stable_id("team", code), code=code, name=name, zone="Asia/Shanghai", **who)
            )
        for staff_no, (name, code) in people.items():
            await self.hear(
                AgentJoined(
                    agent_id=stable_id("agent", staff_no),
                    staff_no=staff_no,
                    name=name,
                    team_id=stable_id("team", code),
                    team_name=teams[code][0],
                    roles=("lead",) if staff_no in leads else ("agent",),
                    skills=(),
                    hired_on=date(2025, 1, 6),
                )
            )

    async def hear(self, event: Event, sequence: int = 1) -> None:
        """Let cases hear an event of another service."""
        async with self.database.work() as work:
            await hear(work, HANDLERS, event, sequence)

    async def events(self, *wanted: type[Event]) -> list[Any]:
        """Every event published so far, or those of some kinds, in order."""
        outbox = self.database.kernel.outbox
        async with self.database.reading() as conn:
            rows = await conn.execute(select(outbox.c.body).order_by(outbox.c.position))
            found = [decode(body).data for (body,) in rows]
        return [event for event in found if not wanted or isinstance(event, wanted)]

    async def wait_until(self, instant: datetime) -> None:
        """Let time pass, firing what falls due on the way at its own time."""
        while (due := await self.timekeeper.next_due()) is not None and due <= instant:
            self.clock.move_to(due)
            await self.timekeeper.fire_due()
        self.clock.move_to(instant)

    async def wait(self, **duration: float) -> None:
        """The same, for so long."""
        await self.wait_until(self.clock.now() + timedelta(**duration))
