"""Webhooks for integrators: who gets which events, and what becomes of each delivery."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from shared.contracts.event import EVENTS
from shared.contracts.refusal import Fault, Refusal

OLD_SECRET_HOLDS = timedelta(hours=24)
"""How long the secret before the newest goes on signing, so that a receiver can change over."""

RETRY_AFTER = (
    timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5),
    timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24),
)  # fmt: skip
"""How long after each failed attempt the next one follows (the schedule of the Standard Webhooks specification); after
the last, about three days on, the delivery has failed and waits for a replay."""

JITTER = 0.2
"""Waits are longer by up to this share, so that what failed together does not come back together."""

LONGEST_WAIT = timedelta(hours=24)
CLAIM_HOLDS = timedelta(minutes=2)
GONE = 410

_PATTERN = re.compile(r"(\*|[a-z_]+)(\.(\*|[a-z_]+|v[0-9]+))*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A subscription: `active`, `paused` (by its owner) or `disabled` (its address said that it is gone)."""

    webhook_id: UUID
    url: str
    events: tuple[str, ...]
    description: str | None
    state: str
    why: str | None
    secret_number: int
    old_secret_until: datetime | None
    created_at: datetime
    created_by: str
    changed_at: datetime
    version: int = 1

    def live_secrets(self, now: datetime) -> tuple[int, ...]:
        """The numbers of the secrets that sign now, the newest first."""
        old = self.old_secret_until is not None and now < self.old_secret_until
        return (self.secret_number, self.secret_number - 1) if old else (self.secret_number,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event for one subscription: `queued`, `sending`, `delivered`, `failed`."""

    delivery_id: UUID
    webhook_id: UUID
    event_id: UUID
    event_type: str
    body: bytes
    state: str
    attempts: int
    queued_at: datetime
    next_at: datetime
    claimed_at: datetime | None = None
    ended_at: datetime | None = None
    replayed: int = 0
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What one attempt met: an HTTP status, or (none) why there was no answer."""

    started_at: datetime
    ended_at: datetime
    status: int | None
    error: str | None = None
    answer: str | None = None
    wait: timedelta | None = None

    @property
    def took_it(self) -> bool:
        """Only a 2xx says so; a redirect is no answer, and is not followed."""
        return self.status is not None and 200 <= self.status < 300


def wants(patterns: Collection[str], event_type: str) -> bool:
    """Whether a subscription's patterns select an event type: `cases.case.*`, `*`, or the type itself."""
    return any(_matches(pattern, event_type) for pattern in patterns)


def require_patterns(patterns: Sequence[str]) -> None:
    """Refuse what selects no event there is."""
    faults = [
        Fault(f"events.{place}", "event-unknown", {"event_type": pattern})
        for place, pattern in enumerate(patterns)
        if not _PATTERN.fullmatch(pattern) or not any(_matches(pattern, type_) for type_ in EVENTS)
    ]
    if faults:
        raise Refusal("invalid-value", faults=tuple(faults))


def require_address(url: str, *, private: bool) -> None:
    """Refuse an address that is no plain https one; `private` ranges (then http, too) only where that is allowed."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refusal("invalid-value", faults=(Fault("url", "webhook-url-invalid", {}),)) from None
    schemes = {"https", "http"} if private else {"https"}
    plain = not (parts.username or parts.password or parts.fragment) and port != 0
    if parts.scheme not in schemes or not parts.hostname or not plain or not url.isascii() or not url.isprintable():
        raise Refusal("invalid-value", faults=(Fault("url", "webhook-url-invalid", {}),))


def rotated(webhook: Webhook, now: datetime) -> Webhook:
    """A new secret; the one before it goes on signing for a day."""
    return replace(
        webhook,
        secret_number=webhook.secret_number + 1,
        old_secret_until=now + OLD_SECRET_HOLDS,
        changed_at=now,
        version=webhook.version + 1,
    )


def disabled(webhook: Webhook, why: str, now: datetime) -> Webhook:
    """Nothing is sent there any more until somebody sets it active again."""
    return replace(webhook, state="disabled", why=why, changed_at=now, version=webhook.version + 1)


def claimed(delivery: Delivery, now: datetime) -> Delivery:
    """It is being sent."""
    return replace(
        delivery, state="sending", attempts=delivery.attempts + 1, claimed_at=now, version=delivery.version + 1
    )


def after(delivery: Delivery, attempt: Attempt, jitter: float) -> Delivery:
    """The delivery after an attempt; `jitter` (0 to 1) says how much of the spread its wait takes."""
    delivery = replace(delivery, claimed_at=None, version=delivery.version + 1)
    now = attempt.ended_at
    if attempt.took_it:
        return replace(delivery, state="delivered", ended_at=now)
    tries = delivery.attempts - delivery.replayed
    if attempt.status == GONE or tries > len(RETRY_AFTER):
        return replace(delivery, state="failed", ended_at=now)
    wait = RETRY_AFTER[max(tries, 1) - 1] * (1 + JITTER * jitter)
    return replace(delivery, state="queued", next_at=now + max(wait, min(attempt.wait or wait, LONGEST_WAIT)))


def replayed(delivery: Delivery, now: datetime) -> Delivery:
    """Send it again from the first attempt, with the same event id."""
    if delivery.state in ("queued", "sending"):
        raise Refusal("delivery-under-way")
    return replace(
        delivery,
        state="queued",
        next_at=now,
        ended_at=None,
        replayed=delivery.attempts,
        version=delivery.version + 1,
    )


def _matches(pattern: str, event_type: str) -> bool:
    wanted, parts = pattern.split("."), event_type.split(".")
    for place, part in enumerate(wanted):
        if part == "*" and place == len(wanted) - 1:
            return len(parts) > place
        if place >= len(parts) or part not in ("*", parts[place]):
            return False
    return len(wanted) == len(parts)
