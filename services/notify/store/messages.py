"""Messages, and the queue that the courier works off."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Select, Text, Uuid, and_, bindparam, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from services.notify import tables
from services.notify.domain.message import CLAIM_HOLDS, Attempt, Message
from shared.contracts.refusal import Refusal
from shared.platform.db import Hot
from shared.platform.kernel import Moment
from shared.platform.work import Work

_FIELDS = tuple(Message.__dataclass_fields__)
_ATTEMPT = tuple(Attempt.__dataclass_fields__)
_CHANGING = (
    "state", "attempts", "failures", "together", "claimed_at", "next_at", "accepted_at", "delivered_at", "opened_at",
    "failed_at", "code", "reason", "via", "language", "title", "text", "other_title", "other_text", "version",
)  # fmt: skip


async def add_messages(work: Work, messages: Sequence[Message]) -> None:
    """Queue messages; one that was said before (same reason, reader and channel) is not said again."""
    if messages:
        await _ADD.run_many(work.conn, [_row(message) for message in messages])


async def add_customer_notices(work: Work, messages: Sequence[Message]) -> None:
    """Queue notices; a customer who has been told of this version of the matter is not told again."""
    if messages:
        await _ADD_NOTICES.run_many(work.conn, [_row(message) for message in messages])


async def take_waiting(work: Work, channels: Collection[str], limit: int, *, all_but: bool = False) -> list[Message]:
    """Lock messages of these channels (or of all but these) that are due, or that a courier claimed and never reported.

    Others' are passed over.
    """
    statement = _TAKE_OTHERS if all_but else _TAKE
    rows = await statement.run(
        work.conn, channels=list(channels), now=work.now, abandoned=work.now - CLAIM_HOLDS, at_most=limit
    )
    return [Message(**row) for row in rows]


async def load_claimed(work: Work, claims: Mapping[UUID, datetime | None]) -> list[Message]:
    """Lock the messages still held by these claims; one that was given up on and taken by another is left out."""
    rows = await _CLAIMED.run(work.conn, ids=list(claims))
    return [Message(**row) for row in rows if row["claimed_at"] == claims[row["message_id"]]]


async def load_message(work: Work, message_id: UUID) -> Message:
    """Load and lock one; 404 when there is none."""
    found = await _listed(work, _MESSAGE.where(tables.messages.c.message_id == message_id))
    if not found:
        raise Refusal("not-found", noun="message", what=message_id)
    return found[0]


async def load_by_provider_id(work: Work, channel: str, provider_id: str) -> list[Message]:
    """Lock the messages that a provider knows by this name: one, or those of a digest."""
    message, attempt = tables.messages, tables.attempts
    named = select(attempt.c.message_id).where(attempt.c.provider_id == provider_id)
    carried = func.coalesce(message.c.via, message.c.channel) == channel
    return await _listed(work, _MESSAGE.where(message.c.message_id.in_(named), carried))


async def save_messages(work: Work, messages: Sequence[Message]) -> None:
    """Save what happened to messages."""
    if messages:
        rows = [
            {"id": message.message_id, **{name: getattr(message, name) for name in _CHANGING}} for message in messages
        ]
        await _SAVE.run_many(work.conn, rows)


async def add_attempts(work: Work, attempts: Sequence[Attempt]) -> None:
    """Keep what became of attempts."""
    if attempts:
        rows = [{name: getattr(attempt, name) for name in _ATTEMPT} for attempt in attempts]
        await _ADD_ATTEMPTS.run_many(work.conn, rows)


async def load_used_channels(work: Work, about_id: UUID, staff_no: str) -> frozenset[str]:
    """The channels on which somebody has been told, or is to be told, about a matter."""
    table = tables.messages
    found = select(table.c.channel).where(table.c.about_id == about_id, table.c.staff_no == staff_no).distinct()
    return frozenset((await work.conn.execute(found)).scalars())


async def load_tried_channels(work: Work, message: Message) -> frozenset[str]:
    """The channels on which this very thing has been said, or is to be said, to its reader."""
    table = tables.messages
    same = [table.c[name] == getattr(message, name) for name in ("about_id", "occasion", "number", "staff_no")]
    return frozenset((await work.conn.execute(select(table.c.channel).where(*same))).scalars())


async def load_times_told(work: Work, staff_no: str, occasion: str, since: datetime) -> list[datetime]:
    """When somebody was told something of this occasion, since then, oldest first."""
    table = tables.messages
    found = select(table.c.queued_at).where(
        table.c.staff_no == staff_no, table.c.occasion == occasion, table.c.queued_at > since
    )
    return sorted((await work.conn.execute(found)).scalars())


async def load_deadlines(work: Work, acknowledgement_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """The deadlines of questions."""
    table = tables.acknowledgements
    found = select(table.c.acknowledgement_id, table.c.deadline).where(
        table.c.acknowledgement_id.in_(acknowledgement_ids)
    )
    return {row.acknowledgement_id: row.deadline for row in await work.conn.execute(found)}


async def load_ended(work: Work, acknowledgement_ids: Collection[UUID]) -> dict[UUID | None, str]:
    """Those of the questions that are not open any more, and how they stand."""
    table = tables.acknowledgements
    found = select(table.c.acknowledgement_id, table.c.state).where(
        table.c.acknowledgement_id.in_(acknowledgement_ids), table.c.state != "open"
    )
    return {row.acknowledgement_id: row.state for row in await work.conn.execute(found)}


async def take_allowance(work: Work, channel: str, reader: str, *, most: int, within: timedelta) -> datetime | None:
    """Note that a reader is sent something now, if the channel's limit allows it; else when it does again.

    The limit holds over any window of that length, and over all couriers: the row is locked until the commit.
    """
    table = tables.allowances
    new = insert(table).values(channel=channel, reader=reader, sent_at=[])
    await work.conn.execute(new.on_conflict_do_nothing())
    same = (table.c.channel == channel, table.c.reader == reader)
    sent = (await work.conn.execute(select(table.c.sent_at).where(*same).with_for_update())).scalar_one()
    recent = sorted(at for at in sent if at > work.now - within)
    if len(recent) >= most:
        earliest: datetime = recent[-most]
        return earliest + within
    await work.conn.execute(update(table).where(*same).values(sent_at=[*recent, work.now]))
    return None


async def drop_queued(work: Work, over: Mapping[UUID, str]) -> None:
    """Questions that are over, for these reasons, are not sent any more, where they had not been sent yet."""
    if over:
        await _DROP.run(work.conn, ids=list(over), reasons=list(over.values()), now=work.now)


def _row(message: Message) -> dict[str, Any]:
    return {name: getattr(message, name) for name in _FIELDS}  # a deep copy of each value would cost ten times as much


async def _listed(work: Work, found: Select[Any]) -> list[Message]:
    return [Message(**row) for row in (await work.conn.execute(found.with_for_update())).mappings()]


def _take(*, all_but: bool) -> Hot:
    table = tables.messages
    names = bindparam("channels", type_=ARRAY(Text))
    waiting = or_(
        and_(table.c.state == "queued", table.c.next_at <= bindparam("now", type_=Moment)),
        and_(table.c.state == "sending", table.c.claimed_at <= bindparam("abandoned", type_=Moment)),
    )
    found = (
        _MESSAGE.where(text("state IN ('queued', 'sending')"), waiting)  # literally, as the partial index has it
        .where(table.c.channel != names.all_() if all_but else table.c.channel == names.any_())
        .order_by(table.c.next_at, table.c.message_id)
        .limit(bindparam("at_most", type_=Integer))
        .with_for_update(skip_locked=True)
    )
    return Hot(found)


def _drop() -> Hot:
    table = tables.messages
    over = (
        func.unnest(bindparam("ids", type_=ARRAY(Uuid)), bindparam("reasons", type_=ARRAY(Text)))
        .table_valued("id", "reason")
        .render_derived(name="over")
    )
    asks = (table.c.link_expires_at.is_not(None), table.c.state == "queued")
    failed = {"state": "failed", "failed_at": bindparam("now", type_=Moment), "version": table.c.version + 1}
    return Hot(
        update(table).where(table.c.acknowledgement_id == over.c.id, *asks).values(**failed, reason=over.c.reason)
    )


_MESSAGE = select(*(tables.messages.c[name] for name in _FIELDS))
_TAKE = _take(all_but=False)
_TAKE_OTHERS = _take(all_but=True)
_CLAIMED = Hot(
    _MESSAGE.where(
        tables.messages.c.message_id == bindparam("ids", type_=ARRAY(tables.messages.c.message_id.type)).any_(),
        tables.messages.c.state == "sending",
    )
    .order_by(tables.messages.c.message_id)
    .with_for_update()
)
_SAVE = Hot(
    update(tables.messages)
    .where(tables.messages.c.message_id == bindparam("id"))
    .values({name: bindparam(name) for name in _CHANGING})
)
_DROP = _drop()
_NEW = insert(tables.messages).values({name: bindparam(name) for name in _FIELDS})
_ADD = Hot(_NEW.on_conflict_do_nothing(constraint="messages_said_once"))
_ADD_NOTICES = Hot(_NEW.on_conflict_do_nothing())
_ADD_ATTEMPTS = Hot(
    insert(tables.attempts)
    .values({name: bindparam(name) for name in Attempt.__dataclass_fields__})
    .on_conflict_do_nothing()
)
