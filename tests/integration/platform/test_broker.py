"""What is RabbitMQ's alone: missing queues, lost connections, its own delivery limit, readiness."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from urllib.parse import quote, urlsplit
from uuid import UUID

import httpx
import pytest
from aiormq import Channel
from aiormq.abc import DeliveredMessage
from aiormq.exceptions import ChannelAccessRefused

from shared.contracts.roster import AgentJoined, AgentLeft, TeamChanged
from shared.platform.amqp import confirming_channel, connect, consumers_of, hang_up
from shared.platform.broker import RabbitTransport
from shared.platform.ids import new_id
from shared.platform.relay import Relay
from shared.platform.topology import (
    DELIVERY_LIMIT,
    parked_queue_of,
    provision_broker,
    queue_of,
    retry_exchange_of,
    retry_queue_of,
    user_of,
)
from shared.platform.transport import RETRY_DELAYS_SECONDS, Delivery, Message, Outcome
from shared.platform.work import Database
from tests.conftest import Rabbit, virtual_host

HEARS = {"notify": (TeamChanged.type,), "cases": (AgentJoined.type,), "kpi": (AgentLeft.type,)}


class Ear:
    """A receiver that keeps what it receives."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.types = frozenset(HEARS[service])
        self.at_once = 1
        self.received: list[Delivery] = []
        self.parked: list[tuple[str, str]] = []
        self.outcomes: list[Outcome] = []
        """What it says of the first deliveries."""

    async def process(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        self.received += deliveries
        return [self.outcomes.pop(0) if self.outcomes else Outcome.DONE for _ in deliveries]

    async def park(self, delivery: Delivery, reason: str) -> None:
        self.parked.append((delivery.message_id, reason))


class Host:
    """A virtual host and a transport on it."""

    def __init__(self, rabbit: Rabbit, url: str) -> None:
        self.url = url
        self.transport = RabbitTransport(url, hears=HEARS)
        self._rabbit = rabbit
        self.management_url = rabbit.management_url
        self.vhost = urlsplit(url).path[1:]
        self._consuming: list[asyncio.Task[None]] = []

    def listen(self, service: str) -> Ear:
        """Start consuming."""
        ear = Ear(service)
        self._consuming.append(asyncio.create_task(self.transport.consume(ear)))
        return ear

    async def provision(self) -> None:
        await provision_broker(self._rabbit.management_url, vhost=self.vhost, hears=HEARS)

    async def delete_queue(self, service: str) -> None:
        await self._ask("DELETE", f"/api/queues/{self.vhost}/{queue_of(service)}")

    async def declare(self, queue: str, arguments: dict[str, object]) -> None:
        declared = {"durable": True, "arguments": arguments}
        (await self._ask("PUT", f"/api/queues/{self.vhost}/{queue}", declared)).raise_for_status()

    async def close_connections(self) -> None:
        """Close this host's connections from the broker's side."""
        names: list[str] = []
        while not names:
            await asyncio.sleep(0.1)
            found = (await self._ask("GET", f"/api/vhosts/{self.vhost}/connections")).json()
            names = [connection["name"] for connection in found]
        for name in names:
            await self._ask("DELETE", f"/api/connections/{quote(name)}")

    async def _ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self._rabbit.management_url, timeout=20) as client:
            return await client.request(method, path, json=body)

    async def close(self) -> None:
        for task in self._consuming:
            task.cancel()
        await asyncio.gather(*self._consuming, return_exceptions=True)
        await self.transport.close()


@pytest.fixture
async def host(rabbit: Rabbit) -> AsyncIterator[Host]:
    async with virtual_host(rabbit.amqp_url, rabbit.management_url, hears=HEARS) as url:
        host = Host(rabbit, url)
        try:
            yield host
        finally:
            await host.close()


def message(type_: str = TeamChanged.type) -> Message:
    return Message(new_id(), type_, b"{}")


async def until(reached: Callable[[], bool] | Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while True:
            found = reached()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.05)


async def test_an_event_whose_queue_is_gone_is_not_safe_and_the_others_are(host: Host) -> None:
    await host.delete_queue("notify")
    lost, fine = message(), message(AgentJoined.type)
    assert await host.transport.publish([lost, fine]) == {fine.id}


