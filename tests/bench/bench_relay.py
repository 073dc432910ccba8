"""Outbox row → confirmed in a quorum queue, against aio-pika publishing the same bodies pipelined with confirms."""

from __future__ import annotations

import asyncio
import time
from uuid import UUID

import aio_pika
from sqlalchemy import select

from shared.contracts.roster import TeamChanged
from shared.contracts.routes import hearers_of
from shared.platform.broker import RabbitTransport
from shared.platform.ids import new_id
from shared.platform.relay import BATCH, Relay
from shared.platform.topology import EXCHANGE
from shared.platform.transport import Message
from shared.platform.work import Database
from tests.bench.report import Bench, Row

EVENTS = 20_000
ROUNDS = 3
TARGET = 0.6


async def run(bench: Bench) -> list[Row]:
    """Both ways in turn, several rounds; the best of each."""
    async with bench.databases("roster") as databases, bench.broker(*hearers_of(TeamChanged.type)) as amqp_url:
        roster = databases["roster"]
        transport = RabbitTransport(amqp_url)
        relayed, floors = [], []
        for _ in range(ROUNDS):
            messages = await fill(roster, EVENTS)
            floors.append(await publish_bare(amqp_url, messages))
            relayed.append(await relay(roster, transport))
        await transport.close()
    value, floor = max(relayed), max(floors)
    ratio = value / floor
    return [Row("relay: outbox row → confirmed", value, "events/s", floor, ratio, f"ratio ≥ {TARGET}", ratio >= TARGET)]


async def fill(roster: Database, count: int) -> list[Message]:
    """Record events; the messages the relay will make of them."""
    for _ in range(count // 1000):
        async with roster.work() as work:
            for number in range(1000):
                event = TeamChanged(team_id=new_id(), code=f"T{number}", name=f"{number} 号班组", zone="Asia/Shanghai")
                work.record(event, sequence=1)
    outbox = roster.kernel.outbox
    unsent = select(outbox.c.event_id, outbox.c.type, outbox.c.body).where(outbox.c.sent_at.is_(None))
    async with roster.reading() as conn:
        rows = (await conn.execute(unsent)).all()
    return [Message(new_id(), row.type, row.body) for row in rows]


async def relay(roster: Database, transport: RabbitTransport) -> float:
    """Events per second from the outbox to the confirm, marked as sent."""
    worker = Relay(roster, transport)
    begun = time.perf_counter()
    sent = await worker.drain()
    return sent / (time.perf_counter() - begun)


async def publish_bare(amqp_url: str, messages: list[Message]) -> float:
    """Events per second with aio-pika alone, as many in flight as the relay has."""
    connection = await aio_pika.connect(amqp_url)
    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
    exchange = await channel.get_exchange(EXCHANGE)
    begun = time.perf_counter()
    for start in range(0, len(messages), BATCH):
        await asyncio.gather(*(publish_one(exchange, message) for message in messages[start : start + BATCH]))
    seconds = time.perf_counter() - begun
    await connection.close()
    return len(messages) / seconds


async def publish_one(exchange: aio_pika.abc.AbstractExchange, message: Message) -> UUID:
    """One persistent, mandatory message, confirmed."""
    body = aio_pika.Message(
        message.body,
        message_id=str(message.id),
        content_type="application/cloudevents+json",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
    await exchange.publish(body, message.type, mandatory=True)
    return message.id
