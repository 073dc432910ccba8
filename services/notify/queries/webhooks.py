"""Webhook subscriptions and the log of their deliveries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify import tables
from services.notify.commands.webhooks import DeliveryView, WebhookView
from shared.contracts.refusal import Refusal
from shared.platform.paging import Page, page


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    """One attempt: the HTTP status, or (none) why there was no answer; the beginning of what was answered."""

    attempt: int
    started_at: datetime
    ended_at: datetime
    status: int | None
    error: str | None
    answer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryDetail:
    """A delivery with every attempt, and what was sent."""

    delivery: DeliveryView
    body: str
    log: list[AttemptView]


async def webhooks(conn: AsyncConnection, *, limit: int, after: str | None) -> Page[WebhookView]:
    """Every subscription, newest first; secrets are not shown."""
    table = tables.webhooks
    order = (table.c.webhook_id,)
    return await page(conn, select(table), order=order, limit=limit, after=after, make=_webhook, descending=True)


async def webhook(conn: AsyncConnection, *, webhook_id: UUID) -> WebhookView:
    """One subscription."""
    table = tables.webhooks
    row = (await conn.execute(select(table).where(table.c.webhook_id == webhook_id))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="webhook", what=webhook_id)
    return _webhook(row)


async def deliveries(
    conn: AsyncConnection, *, webhook_id: UUID, state: str | None, limit: int, after: str | None
) -> Page[DeliveryView]:
    """A subscription's deliveries, newest first."""
    await webhook(conn, webhook_id=webhook_id)
    table = tables.deliveries
    found = select(table).where(table.c.webhook_id == webhook_id)
    if state is not None:
        found = found.where(table.c.state == state)
    order = (table.c.delivery_id,)
    return await page(conn, found, order=order, limit=limit, after=after, make=_delivery, descending=True)


async def delivery(conn: AsyncConnection, *, webhook_id: UUID, delivery_id: UUID) -> DeliveryDetail:
    """One delivery with its log."""
    table, log = tables.deliveries, tables.delivery_attempts
    found = select(table).where(table.c.delivery_id == delivery_id, table.c.webhook_id == webhook_id)
    row = (await conn.execute(found)).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="delivery", what=delivery_id)
    attempts = await conn.execute(select(log).where(log.c.delivery_id == delivery_id).order_by(log.c.attempt))
    names = AttemptView.__dataclass_fields__
    return DeliveryDetail(
        delivery=_delivery(row),
        body=row.body.decode(),
        log=[AttemptView(**{name: one._mapping[name] for name in names}) for one in attempts],
    )


def _webhook(row: Row[Any]) -> WebhookView:
    names = [name for name in WebhookView.__dataclass_fields__ if name != "secret"]
    return WebhookView(**{name: row._mapping[name] for name in names})


def _delivery(row: Row[Any]) -> DeliveryView:
    return DeliveryView(**{name: row._mapping[name] for name in DeliveryView.__dataclass_fields__})