async def test_an_unroutable_event_waits_holds_back_its_aggregate_and_blocks_nobody_else(
    host: Host, open_database: Callable[[str], Database]
) -> None:
    roster = open_database("roster")
    await host.delete_queue("notify")
    ear = host.listen("cases")
    first, other = new_id(), new_id()
    async with roster.work() as work:
        work.record(TeamChanged(team_id=first, code="A", name="A", zone="Asia/Shanghai"), sequence=1)
    relay = Relay(roster, host.transport)
    assert await relay.drain() == 0
    async with roster.work() as work:
        work.record(joined(first), sequence=2)
        work.record(joined(other), sequence=1)
    assert await relay.drain() == 1, "what follows an unsent event of its aggregate waits behind it"
    await until(lambda: len(ear.received) == 1)
    assert str(other) in ear.received[0].body.decode()
    await host.provision()
    heard = host.listen("notify")

    async def drained() -> bool:
        await relay.drain()
        return len(heard.received) == 1 and len(ear.received) == 2

    await until(drained)


def joined(agent_id: UUID) -> AgentJoined:
    return AgentJoined(
        agent_id=agent_id,
        staff_no="A1",
        name="A",
        team_id=new_id(),
        team_name="A",
        roles=(),
        skills=(),
        hired_on=date(2026, 1, 1),
    )


async def test_delivery_goes_on_after_every_connection_was_closed(host: Host) -> None:
    ear = host.listen("notify")
    sent = []
    for round_ in range(3):
        for _ in range(10):
            sent.append(message())
            while sent[-1].id not in await host.transport.publish([sent[-1]]):
                await asyncio.sleep(0.05)
        if round_ < 2:
            await host.close_connections()
    await until(lambda: {delivery.message_id for delivery in ear.received} == {str(one.id) for one in sent})


async def test_a_queue_deleted_and_made_again_gets_its_consumer_back(host: Host) -> None:
    ear = host.listen("notify")
    await host.transport.publish([message()])
    await until(lambda: len(ear.received) == 1)
    await host.delete_queue("notify")
    await host.provision()
    connection = await connect(host.url, "test")

    async def consumed() -> bool:
        return await consumers_of(connection, queue_of("notify")) == 1

    await until(consumed)
    await hang_up(connection)
    await host.transport.publish([message()])
    await until(lambda: len(ear.received) == 2)


async def test_what_the_broker_delivered_too_often_is_parked(host: Host) -> None:
    sent = message()
    await host.transport.publish([sent])
    connection = await connect(host.url, "test")
    channel = await (await connection.channel()).get_underlay_channel()
    refused = 0

    async def refuse(delivered: DeliveredMessage) -> None:
        nonlocal refused
        await channel.basic_nack(delivered.delivery_tag, requeue=True)
        refused += 1

    await channel.basic_consume(queue_of("notify"), refuse)
    await until(lambda: refused > DELIVERY_LIMIT)
    await hang_up(connection)
    ear = host.listen("notify")
    await until(lambda: bool(ear.parked))
    assert ear.parked == [(str(sent.id), "given up by the broker: delivery_limit")]
    assert ear.received == []


async def test_a_service_is_ready_while_its_queue_has_a_consumer(
    host: Host, open_database: Callable[[str], Database]
) -> None:
    notify = open_database("notify")
    assert await host.transport.check(notify) == "nobody consumes the queue"
    host.listen("notify")

    async def ready() -> bool:
        return await host.transport.check(notify) == "ok"

    await until(ready)


async def test_where_order_matters_a_second_worker_waits_and_takes_over(host: Host) -> None:
    first, second = host.listen("notify"), host.listen("notify")
    await asyncio.sleep(0.5)
    await host.transport.publish([message() for _ in range(20)])
    await until(lambda: len(first.received) + len(second.received) == 20)
    assert 0 in (len(first.received), len(second.received)), "one active consumer keeps the order"


async def test_where_order_does_not_matter_workers_share_the_queue(host: Host) -> None:
    first, second = host.listen("kpi"), host.listen("kpi")
    connection = await connect(host.url, "test")

    async def both_listen() -> bool:
        return await consumers_of(connection, queue_of("kpi")) == 2

    await until(both_listen)
    await hang_up(connection)
    await host.transport.publish([message(AgentLeft.type) for _ in range(20)])
    await until(lambda: len(first.received) + len(second.received) == 20)
    assert first.received
    assert second.received


