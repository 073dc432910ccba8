"""What the courier asks of a channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from services.notify.domain.message import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message as it leaves: `message_id` lets a channel that can do so drop what comes twice."""

    message_id: UUID
    address: str
    title: str
    text: str
    link: str | None
    language: str


class Channel(Protocol):
    """Sends, and says truly how far that went: accepted is not delivered.

    `deduplicates`: sending the same message id twice reaches the reader once, so an attempt of unknown outcome may be
    repeated. A TimeoutError means that the outcome is unknown; any other error that it was not sent.
    """

    deduplicates: bool

    async def send(self, outgoing: Outgoing) -> Report: ...
