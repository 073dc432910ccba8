"""Messages, and the queue that the courier works off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.notify import tables
from services.notify.domain.message import CLAIM_HOLDS, Message
from shared.platform.work import Work

_FIELDS = tuple(Message.__dataclass_fields__)


async def add_messages(work: Work, messages: Sequence[Message]) -> None:
    """Queue messages; one that was said before (same reason, reader and channel) is not said again."""
    if messages:
        said_once = insert(tables.messages).on_conflict_do_nothing(constraint="messages_said_once")
        await work.conn.execute(said_once, [asdict(message) for message in messages])


async def take_waiting(work: Work, limit: int) -> list[Message]:
    """Lock messages that are due, or that a courier claimed and never reported; others' are passed over."""
    table = tables.messages
    waiting = or_(
        and_(table.c.state == "queued", table.c.next_at <= work.now),
        and_(table.c.state == "sending", table.c.claimed_at <= work.now - CLAIM_HOLDS),
    )
    found = (
        select(table)
        .where(table.c.state.in_(["queued", "sending"]), waiting)
        .order_by(table.c.next_at, table.c.message_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Message(**row) for row in (await work.conn.execute(found)).mappings()]


async def load_claimed(work: Work, claims: dict[UUID, datetime | None]) -> list[Message]:
    """Lock the messages still held by these claims; one that was given up on and taken by another is left out."""
    table = tables.messages
    found = select(table).where(table.c.message_id.in_(claims), table.c.state == "sending").with_for_update()
    rows = (await work.conn.execute(found)).mappings()
    return [Message(**row) for row in rows if row["claimed_at"] == claims[row["message_id"]]]


async def save_messages(work: Work, messages: Sequence[Message]) -> None:
    """Save what happened to messages."""
    if not messages:
        return
    changing = (
        "state", "attempts", "claimed_at", "next_at", "accepted_at", "delivered_at", "failed_at", "reason", "version",
    )  # fmt: skip
    table = tables.messages
    new = insert(table)
    await work.conn.execute(
        new.on_conflict_do_update(
            index_elements=[table.c.message_id], set_={name: new.excluded[name] for name in changing}
        ),
        [asdict(message) for message in messages],
    )


async def drop_queued(work: Work, acknowledgement_id: UUID, reason: str) -> None:
    """A question that is over is not sent any more, where it had not been sent yet."""
    table = tables.messages
    await work.conn.execute(
        update(table)
        .where(
            table.c.acknowledgement_id == acknowledgement_id,
            table.c.link_expires_at.is_not(None),
            table.c.state == "queued",
        )
        .values(state="failed", failed_at=work.now, reason=reason, version=table.c.version + 1)
    )
