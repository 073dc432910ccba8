"""A transport that knows when every message it took in this process has been dealt with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from shared.contracts.routes import hearers_of
from shared.platform.transport import Delivery, Message, Outcome, Receiver
from shared.platform.work import Database

if TYPE_CHECKING:  # the embedded transport needs no AMQP client
    from shared.platform.broker import RabbitTransport


class Watched:
    """Wraps a broker's transport, which by itself cannot tell "nothing waits" from "nothing has arrived yet".

    A delivery to be retried later counts as dealt with: its delay is the broker's, in real time.
    """

    def __init__(self, transport: RabbitTransport) -> None:
        self._transport = transport
        self._under_way: set[tuple[str, str]] = set()

    @property
    def idle(self) -> bool:
        """Whether nothing is under way between a relay and a receiver."""
        return not self._under_way

    async def publish(self, messages: Sequence[Message]) -> frozenset[UUID]:
        """Publish, remembering who is still to receive what."""
        expected = {
            message.id: {(hearer, str(message.id)) for hearer in hearers_of(message.type)} for message in messages
        }
        self._under_way |= set().union(*expected.values())
        safe: frozenset[UUID] = frozenset()
        try:
            safe = await self._transport.publish(messages)
        finally:
            for unsafe in expected.keys() - safe:
                self._under_way -= expected[unsafe]
        return safe

    async def consume(self, receiver: Receiver) -> None:
        """Deliver, forgetting what has been received."""
        await self._transport.consume(_Noting(receiver, self._under_way))

    async def check(self, database: Database) -> str:
        """Readiness: whether the service's queue has a consumer."""
        return await self._transport.check(database)

    async def close(self) -> None:
        """Let go of every connection."""
        await self._transport.close()


class _Noting:
    """A receiver that notes what it has received."""

    def __init__(self, receiver: Receiver, under_way: set[tuple[str, str]]) -> None:
        self.service = receiver.service
        self.types = receiver.types
        self.at_once = receiver.at_once
        self._receiver = receiver
        self._under_way = under_way

    async def process(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        outcomes = await self._receiver.process(deliveries)
        self._under_way.difference_update((self.service, delivery.message_id) for delivery in deliveries)
        return outcomes

    async def park(self, delivery: Delivery, reason: str) -> None:
        await self._receiver.park(delivery, reason)
