"""Webhooks: subscribed, changed, their secrets rotated; events offered to them, sent and sent again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notify.domain import webhook
from services.notify.domain.webhook import GONE, Attempt, Delivery, Webhook
from services.notify.store import webhooks as store
from shared.contracts.event import Envelope
from shared.contracts.refusal import Refusal
from shared.platform.codec import encode
from shared.platform.ids import new_id
from shared.platform.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookView:
    """A subscription. `secret`, the `secret_number`-th, is shown when it is made and when it is changed."""

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
    version: int
    secret: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """One event for one subscription, and how its delivery stands."""

    delivery_id: UUID
    webhook_id: UUID
    event_id: UUID
    event_type: str
    state: str
    attempts: int
    queued_at: datetime
    next_at: datetime
    ended_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """A claimed delivery and where it goes."""

    delivery: Delivery
    webhook: Webhook


async def subscribe(work: Work, *, url: str, events: list[str], description: str | None) -> WebhookView:
    """Send these events to that address from now on."""
    webhook.require_patterns(events)
    made = Webhook(
        webhook_id=new_id(),
        url=url,
        events=tuple(dict.fromkeys(events)),
        description=description,
        state="active",
        why=None,
        secret_number=1,
        old_secret_until=None,
        created_at=work.now,
        created_by=work.actor.staff_no or work.actor.sub,
        changed_at=work.now,
    )
    await store.add_webhook(work, made)
    return _view(made)


async def change_webhook(work: Work, *, webhook_id: UUID, version: int, changes: dict[str, Any]) -> WebhookView:
    """Change a subscription's address, events, description or state; set active again, it goes on where it stopped."""
    found = await store.load_webhook(work, webhook_id)
    if found.version != version:
        raise Refusal("stale-version", current=found.version)
    if "events" in changes:
        webhook.require_patterns(changes["events"])
        changes |= {"events": tuple(dict.fromkeys(changes["events"]))}
    why = None if changes.get("state") == "active" else found.why
    changed = replace(found, **changes, why=why, changed_at=work.now, version=found.version + 1)
    await store.save_webhook(work, changed)
    return _view(changed)


async def rotate_secret(work: Work, *, webhook_id: UUID) -> WebhookView:
    """A new secret; for a day the one before it signs as well."""
    changed = webhook.rotated(await store.load_webhook(work, webhook_id), work.now)
    await store.save_webhook(work, changed)
    return _view(changed)


async def unsubscribe(work: Work, *, webhook_id: UUID) -> None:
    """Send nothing there any more, and forget what was sent."""
    await store.load_webhook(work, webhook_id)
    await store.delete_webhook(work, webhook_id)


async def replay_delivery(work: Work, *, webhook_id: UUID, delivery_id: UUID) -> DeliveryView:
    """Send a delivery that is over once more, with the same event id."""
    again = webhook.replayed(await store.load_delivery(work, webhook_id, delivery_id), work.now)
    await store.save_deliveries(work, [again])
    return DeliveryView(**{name: getattr(again, name) for name in DeliveryView.__dataclass_fields__})


async def offer(work: Work, envelopes: Sequence[Envelope]) -> None:
    """Queue events for the subscriptions that want them."""
    active = await store.load_active(work)
    if not active:
        return
    wanted = [
        (webhook_id, envelope)
        for envelope in envelopes
        for webhook_id, patterns in active.items()
        if webhook.wants(patterns, envelope.type)
    ]
    bodies = {envelope.id: encode(envelope) for _, envelope in wanted}
    await store.add_deliveries(
        work, [_delivery(work, webhook_id, envelope, bodies[envelope.id]) for webhook_id, envelope in wanted]
    )


async def claim(work: Work, limit: int) -> list[Parcel]:
    """Claim deliveries that are due."""
    taken = [webhook.claimed(one, work.now) for one in await store.take_due(work, limit)]
    await store.save_deliveries(work, taken)
    webhooks = await store.load_webhooks(work, list({one.webhook_id for one in taken}))
    return [Parcel(one, webhooks[one.webhook_id]) for one in taken]


async def report(work: Work, attempts: Sequence[tuple[Parcel, Attempt]], jitter: float) -> None:
    """Note what became of claimed deliveries; an address that is gone gets nothing more."""
    met = {parcel.delivery.delivery_id: attempt for parcel, attempt in attempts}
    claims = {parcel.delivery.delivery_id: parcel.delivery.claimed_at for parcel, _ in attempts}
    held = await store.load_claimed(work, claims)
    await store.save_deliveries(work, [webhook.after(one, met[one.delivery_id], jitter) for one in held])
    await store.add_attempts(work, [(one, met[one.delivery_id]) for one in held])
    for webhook_id in {one.webhook_id for one in held if met[one.delivery_id].status == GONE}:
        found = await store.load_webhook(work, webhook_id)
        await store.save_webhook(work, webhook.disabled(found, "gone", work.now))


def _delivery(work: Work, webhook_id: UUID, envelope: Envelope, body: bytes) -> Delivery:
    return Delivery(
        delivery_id=new_id(),
        webhook_id=webhook_id,
        event_id=envelope.id,
        event_type=envelope.type,
        body=body,
        state="queued",
        attempts=0,
        queued_at=work.now,
        next_at=work.now,
    )


def _view(found: Webhook) -> WebhookView:
    names = [name for name in WebhookView.__dataclass_fields__ if name != "secret"]
    return WebhookView(**{name: getattr(found, name) for name in names})
