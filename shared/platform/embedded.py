"""The transport without a broker: hands each message straight to the receivers in the same process.

A message counts as safe when every receiver that wants it has applied it, parked it, or keeps it in its own schema for
a later attempt; so nothing is lost when the process dies in between, and the inbox drops what comes twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from shared.platform.consumer import Consumer, keep_for_retry
from shared.platform.metrics import EVENTS_RETRIED
from shared.platform.transport import RETRY_DELAYS_SECONDS, Delivery, Message, Outcome
from shared.platform.work import Database


class EmbeddedTransport:
    """Delivers in process. Register every receiver before the first publish."""

    def __init__(self) -> None:
        self._receivers: list[tuple[Consumer, Database]] = []
        self._turn: dict[str, asyncio.Lock] = {}

    def register(self, consumer: Consumer, database: Database) -> None:
        """Let a service hear the events it has handlers for."""
        self._receivers.append((consumer, database))
        self._turn[consumer.service] = asyncio.Lock()

    async def publish(self, messages: Sequence[Message]) -> frozenset[UUID]:
        """Deliver to every receiver that wants them; all are safe when it returns."""
        for consumer, database in self._receivers:
            wanted = [message for message in messages if message.type in consumer.types]
            if wanted:
                async with self._turn[consumer.service]:
                    await _deliver(consumer, database, wanted)
        return frozenset(message.id for message in messages)

    async def consume(self, receiver: object) -> None:
        """Nothing to wait for: publishing delivers."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing is held."""


async def _deliver(consumer: Consumer, database: Database, messages: Sequence[Message]) -> None:
    deliveries = [Delivery(str(message.id), message.body) for message in messages]
    outcomes = await consumer.process(deliveries)
    for delivery, outcome in zip(deliveries, outcomes, strict=True):
        if outcome is Outcome.RETRY:
            EVENTS_RETRIED.labels(consumer.service).inc()
            async with database.work() as work:
                again = Delivery(delivery.message_id, delivery.body, delivery.attempt + 1)
                await keep_for_retry(work, again, due_in_seconds=RETRY_DELAYS_SECONDS[0])
