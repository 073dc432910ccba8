"""A bystander at the broker: hears every event in the order it was published, and remembers."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict

import aio_pika
from aio_pika.abc import AbstractIncomingMessage, AbstractRobustConnection

QUEUE = "witness"


class Witness:
    """First sightings of each event, in order, by aggregate."""

    def __init__(self, amqp_url: str) -> None:
        self._amqp_url = amqp_url
        self._connection: AbstractRobustConnection | None = None
        self._ids: set[str] = set()
        self.sequences: dict[str, list[int]] = defaultdict(list)

    async def begin(self) -> None:
        """Listen from now on; connects again by itself."""
        self._connection = await aio_pika.connect_robust(self._amqp_url)
        channel = await self._connection.channel()
        queue = await channel.declare_queue(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
        await queue.bind("events", "#")
        await queue.consume(self._see)

    async def _see(self, message: AbstractIncomingMessage) -> None:
        event = json.loads(message.body)
        if event["id"] not in self._ids:
            self._ids.add(event["id"])
            self.sequences[event["subject"]].append(event["sequence"])
        await message.ack()

    @property
    def out_of_order(self) -> list[str]:
        """Aggregates whose events were first published in another order than they happened."""
        return [subject for subject, seen in self.sequences.items() if seen != sorted(seen)]

    async def end(self) -> None:
        """Stop listening."""
        if self._connection:
            await self._connection.close()
            await asyncio.sleep(0)
