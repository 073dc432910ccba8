"""A service desk as its people see it: what cases answers over HTTP, what it published, and its background at work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import httpx
from sqlalchemy import select

from services.cases.consumers import HANDLERS, TIMERS
from shared.contracts.event import Envelope, Event
from shared.contracts.roster import TeamChanged
from shared.platform.codec import decode
from shared.platform.ids import stable_id
from shared.platform.timers import Timekeeper
from shared.platform.work import Database
from tests.conftest import Api, ManualClock
from tests.hearing import hear

E = TypeVar("E", bound=Event)


class Desk:
    """The cases service on a fresh database, with the clock in hand."""

    def __init__(self, api: Api, database: Database, clock: ManualClock) -> None:
        self.api, self.database, self.clock = api, database, clock
        self.manager = api.as_("manager")
        self.integration = api.as_("integration")
        self._timekeeper = Timekeeper(database, TIMERS)
        self._heard: set[UUID] = set()
        self._sequence = 0

    def agent(self, staff_no: str, *teams: str, role: str = "agent") -> httpx.AsyncClient:
        return self.api.as_(role, staff_no=staff_no, teams=teams)

    async def ask(
        self, method: str, path: str, *, status: int = 200, by: httpx.AsyncClient | None = None, **more: Any
    ) -> Any:
        """One request, expecting that status; the answer's JSON."""
        answer = await (by or self.manager).request(method, f"/cases/v1{path}", **more)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def team(self, code: str, name: str, *, lead: str | None = None) -> UUID:
        """A team as roster tells of it."""
        team_id = stable_id("team", code)
        await self.hear(TeamChanged(team_id=team_id, code=code, name=name, zone="Asia/Shanghai", lead=lead))
        return team_id

    async def hear(self, *events: Event) -> None:
        """Take events in, as from another service."""
        async with self.database.work() as work:
            for event in events:
                self._sequence += 1
                await hear(work, HANDLERS, event, self._sequence)

    async def settle(self) -> None:
        """Let cases hear what it published itself, and fire what is due, until nothing is left."""
        while await self._hear_own() or await self._timekeeper.fire_due():
            pass

    async def advance(self, **duration: float) -> datetime:
        """Move the clock, stopping wherever a timer falls due on the way."""
        until = self.clock.now() + timedelta(**duration)
        await self.settle()
        while (due := await self._timekeeper.next_due()) and due <= until:
            self.clock.move_to(due)
            await self.settle()
        self.clock.move_to(until)
        await self.settle()
        return until

    async def _hear_own(self) -> int:
        new = [one for one in await self.envelopes() if one.id not in self._heard]
        self._heard |= {one.id for one in new}
        for envelope in new:
            if handler := HANDLERS.get(type(envelope.data)):
                async with self.database.work() as work:
                    await handler(work.caused_by(envelope), envelope.data)
        return len(new)

    async def envelopes(self) -> list[Envelope]:
        """Everything published so far, in order."""
        outbox = self.database.kernel.outbox
        async with self.database.reading() as conn:
            return [decode(body) for (body,) in await conn.execute(select(outbox.c.body).order_by(outbox.c.position))]

    async def published(self, cls: type[E]) -> list[E]:
        """What was published of one type."""
        return [one.data for one in await self.envelopes() if isinstance(one.data, cls)]

    async def contacts(self, rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
        """Record contacts as a switch does."""
        report = await self.ask("POST", "/contacts:batch", by=self.integration, json=list(rows))
        assert report["failed"] == 0, report
        return dict(report)


def calls(
    count: int, topic: str | None, at: datetime, *, prefix: str, every: float = 10, **more: Any
) -> list[dict[str, Any]]:
    """So many calls about a topic from `at` on, one each `every` seconds."""
    return [
        {
            "external_id": f"{prefix}-{number}",
            "topic": topic,
            "queued_at": (at + timedelta(seconds=every * number)).isoformat(),
            **more,
        }
        for number in range(count)
    ]


OpenDesk = Callable[[], Desk]
