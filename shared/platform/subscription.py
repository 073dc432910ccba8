"""A service listening at its queue: batches in order, retries and parking, acknowledged after they are applied."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from aio_pika.abc import AbstractConnection
from aiormq import Channel, spec
from aiormq.abc import DeliveredMessage

from shared.contracts.codec import CONTENT_TYPE
from shared.platform.amqp import (
    CONFIRM_SECONDS,
    confirming_channel,
    connect,
    consumers_of,
    hang_up,
)
from shared.platform.metrics import EVENTS_RETRIED
from shared.platform.tasks import finish, together
from shared.platform.topology import parked_queue_of, queue_of, retry_exchange_of, retry_queue_of
from shared.platform.transport import RETRY_DELAYS_SECONDS, Delivery, Outcome, OutOfReach, Receiver

BATCH = 200
PREFETCH = 3 * BATCH
CHECK_SECONDS = 10.0
ATTEMPT = "x-attempt"

Arrivals = asyncio.Queue[DeliveredMessage | None]
Ready = asyncio.Future[None]
Handle = Callable[[Channel, list[DeliveredMessage], Ready], Coroutine[Any, Any, None]]
"""Deals with a batch; may acknowledge it when the batch before is acknowledged."""


class Subscription:
    """One connection on which a service consumes its queue and empties its parked queue into its database."""

    def __init__(self, url: str, receiver: Receiver, *, name: str) -> None:
        self._url = url
        self._name = name
        self._receiver = receiver
        self._queue = queue_of(receiver.service)
        self.served = False
        """Whether it got as far as consuming."""

    async def run(self) -> None:
        """Consume until cancelled (the batch under way is finished first) or until the connection is lost."""
        connection = await connect(self._url, self._name)
        try:
            await together(
                self._work_off(connection, self._queue, self._apply, self._receiver.at_once),
                self._work_off(connection, parked_queue_of(self._receiver.service), self._park),
                self._watch(connection),
            )
        finally:
            await hang_up(connection)

    async def _work_off(self, connection: AbstractConnection, queue: str, handle: Handle, at_once: int = 1) -> None:
        """Deal with what arrives, so many batches at once, and acknowledge in order."""
        channel = await confirming_channel(connection)
        arrivals = await _consume(channel, queue)
        self.served = True
        before: Ready = asyncio.get_running_loop().create_future()
        before.set_result(None)

        async def take_turns() -> None:
            nonlocal before
            while True:
                taken = await _batch(arrivals)
                previous, before = before, asyncio.get_running_loop().create_future()
                await _dealt_with(handle(channel, taken, previous), before)

        await together(*(take_turns() for _ in range(at_once)))

    async def _watch(self, connection: AbstractConnection) -> None:
        """A queue deleted and made again, or a frozen broker, goes unnoticed by the connection itself."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            if not await consumers_of(connection, self._queue):
                raise OutOfReach(f"{self._queue} lost its consumer")

    async def _apply(self, channel: Channel, taken: list[DeliveredMessage], before: Ready) -> None:
        deliveries = [_delivery(message) for message in taken]
        outcomes = await self._receiver.process(deliveries)
        await before
        for delivery, outcome in zip(deliveries, outcomes, strict=True):
            if outcome is Outcome.RETRY:
                await self._retry(channel, delivery)
        await _acknowledge(channel, taken)

    async def _retry(self, channel: Channel, delivery: Delivery) -> None:
        """Put a message where it waits for its next attempt. One at a time: twice the same id must not be in flight."""
        EVENTS_RETRIED.labels(self._receiver.service).inc()
        properties = spec.Basic.Properties(
            content_type=CONTENT_TYPE,
            delivery_mode=2,
            message_id=delivery.message_id,
            headers={ATTEMPT: delivery.attempt + 1},
        )
        await channel.basic_publish(
            delivery.body,
            exchange=retry_exchange_of(self._receiver.service),
            routing_key=retry_queue_of(self._receiver.service, delivery.attempt),
            properties=properties,
            mandatory=True,
            timeout=CONFIRM_SECONDS,
        )

    async def _park(self, channel: Channel, taken: list[DeliveredMessage], before: Ready) -> None:
        for message in taken:
            reason = (message.header.properties.headers or {}).get("x-first-death-reason")
            await self._receiver.park(_delivery(message), f"given up by the broker: {reason!s}")
        await before
        await _acknowledge(channel, taken)


async def _dealt_with(turn: Coroutine[Any, Any, None], done: Ready) -> None:
    """Run a turn to its end; where it fails, whoever waits behind it acknowledges nothing either."""
    try:
        await finish(turn)
        done.set_result(None)
    finally:
        done.cancel()


async def _consume(channel: Channel, queue: str) -> Arrivals:
    """What arrives from a queue; None once nothing more will: the channel closed, or the consumer was cancelled."""
    arrivals: Arrivals = asyncio.Queue()

    async def arrived(message: DeliveredMessage) -> None:
        arrivals.put_nowait(message)

    async def ended(*_: object) -> None:
        arrivals.put_nowait(None)

    channel.closing.add_done_callback(lambda _: arrivals.put_nowait(None))
    channel.on_consumer_cancel_callbacks.add(ended)
    await channel.basic_qos(prefetch_count=PREFETCH)
    await channel.basic_consume(queue, arrived)
    return arrivals


async def _batch(arrivals: Arrivals) -> list[DeliveredMessage]:
    """What has arrived by now, waiting for the first, up to a batch."""
    taken = [await arrivals.get()]
    while len(taken) < BATCH and not arrivals.empty():
        taken.append(arrivals.get_nowait())
    messages = [message for message in taken if message is not None]
    if len(messages) < len(taken):
        raise OutOfReach("the broker ended the delivery")
    return messages


async def _acknowledge(channel: Channel, taken: list[DeliveredMessage]) -> None:
    """Acknowledge a batch at once: whatever came before it is acknowledged already."""
    last = taken[-1].delivery_tag
    assert last is not None
    await channel.basic_ack(last, multiple=True)


def _delivery(message: DeliveredMessage) -> Delivery:
    properties = message.header.properties
    attempt = (properties.headers or {}).get(ATTEMPT, 0)
    known = isinstance(attempt, int) and 0 <= attempt <= len(RETRY_DELAYS_SECONDS)
    return Delivery(properties.message_id or "", message.body, attempt if known else 0)  # type: ignore[arg-type]