async def test_a_queue_made_otherwise_is_not_taken_for_the_right_one(rabbit: Rabbit, host: Host) -> None:
    await host.delete_queue("kpi")
    await host.declare(queue_of("kpi"), {"x-queue-type": "quorum", "x-single-active-consumer": True})
    with pytest.raises(RuntimeError, match="inequivalent arg"):
        await host.provision()


async def test_topology_can_be_provisioned_again_and_drops_what_is_no_longer_heard(rabbit: Rabbit, host: Host) -> None:
    nobody = {"notify": (), "cases": HEARS["cases"]}
    await provision_broker(rabbit.management_url, vhost=host.vhost, hears=nobody)
    lost = message()
    assert await host.transport.publish([lost]) == frozenset()


@pytest.fixture
async def as_service(rabbit: Rabbit, host: Host) -> Callable[[str], str]:
    """The URL with which a service itself connects: `as_service("notify")`."""
    if rabbit.node is None:
        pytest.skip("users belong to the whole broker, and this one is not ours")
    passwords = dict.fromkeys(("roster", "notify"), "s3cret")
    await provision_broker(rabbit.management_url, vhost=host.vhost, hears=HEARS, passwords=passwords)
    own = urlsplit(host.url)
    place = own.netloc.rpartition("@")[2]
    return lambda service: own._replace(netloc=f"{user_of(service)}:s3cret@{place}").geturl()


async def ignore(_: DeliveredMessage) -> None:
    """Nothing is sent meanwhile."""


@asynccontextmanager
async def channel_of(url: str) -> AsyncIterator[Channel]:
    connection = await connect(url, "test")
    try:
        yield await confirming_channel(connection)
    finally:
        await hang_up(connection)


@pytest.mark.parametrize("queue", [queue_of("cases"), parked_queue_of("cases"), retry_queue_of("notify", 0)])
async def test_a_service_reads_its_own_queues_only(as_service: Callable[[str], str], queue: str) -> None:
    async with channel_of(as_service("notify")) as channel:
        await channel.basic_consume(queue_of("notify"), ignore)
        await channel.basic_consume(parked_queue_of("notify"), ignore)
        with pytest.raises(ChannelAccessRefused):
            await channel.basic_consume(queue, ignore)


@pytest.mark.parametrize(
    ("exchange", "key"),
    [
        ("events", "cases.case.opened.v1"),
        ("events", "rosters.team.changed.v1"),
        ("", queue_of("cases")),
        (retry_exchange_of("notify"), retry_queue_of("notify", 0)),
        ("amq.topic", TeamChanged.type),
    ],
)
async def test_a_service_writes_its_own_events_only(as_service: Callable[[str], str], exchange: str, key: str) -> None:
    async with channel_of(as_service("roster")) as channel:
        await channel.basic_publish(b"{}", exchange="events", routing_key=TeamChanged.type, timeout=10)
        with pytest.raises(ChannelAccessRefused):
            await channel.basic_publish(b"{}", exchange=exchange, routing_key=key, timeout=10)


async def test_a_service_makes_and_unmakes_nothing_on_the_broker(as_service: Callable[[str], str]) -> None:
    for act in (
        lambda channel: channel.queue_declare("mine"),
        lambda channel: channel.queue_delete(queue_of("notify")),
        lambda channel: channel.queue_bind(queue_of("notify"), "events", "#"),
        lambda channel: channel.exchange_declare("mine"),
        lambda channel: channel.queue_purge(queue_of("cases")),
    ):
        async with channel_of(as_service("notify")) as channel:
            with pytest.raises(ChannelAccessRefused):
                await act(channel)


async def test_a_service_with_its_own_rights_publishes_consumes_and_retries(
    host: Host, as_service: Callable[[str], str]
) -> None:
    delays = [0.2] * len(RETRY_DELAYS_SECONDS)
    await provision_broker(host.management_url, vhost=host.vhost, hears=HEARS, retry_delays_seconds=delays)
    transports = [RabbitTransport(as_service(service), hears=HEARS) for service in ("roster", "notify")]
    ear = Ear("notify")
    ear.outcomes = [Outcome.RETRY, Outcome.RETRY]
    consuming = asyncio.create_task(transports[1].consume(ear))
    sent = message()
    assert await transports[0].publish([sent]) == {sent.id}
    await until(lambda: [delivery.attempt for delivery in ear.received] == [0, 1, 2])
    consuming.cancel()
    await asyncio.gather(consuming, return_exceptions=True)
    for transport in transports:
        await transport.close()
