"""Events about contacts: calls, chats and messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.event import Event, event


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFact:
    """One call, chat or message, answered or not. A newer `version` replaces the older fact whole.

    Times are UTC; `wait_seconds` is queued → answered (or abandoned), none when its source does not tell. `agent` is
    the staff number, or the name as the source knew it when roster does not. `answered` false and `abandoned` true: the
    customer hung up in the queue. `rating` is 1-5, none when not given. `resolved` is "at first contact, by the agent's
    word". `converted`: what the conversation was to bring about (a sale, a renewal, an appointment) came about, or did
    not; none where it was to bring about nothing of the kind.
    """

    contact_id: UUID
    version: int
    channel: str
    direction: str
    queued_at: datetime
    answered: bool
    abandoned: bool
    wait_seconds: float | None
    zone: str
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    talk_seconds: float | None = None
    hold_seconds: float | None = None
    wrap_seconds: float | None = None
    transferred: bool = False
    resolved: bool | None = None
    rating: int | None = None
    queue: str | None = None
    agent: str | None = None
    agent_name: str | None = None
    team_id: UUID | None = None
    team_name: str | None = None
    customer_id: UUID | None = None
    topic: str | None = None
    topic_name: str | None = None
    converted: bool | None = None


@event("cases.contact.recorded.v1", subject="batch_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRecorded(Event):
    """Up to 500 contacts recorded together, new or corrected."""

    batch_id: UUID
    contacts: tuple[ContactFact, ...]
