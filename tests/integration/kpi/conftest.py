"""kpi with events going in on one side and answers coming out over HTTP on the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from services.kpi.commands.posting import judge
from services.kpi.consumers import HANDLERS, TIMERS, apply_batch, make_facts
from shared.contracts.cases import ContactFact, ContactRecorded
from shared.contracts.event import Envelope, Event
from shared.platform.codec import encode
from shared.platform.consumer import Consumer
from shared.platform.ids import new_id
from shared.platform.timers import Timekeeper
from shared.platform.transport import Delivery, Outcome
from shared.platform.work import Database
from tests.conftest import START, Api, ManualClock

PER_EVENT = 500


def delivery_of(event: Event, *, sequence: int = 1, at: datetime = START) -> Delivery:
    """An event as the transport hands it over."""
    envelope = Envelope(
        id=new_id(),
        source="/test",
        type=event.type,
        subject=event.subject,
        time=at,
        sequence=sequence,
        data=event,
        correlation_id="test",
    )
    return Delivery(str(envelope.id), encode(envelope))


def recorded(contacts: Sequence[ContactFact]) -> list[Delivery]:
    """Contacts as cases publishes them, up to 500 in one event."""
    chunks = (contacts[start : start + PER_EVENT] for start in range(0, len(contacts), PER_EVENT))
    return [delivery_of(ContactRecorded(batch_id=new_id(), contacts=tuple(chunk))) for chunk in chunks]


@dataclass(frozen=True)
class Desk:
    """The service under test."""

    database: Database
    consumer: Consumer
    api: Api
    manager: httpx.AsyncClient

    async def hears(self, deliveries: Sequence[Delivery]) -> None:
        """Apply events; all of them have to be accepted."""
        outcomes = await self.consumer.process(deliveries)
        assert outcomes == [Outcome.DONE] * len(deliveries)
        await judge(self.database)

    async def points(self, metric: str, **params: Any) -> list[dict[str, Any]]:
        """The points of a metric, as a manager sees them."""
        answer = await self.manager.get(f"/kpi/v1/metrics/{metric}", params=_named(params))
        assert answer.status_code == 200, answer.text
        points: list[dict[str, Any]] = answer.json()["points"]
        return points

    async def point(self, metric: str, **params: Any) -> dict[str, Any]:
        """The only point of a metric."""
        [point] = await self.points(metric, **params)
        return point

    async def facts(self, metric: str, *, page: int = 200, **params: Any) -> list[dict[str, Any]]:
        """All the facts behind a point, page by page."""
        found: list[dict[str, Any]] = []
        asked = {**_named(params), "limit": str(page)}
        while True:
            answer = await self.manager.get(f"/kpi/v1/metrics/{metric}/facts", params=asked)
            assert answer.status_code == 200, answer.text
            found += answer.json()["items"]
            if answer.json()["next"] is None:
                return found
            asked["after"] = answer.json()["next"]

    async def is_consistent(self) -> bool:
        """Whether the rollups equal their recomputation from the facts."""
        answer = await self.manager.get("/kpi/v1/consistency")
        assert answer.status_code == 200, answer.text
        assert answer.json()["consistent"] == (answer.json()["differences"] == [])
        return bool(answer.json()["consistent"])


def _named(params: dict[str, Any]) -> dict[str, str]:
    return {name.rstrip("_"): str(value) for name, value in params.items()}


@pytest.fixture
async def desk(open_database: Callable[[str], Database], open_api: Callable[..., Api]) -> Desk:
    """kpi on a fresh database."""
    database = open_database("kpi")
    api = open_api("kpi", database)
    return Desk(database, Consumer(database, HANDLERS, apply_batch, prepare=make_facts), api, api.as_("manager"))


@pytest.fixture
def pass_time(desk: Desk, clock: ManualClock) -> Callable[..., Any]:
    """Let time pass and everything due happen on the way."""
    keeper = Timekeeper(desk.database, TIMERS)

    async def pass_(until: datetime, step: timedelta = timedelta(minutes=5)) -> None:
        while clock.now() < until:
            clock.move_to(min(until, clock.now() + step))
            await keeper.fire_due()

    return pass_
