"""One message to one reader on one channel: `queued → sending → accepted → delivered → opened | failed | unknown`.

Levels are what they say: accepted is "the channel took it", delivered "it is where the reader looks", opened "its
reader looked". Unknown is an attempt that may or may not have arrived, on a channel that could not drop a second one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from services.notify.domain.contact import INBOX
from shared.contracts.notify import MessageDelivered, MessageFailed

RETRY_AFTER = (timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5))
"""How long after each failed attempt the next one follows; after the last, the channel is given up."""

THROTTLED_FOR = timedelta(minutes=1)
"""How long a provider that says "too fast" is left alone when it does not say for how long."""

PATIENCE = timedelta(hours=2)
"""How long a message waits for a provider that goes on saying "too fast" before it counts as failed there."""

CLAIM_HOLDS = timedelta(minutes=5)
"""A message claimed longer ago than this belonged to a courier that died in between."""

Outcome = Literal["accepted", "delivered", "failed", "try-again", "throttled", "unknown"]

ON_THE_WAY = ("queued", "sending")
CUSTOMER = "customer"
"""The channel of a message to a customer: which one really carries it is known when the address is fetched."""
LINK_MARK = "{link}"
"""Stands in the text for a link that cases gives away with the address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it stands. Its reader is one of the staff or a customer.

    `about_id` (an acknowledgement, or a subject), `occasion` and `number` say why it exists; with the reader and the
    channel they are unique, so that nothing is said twice. `link_expires_at`: it carries an answer link, for that long.
    `urgent`: not held back in quiet hours. `attempts` counts how often it was sent, `failures` how many of those the
    channel refused for the time being; `together` is how many messages went as one when it was sent last. `via` is the
    channel that carried a message to a customer; `other_title` and `other_text` are the same in the other language,
    because a customer's own is known only when the address is.
    """

    message_id: UUID
    about_id: UUID
    occasion: str
    number: int
    staff_no: str | None
    channel: str
    template: str
    language: str
    title: str
    text: str
    queued_at: datetime
    next_at: datetime
    customer_id: UUID | None = None
    acknowledgement_id: UUID | None = None
    subject_type: str | None = None
    subject_id: UUID | None = None
    team_id: UUID | None = None
    subject_version: int | None = None
    link_expires_at: datetime | None = None
    urgent: bool = False
    state: str = "queued"
    attempts: int = 0
    failures: int = 0
    together: int = 1
    claimed_at: datetime | None = None
    accepted_at: datetime | None = None
    delivered_at: datetime | None = None
    opened_at: datetime | None = None
    failed_at: datetime | None = None
    code: str | None = None
    reason: str | None = None
    via: str | None = None
    other_title: str | None = None
    other_text: str | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one attempt.

    `words` are the channel's own where it used any (no addresses), `code` is what they mean in our words,
    `provider_id` its name for the message, `wait` for how long it wants to be left alone, `via` who carried it,
    `language` and `text` how and what was really said where that was known only then.
    """

    outcome: Outcome
    words: str | None = None
    code: str | None = None
    provider_id: str | None = None
    wait: timedelta | None = None
    via: str | None = None
    language: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt, for the record. `together`: so many messages went as one digest."""

    message_id: UUID
    number: int
    started_at: datetime
    ended_at: datetime
    outcome: str
    code: str | None
    words: str | None
    provider_id: str | None
    together: int


def claimed(message: Message, together: int, now: datetime) -> Message:
    """A courier takes it, with as many in one digest as `together` says."""
    taken = replace(message, state="sending", attempts=message.attempts + 1, claimed_at=now, together=together)
    return replace(taken, version=message.version + 1)


def postponed(message: Message, until: datetime) -> Message:
    """It is not sent before that instant."""
    return replace(message, next_at=until, version=message.version + 1)


def not_needed(message: Message, why: str, now: datetime) -> Message:
    """What it asks has been answered, or is over, before it was (surely) sent: nobody needs to hear of that."""
    given_up = replace(message, claimed_at=None, reason=why, version=message.version + 1)
    if message.state == "sending":
        return replace(given_up, state="unknown")
    return replace(given_up, state="failed", failed_at=now)


def in_language(message: Message, language: str | None) -> Message:
    """The message in that language, where it was said in it rather than in the one it was written in first."""
    if language in (None, message.language) or message.other_title is None or message.other_text is None:
        return message
    return replace(
        message,
        language=language or message.language,
        title=message.other_title,
        text=message.other_text,
        other_title=message.title,
        other_text=message.text,
    )


def is_abandoned(message: Message, now: datetime) -> bool:
    """Whether a courier took it and never came back: it may or may not have been sent."""
    return message.state == "sending" and message.claimed_at is not None and message.claimed_at <= now - CLAIM_HOLDS


def attempt_of(message: Message, report: Report, now: datetime) -> Attempt:
    """What is kept of an attempt that this report ends; `message` is as it was while sending."""
    return Attempt(
        message_id=message.message_id,
        number=message.attempts,
        started_at=message.claimed_at or now,
        ended_at=now,
        outcome=report.outcome,
        code=report.code,
        words=report.words,
        provider_id=report.provider_id,
        together=message.together,
    )


def reported(
    message: Message, report: Report, now: datetime
) -> tuple[Message, MessageDelivered | MessageFailed | None]:
    """The message after an attempt, and what the world is told of it."""
    message = replace(
        in_language(message, report.language),
        version=message.version + 1,
        claimed_at=None,
        code=report.code,
        reason=report.words,
        via=report.via,
    )
    message = replace(message, text=report.text) if report.text else message
    match report.outcome:
        case "accepted" | "delivered":
            return _arrived(message, report.outcome, now)
        case "try-again" if message.failures < len(RETRY_AFTER):
            wait = RETRY_AFTER[message.failures]
            return replace(message, state="queued", failures=message.failures + 1, next_at=now + wait), None
        case "throttled" if now < message.queued_at + PATIENCE:
            return replace(message, state="queued", next_at=now + (report.wait or THROTTLED_FOR)), None
        case "unknown":
            return replace(message, state="unknown"), None
    return failed(message, report.words or report.code or "no-reason-given", now)


def failed(message: Message, words: str, now: datetime) -> tuple[Message, MessageFailed]:
    """The channel is given up for this message."""
    event = MessageFailed(**_facts(message), reason=words, failed_at=now)
    return replace(message, state="failed", failed_at=now, reason=words), event


def receipted(message: Message, report: Report, now: datetime) -> tuple[Message, MessageDelivered | MessageFailed]:
    """The provider says later what became of a message that it had accepted, or whose outcome was unknown."""
    message = replace(message, version=message.version + 1, code=report.code, reason=report.words or message.reason)
    if report.outcome == "delivered":
        return _arrived(message, "delivered", now)
    return failed(message, report.words or "no-reason-given", now)


def opened(message: Message, now: datetime) -> Message:
    """Its reader looked; the first look counts. What was looked at has arrived, whatever was known of it."""
    if message.opened_at or message.state == "queued":
        return message
    return replace(
        message,
        state="opened",
        opened_at=now,
        accepted_at=message.accepted_at or now,
        delivered_at=message.delivered_at or now,
        failed_at=None,
        version=message.version + 1,
    )


def as_read(message: Message, link: str | None) -> str:
    """The text as its reader sees it; the inbox has buttons of its own where other channels have the link."""
    return f"{message.text}\n{link}" if link and message.channel != INBOX else message.text


def _arrived(message: Message, level: str, now: datetime) -> tuple[Message, MessageDelivered]:
    delivered_at = now if level == "delivered" else None
    arrived = replace(
        message, state=level, accepted_at=message.accepted_at or now, delivered_at=delivered_at, failed_at=None
    )
    return arrived, MessageDelivered(**_facts(message), level=level, delivered_at=now)


def _facts(message: Message) -> dict[str, Any]:
    names = (
        "message_id", "staff_no", "customer_id", "template", "acknowledgement_id", "subject_type", "subject_id",
        "subject_version",
    )  # fmt: skip
    return {name: getattr(message, name) for name in names} | {"channel": message.via or message.channel}
