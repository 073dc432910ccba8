"""RabbitMQ as a transport: publishing with confirms here, consuming in `subscription.py`.

What exists on the broker is in `topology.py`; nothing is declared here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence, Set
from uuid import UUID

import structlog
from aio_pika.abc import AbstractConnection
from aiormq import Channel, spec
from aiormq.exceptions import PublishError

from shared.contracts.codec import CONTENT_TYPE
from shared.contracts.routes import HEARS
from shared.platform.amqp import CONFIRM_SECONDS, confirming_channel, connect, consumers_of, hang_up, missing_queues
from shared.platform.metrics import EVENTS_UNROUTABLE
from shared.platform.subscription import Subscription
from shared.platform.tasks import being_cancelled
from shared.platform.topology import EXCHANGE, queue_of
from shared.platform.transport import Message, Receiver
from shared.platform.work import Database

log = structlog.get_logger(__name__)

PERSISTENT = 2
RECONNECT_SECONDS = 0.5
RECONNECT_AT_MOST_SECONDS = 5.0


class RabbitTransport:
    """Carries events over one connection for publishing and one for each receiver. It reconnects by itself.

    `hears` tells who consumes what: an event somebody hears must reach a queue before it counts as sent.
    """

    def __init__(self, url: str, *, hears: Mapping[str, Sequence[str]] = HEARS, name: str = "ringback") -> None:
        self._url = url
        self._name = name
        self._hears = hears
        self._heard = frozenset(type_ for types in hears.values() for type_ in types)
        self._line = _Line(url, f"{name} publishing", {queue_of(service) for service in hears})

    async def publish(self, messages: Sequence[Message]) -> frozenset[UUID]:
        """Publish pipelined, in order, and wait for the confirms; the ids that were confirmed."""
        channel = await self._line.channel()
        messages = self._deliverable(messages)
        sending = [asyncio.create_task(self._send(channel, message)) for message in messages]
        try:
            if sending:
                await asyncio.wait(sending, timeout=CONFIRM_SECONDS)
        finally:
            for task in sending:
                task.cancel()
        fates = {message.id: _fate(task) for message, task in zip(messages, sending, strict=True)}
        await self._tell(messages, fates)
        return frozenset(id_ for id_, fate in fates.items() if fate is None)

    def _deliverable(self, messages: Sequence[Message]) -> list[Message]:
        """Without those that somebody would miss whose queue is missing, and what follows them in their aggregates.

        The broker itself returns a message only if no queue at all takes it.
        """
        missed = {
            type_
            for service, types in self._hears.items()
            if queue_of(service) in self._line.missing
            for type_ in types
        }
        if not missed:
            return list(messages)
        stuck: set[UUID | None] = set()
        fine: list[Message] = []
        for message in messages:
            if message.type in missed:
                stuck.add(message.subject)
            elif message.subject is None or message.subject not in stuck:
                fine.append(message)
        if len(fine) < len(messages):
            _unroutable({message.type for message in messages} & missed)
            self._line.look_again()
        return fine

    async def consume(self, receiver: Receiver) -> None:
        """Deliver until cancelled, connecting again whenever the connection is lost."""
        wait = RECONNECT_SECONDS
        while True:
            subscription = Subscription(self._url, receiver, name=f"{self._name} {receiver.service}")
            try:
                await subscription.run()
            except asyncio.CancelledError:
                if being_cancelled():
                    raise
            except Exception as error:
                if being_cancelled():
                    raise asyncio.CancelledError from None
                log.warning("subscription_lost", service=receiver.service, error=_in_short(error))
            wait = RECONNECT_SECONDS if subscription.served else min(wait * 2, RECONNECT_AT_MOST_SECONDS)
            await asyncio.sleep(wait)

    async def check(self, database: Database) -> str:
        """Readiness: whether the service's queue has a consumer, asked of the broker itself."""
        count = await consumers_of(await self._line.connection(), queue_of(database.service))
        return "ok" if count else "nobody consumes the queue"

    async def close(self) -> None:
        """Let go of the publishing connection; the receivers' end with `consume`."""
        await self._line.drop()

    async def _send(self, channel: Channel, message: Message) -> None:
        await channel.basic_publish(
            message.body,
            exchange=EXCHANGE,
            routing_key=message.type,
            mandatory=message.type in self._heard,
            properties=spec.Basic.Properties(
                content_type=CONTENT_TYPE, delivery_mode=PERSISTENT, message_id=str(message.id)
            ),
            wait=False,
        )

    async def _tell(self, messages: Sequence[Message], fates: Mapping[UUID, BaseException | None]) -> None:
        """Log what went wrong; a connection on which anything but routing failed is not used again."""
        _unroutable({message.type for message in messages if isinstance(fates[message.id], PublishError)})
        broken = [fate for fate in fates.values() if fate is not None and not isinstance(fate, PublishError)]
        if broken:
            log.warning("publishing_failed", count=len(broken), error=_in_short(broken[0]))
            await self._line.drop()


class _Line:
    """One connection with one confirming channel, made when needed and made anew when it broke."""

    def __init__(self, url: str, name: str, queues: Set[str]) -> None:
        self._url = url
        self._name = name
        self._queues = queues
        self.missing: frozenset[str] = frozenset()
        """Queues that were not there when last looked for."""
        self._looked = False
        self._making = asyncio.Lock()
        self._connection: AbstractConnection | None = None
        self._channel: Channel | None = None

    async def connection(self) -> AbstractConnection:
        """The connection, open as far as one can tell."""
        async with self._making:
            return await self._connected()

    async def channel(self) -> Channel:
        """The channel, open as far as one can tell."""
        async with self._making:
            if self._channel is None or self._channel.is_closed:
                self._channel = await confirming_channel(await self._connected())
                self._looked = False
            if not self._looked:
                self.missing = await missing_queues(await self._connected(), self._queues)
                self._looked = True
            return self._channel

    def look_again(self) -> None:
        """Look for the queues before the next publication, and not only when the connection is new."""
        self._looked = False

    async def drop(self) -> None:
        """Let go of the connection; the next use makes another."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection:
            await hang_up(connection)

    async def _connected(self) -> AbstractConnection:
        if self._connection is None or not self._connection.connected.is_set():
            await self.drop()
            self._connection = await connect(self._url, self._name)
        return self._connection


def _unroutable(types: Set[str]) -> None:
    for type_ in sorted(types):
        EVENTS_UNROUTABLE.labels(type_).inc()
        log.error("event_unroutable", type=type_, hint="is the broker provisioned?")


def _fate(task: asyncio.Task[None]) -> BaseException | None:
    """None for a confirmed message, else why it is not."""
    if not task.done() or task.cancelled():
        return TimeoutError("not confirmed")
    return task.exception()


def _in_short(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"[:300]
