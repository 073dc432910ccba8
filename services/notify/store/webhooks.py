"""Webhook subscriptions and their deliveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.notify import tables
from services.notify.domain.webhook import CLAIM_HOLDS, Attempt, Delivery, Webhook
from shared.contracts.refusal import Refusal
from shared.platform.db import Hot
from shared.platform.work import Work

KEPT = timedelta(days=30)
"""How long a delivery that is over can be looked at and replayed."""


async def add_webhook(work: Work, webhook: Webhook) -> None:
    """Save a new subscription."""
    await work.conn.execute(insert(tables.webhooks).values(_row(webhook)))


async def save_webhook(work: Work, webhook: Webhook) -> None:
    """Save what was changed in a subscription."""
    table = tables.webhooks
    await work.conn.execute(update(table).where(table.c.webhook_id == webhook.webhook_id).values(_row(webhook)))


async def delete_webhook(work: Work, webhook_id: UUID) -> None:
    """Forget a subscription and its deliveries."""
    await work.conn.execute(delete(tables.webhooks).where(tables.webhooks.c.webhook_id == webhook_id))


async def load_webhook(work: Work, webhook_id: UUID) -> Webhook:
    """Load and lock one; 404 when there is none."""
    table = tables.webhooks
    found = select(table).where(table.c.webhook_id == webhook_id).with_for_update()
    row = (await work.conn.execute(found)).mappings().one_or_none()
    if row is None:
        raise Refusal("not-found", noun="webhook", what=webhook_id)
    return webhook_of(row)


async def load_active(work: Work) -> dict[UUID, tuple[str, ...]]:
    """The patterns of every active subscription."""
    return {row["webhook_id"]: tuple(row["events"]) for row in await _ACTIVE.run(work.conn)}


async def load_webhooks(work: Work, webhook_ids: Sequence[UUID]) -> dict[UUID, Webhook]:
    """Some subscriptions."""
    table = tables.webhooks
    rows = (await work.conn.execute(select(table).where(table.c.webhook_id.in_(webhook_ids)))).mappings()
    return {row["webhook_id"]: webhook_of(row) for row in rows}


async def add_deliveries(work: Work, deliveries: Sequence[Delivery]) -> None:
    """Queue deliveries, each event once for each subscription; what is long over is forgotten."""
    if not deliveries:
        return
    table = tables.deliveries
    new = insert(table).on_conflict_do_nothing(constraint="deliveries_event")
    await work.conn.execute(new, [asdict(one) for one in deliveries])
    await work.conn.execute(delete(table).where(table.c.ended_at < work.now - KEPT))


async def take_due(work: Work, limit: int) -> list[Delivery]:
    """Lock deliveries to active subscriptions that are due, or whose sender died; others' are passed over."""
    table, webhooks = tables.deliveries, tables.webhooks
    due = or_(
        and_(table.c.state == "queued", table.c.next_at <= work.now),
        and_(table.c.state == "sending", table.c.claimed_at <= work.now - CLAIM_HOLDS),
    )
    active = select(webhooks.c.webhook_id).where(webhooks.c.state == "active")
    found = (
        select(table)
        .where(table.c.state.in_(["queued", "sending"]), due, table.c.webhook_id.in_(active))
        .order_by(table.c.next_at, table.c.delivery_id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=table)
    )
    return [Delivery(**row) for row in (await work.conn.execute(found)).mappings()]


async def load_claimed(work: Work, claims: Mapping[UUID, datetime | None]) -> list[Delivery]:
    """Lock the deliveries still held by these claims."""
    table = tables.deliveries
    found = select(table).where(table.c.delivery_id.in_(claims), table.c.state == "sending")
    rows = (await work.conn.execute(found.order_by(table.c.delivery_id).with_for_update())).mappings()
    return [Delivery(**row) for row in rows if row["claimed_at"] == claims[row["delivery_id"]]]


async def load_delivery(work: Work, webhook_id: UUID, delivery_id: UUID) -> Delivery:
    """Load and lock one; 404 when there is none."""
    table = tables.deliveries
    found = select(table).where(table.c.delivery_id == delivery_id, table.c.webhook_id == webhook_id)
    row = (await work.conn.execute(found.with_for_update())).mappings().one_or_none()
    if row is None:
        raise Refusal("not-found", noun="delivery", what=delivery_id)
    return Delivery(**row)


async def save_deliveries(work: Work, deliveries: Sequence[Delivery]) -> None:
    """Save what became of deliveries."""
    if not deliveries:
        return
    table = tables.deliveries
    new = insert(table)
    changing = ("state", "attempts", "next_at", "claimed_at", "ended_at", "replayed", "version")
    changed = {name: new.excluded[name] for name in changing}
    keep = new.on_conflict_do_update(index_elements=[table.c.delivery_id], set_=changed)
    await work.conn.execute(keep, [asdict(one) for one in deliveries])


async def add_attempts(work: Work, attempts: Sequence[tuple[Delivery, Attempt]]) -> None:
    """Note attempts in the log."""
    if attempts:
        names = ("started_at", "ended_at", "status", "error", "answer")
        rows = [
            {"delivery_id": delivery.delivery_id, "attempt": delivery.attempts}
            | {name: getattr(attempt, name) for name in names}
            for delivery, attempt in attempts
        ]
        await work.conn.execute(insert(tables.delivery_attempts).on_conflict_do_nothing(), rows)


def webhook_of(row: Mapping[Any, Any]) -> Webhook:
    """A stored subscription."""
    values: dict[str, Any] = {str(name): value for name, value in row.items()}
    return Webhook(**values | {"events": tuple(values["events"])})


def _row(webhook: Webhook) -> dict[str, Any]:
    return asdict(webhook) | {"events": list(webhook.events)}


_ACTIVE = Hot(select(tables.webhooks.c.webhook_id, tables.webhooks.c.events).where(tables.webhooks.c.state == "active"))
