"""One message to one person on one channel: `queued → sending → accepted → delivered | failed | unknown`.

Levels are what they say: accepted is "the channel took it", delivered "it is where the reader looks".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from services.notify.domain.contact import INBOX
from shared.contracts.notify import MessageDelivered, MessageFailed

RETRY_AFTER = (timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5))
CLAIM_HOLDS = timedelta(minutes=5)
"""A message claimed longer ago than this belonged to a courier that died in between."""

Outcome = Literal["accepted", "delivered", "failed", "try-again", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it stands.

    `about_id` (an acknowledgement, or a subject), `occasion` and `number` say why it exists; with the reader and the
    channel they are unique, so that nothing is said twice. `link_expires_at`: it carries an answer
    link, for that long.
    """

    message_id: UUID
    about_id: UUID
    occasion: str
    number: int
    staff_no: str
    channel: str
    template: str
    language: str
    title: str
    text: str
    queued_at: datetime
    next_at: datetime
    acknowledgement_id: UUID | None = None
    subject_type: str | None = None
    subject_id: UUID | None = None
    team_id: UUID | None = None
    subject_version: int | None = None
    link_expires_at: datetime | None = None
    state: str = "queued"
    attempts: int = 0
    claimed_at: datetime | None = None
    accepted_at: datetime | None = None
    delivered_at: datetime | None = None
    failed_at: datetime | None = None
    reason: str | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one attempt, in the channel's own words where it used any (no addresses)."""

    outcome: Outcome
    words: str | None = None


def claimed(message: Message, now: datetime) -> Message:
    """A courier takes it."""
    return replace(message, state="sending", attempts=message.attempts + 1, claimed_at=now, version=message.version + 1)


def is_abandoned(message: Message, now: datetime) -> bool:
    """Whether a courier took it and never came back: it may or may not have been sent."""
    return message.state == "sending" and message.claimed_at is not None and message.claimed_at <= now - CLAIM_HOLDS


def reported(
    message: Message, report: Report, now: datetime
) -> tuple[Message, MessageDelivered | MessageFailed | None]:
    """The message after an attempt, and what the world is told of it."""
    message = replace(message, version=message.version + 1, claimed_at=None, reason=report.words)
    match report.outcome:
        case "accepted" | "delivered":
            return _arrived(message, report.outcome, now)
        case "try-again" if message.attempts <= len(RETRY_AFTER):
            return replace(message, state="queued", next_at=now + RETRY_AFTER[message.attempts - 1]), None
        case "unknown":
            return replace(message, state="unknown"), None
    failed = replace(message, state="failed", failed_at=now)
    return failed, MessageFailed(**_facts(message), reason=report.words or "no-reason-given", failed_at=now)


def as_read(message: Message, link: str | None) -> str:
    """The text as its reader sees it; the inbox has buttons of its own where other channels have the link."""
    return f"{message.text}\n{link}" if link and message.channel != INBOX else message.text


def _arrived(message: Message, level: str, now: datetime) -> tuple[Message, MessageDelivered]:
    delivered_at = now if level == "delivered" else None
    arrived = replace(message, state=level, accepted_at=message.accepted_at or now, delivered_at=delivered_at)
    return arrived, MessageDelivered(**_facts(message), level=level, delivered_at=now)


def _facts(message: Message) -> dict[str, Any]:
    names = ("message_id", "staff_no", "channel", "template", "acknowledgement_id", "subject_type", "subject_id")
    return {name: getattr(message, name) for name in names}
