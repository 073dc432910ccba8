"""What the courier asks of a channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from services.notify.domain.message import Report
from services.notify.domain.pace import Pace
from services.notify.domain.texts.wording import Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message as it leaves: `message_id` lets a channel that can do so drop what comes twice.

    `matter` is what it is about, by kind and id; `otherwise` title and text in the other language, where both are kept.
    """

    message_id: UUID
    address: str
    title: str
    text: str
    link: str | None
    language: str
    matter: tuple[str | None, UUID | None] = (None, None)
    otherwise: Wording | None = None


class OutcomeUnknown(Exception):
    """The provider was told and did not answer properly: the message may or may not have been taken."""


class Channel(Protocol):
    """Sends, and says truly how far that went: accepted is not delivered.

    `deduplicates`: sending the same message id twice reaches the reader once, so an attempt of unknown outcome may be
    repeated. `pace`: the provider's limit for one reader. `at_once`: how many may be under way at a time.
    A TimeoutError or OutcomeUnknown means that the outcome is unknown; any other error that it was not sent. `close`
    lets go of connections.
    """

    @property
    def deduplicates(self) -> bool: ...

    @property
    def pace(self) -> Pace | None: ...

    @property
    def at_once(self) -> int: ...

    async def send(self, outgoing: Outgoing) -> Report: ...

    async def close(self) -> None: ...
