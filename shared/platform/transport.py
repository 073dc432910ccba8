"""The port between the outbox and the inboxes. Two ways through it: RabbitMQ (broker.py) and embedded (embedded.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Message:
    """An encoded event: `type` is the routing key, `body` the CloudEvents JSON, `subject` the aggregate it is about."""

    id: UUID
    type: str
    body: bytes
    subject: UUID | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as it reached a consumer; `attempt` counts from 0."""

    message_id: str
    body: bytes
    attempt: int = 0


class Outcome(Enum):
    """What became of a delivery: applied (or seen before), to be tried again after its delay, or parked."""

    DONE = "done"
    RETRY = "retry"
    PARKED = "parked"


RETRY_DELAYS_SECONDS = (5, 30, 120, 600, 3600)


class OutOfReach(Exception):
    """The transport is away or does not answer: worth waiting for, not worth blaming."""


class Receiver(Protocol):
    """The consuming side of a service, given to a transport."""

    service: str
    types: frozenset[str]
    at_once: int
    """How many batches may be under way at the same time; 1 where their order matters."""

    async def process(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        """Apply a batch, in order; one outcome for each. Waits while the database is out of reach."""
        ...

    async def park(self, delivery: Delivery, reason: str) -> None:
        """Keep a message that the transport gave up on, for people to see and replay."""
        ...


class Transport(Protocol):
    """Carries messages from relays to receivers, at least once, in order per sender."""

    async def publish(self, messages: Sequence[Message]) -> frozenset[UUID]:
        """Hand over messages; the ids that are now safe (confirmed). Others are to be offered again.

        Raises OutOfReach when none could be handed over.
        """
        ...

    async def consume(self, receiver: Receiver) -> None:
        """Deliver to `receiver` until cancelled; on cancellation finish the batch under way first."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...
