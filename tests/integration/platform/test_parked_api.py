"""Operators see parked messages and replay them, and have events sent again, over HTTP, in any service."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared.contracts.roster import TeamChanged
from shared.platform.consumer import Consumer, Retrier
from shared.platform.ids import new_id
from shared.platform.relay import Relay
from shared.platform.transport import Delivery, Message, Receiver
from shared.platform.work import Database, Work
from tests.conftest import Api


async def test_a_parked_message_is_listed_replayed_once_and_gone(
    open_api: Callable[..., Api], open_database: Callable[[str], Database]
) -> None:
    notify = open_database("notify")
    operator = open_api("notify", notify).as_("manager")

    async def hear(work: Work, event: TeamChanged) -> None:
        """Never reached: the body is no event."""

    consumer = Consumer(notify, {TeamChanged: hear})
    await consumer.process([Delivery(str(new_id()), b"not an event")])
    [parked] = (await operator.get("/notify/v1/parked")).json()["items"]
    assert parked["body"] == "not an event"
    assert parked["reason"].startswith("malformed")
    path = f"/notify/v1/parked/{parked['parked_id']}/replay"
    assert (await operator.post(path)).status_code == 200
    assert (await operator.post(path)).status_code == 404
    assert (await operator.get("/notify/v1/parked")).json()["items"] == []
    assert await Retrier(notify, consumer).drain() == 1
    [again] = (await operator.get("/notify/v1/parked")).json()["items"]
    assert again["parked_id"] == parked["parked_id"], "still malformed, so parked again"


async def test_only_operators_see_parked_messages(open_api: Callable[..., Api]) -> None:
    assert (await open_api("notify").as_("agent", staff_no="A1").get("/notify/v1/parked")).status_code == 403


async def test_events_sent_since_a_time_are_sent_again_and_no_others(
    open_api: Callable[..., Api], open_database: Callable[[str], Database]
) -> None:
    roster = open_database("roster")
    async with roster.work() as work:
        for number in range(3):
            work.record(TeamChanged(team_id=new_id(), code=f"T{number}", name="T", zone="UTC"), sequence=1)
    transport = Hearing()
    relay = Relay(roster, transport)
    await relay.drain()
    operator = open_api("roster", roster).as_("manager")
    hence, ago = datetime.now(UTC) + timedelta(minutes=1), datetime.now(UTC) - timedelta(minutes=1)

    async def resent(since: datetime, *types: str) -> int:
        body = {"since": since.isoformat(), "types": list(types)}
        answer = await operator.post("/roster/v1/outbox/resend", json=body)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["event_count"])

    assert await resent(hence) == 0
    assert await resent(ago, "roster.agent.left.v1") == 0
    assert await resent(ago, "roster.team.changed.v1") == 3
    assert await relay.drain() == 3
    assert len(transport.heard) == 6
    assert len(set(transport.heard)) == 3


class Hearing:
    """Remembers what was published."""

    def __init__(self) -> None:
        self.heard: list[UUID] = []

    async def publish(self, messages: Sequence[Message]) -> frozenset[UUID]:
        self.heard += [message.id for message in messages]
        return frozenset(self.heard)

    async def consume(self, receiver: Receiver) -> None:
        raise NotImplementedError

    async def check(self, database: Database) -> str:
        return "ok"

    async def close(self) -> None:
        pass
