"""Messages, as their reader sees them, and what was done to send them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify import tables
from services.notify.domain.contact import INBOX
from services.notify.domain.message import Message, as_read
from services.notify.domain.own_words import CODE_MARK
from services.notify.links import Links, claims_of
from services.notify.queries.sight import in_sight, in_team
from shared.contracts.refusal import Refusal
from shared.platform.actor import Actor
from shared.platform.paging import Page, page

HIDDEN_CODE = "••••••"


@dataclass(frozen=True, slots=True)
class MessageAttempt:
    """One attempt: how it ended, why in our words (`code`) and in the provider's own (`words`).

    `together`: so many messages went as one digest.
    """

    number: int
    started_at: datetime
    ended_at: datetime
    outcome: str
    code: str | None
    words: str | None
    together: int


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message on one channel. `link` answers the question; `question_state` is how that question stands now.

    `staff_no` or `customer_id` is its reader; `via` the channel that carried it to a customer. `next_at` is when it is
    (or was) due to be sent, `code` and `reason` what its latest attempt came to.
    """

    message_id: UUID
    staff_no: str | None
    customer_id: UUID | None
    channel: str
    via: str | None
    title: str
    text: str
    link: str | None
    language: str
    template: str
    occasion: str
    number: int
    acknowledgement_id: UUID | None
    question_state: str | None
    subject_type: str | None
    subject_id: UUID | None
    state: str
    attempts: int
    queued_at: datetime
    next_at: datetime
    accepted_at: datetime | None
    delivered_at: datetime | None
    opened_at: datetime | None
    failed_at: datetime | None
    code: str | None
    reason: str | None
    tries: list[MessageAttempt]


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads, and what answer links look like. `captured`: see NotifySettings.capture."""

    actor: Actor
    links: Links
    captured: bool

    def may_use(self, staff_no: str | None) -> bool:
        """A link lets whoever holds it answer, so it is its reader's alone unless messages are captured."""
        own = staff_no is not None and self.actor.staff_no == staff_no
        return own or self.sees_captured

    @property
    def sees_captured(self) -> bool:
        """Whether the caller stands in for every reader: in development, where no message leaves the machine."""
        return self.captured and self.actor.sees_all


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What messages are looked for: columns and the value they must have, a team, and a span of queueing times."""

    values: dict[str, object]
    team: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def messages(
    conn: AsyncConnection, *, reading: Reading, sought: Sought, limit: int, after: str | None, newest_first: bool
) -> Page[MessageView]:
    """Messages the caller may see, oldest first unless asked otherwise."""
    table = tables.messages
    found = with_question().where(in_sight(reading.actor, table.c.staff_no, table.c.team_id))
    for name, value in sought.values.items():
        if value is not None:
            found = found.where(table.c[name] == value)
    if sought.team is not None:
        found = found.where(in_team(table.c.team_id, sought.team))
    if sought.since is not None:
        found = found.where(table.c.queued_at >= sought.since)
    if sought.until is not None:
        found = found.where(table.c.queued_at < sought.until)
    return await _paged(conn, found, reading, limit, after, newest_first=newest_first)


async def message(conn: AsyncConnection, *, message_id: UUID, reading: Reading) -> MessageView:
    """One message with its attempts. 404 unknown, 403 none of the caller's."""
    table = tables.messages
    known = with_question().where(table.c.message_id == message_id)
    if (await conn.execute(known)).first() is None:
        raise Refusal("not-found", noun="message", what=message_id)
    row = (await conn.execute(known.where(in_sight(reading.actor, table.c.staff_no, table.c.team_id)))).first()
    if row is None:
        raise Refusal("not-yours")
    return (await with_tries(conn, [message_view(row, reading)]))[0]


async def inbox(conn: AsyncConnection, *, reading: Reading, limit: int, after: str | None) -> Page[MessageView]:
    """The caller's own in-app messages, newest first."""
    table = tables.messages
    own = with_question().where(table.c.staff_no == (reading.actor.staff_no or ""), table.c.channel == INBOX)
    return await _paged(conn, own, reading, limit, after, newest_first=True)


def with_question() -> Select[Any]:
    """Messages with the state of the question that they are about."""
    table, asked = tables.messages, tables.acknowledgements
    joined = table.outerjoin(asked, asked.c.acknowledgement_id == table.c.acknowledgement_id)
    return select(table, asked.c.state.label("question_state")).select_from(joined)


def message_view(row: Row[Any], reading: Reading) -> MessageView:
    """A message as the caller may see it, without its attempts."""
    values = dict(row._mapping)
    found = Message(**{name: values[name] for name in Message.__dataclass_fields__})
    claims = claims_of(found)
    link = reading.links.url(claims) if claims and reading.may_use(row.staff_no) else None
    values |= {"link": link, "text": as_read(found, link).replace(CODE_MARK, _code(found, reading)), "tries": []}
    return MessageView(**{name: values[name] for name in MessageView.__dataclass_fields__})


async def with_tries(conn: AsyncConnection, found: Sequence[MessageView]) -> list[MessageView]:
    """The same messages with every attempt to send them."""
    table = tables.attempts
    named = select(table).where(table.c.message_id.in_([one.message_id for one in found]))
    tries: dict[UUID, list[MessageAttempt]] = {}
    for row in (await conn.execute(named.order_by(table.c.message_id, table.c.number))).mappings():
        attempt = MessageAttempt(**{name: row[name] for name in MessageAttempt.__dataclass_fields__})
        tries.setdefault(row["message_id"], []).append(attempt)
    return [replace(one, tries=tries.get(one.message_id, [])) for one in found]


def _code(found: Message, reading: Reading) -> str:
    """The code is for whoever holds the address: the person's own inbox must not show it, or it would prove nothing."""
    return reading.links.code(found.about_id, found.number) if reading.sees_captured else HIDDEN_CODE


async def _paged(
    conn: AsyncConnection,
    found: Select[Any],
    reading: Reading,
    limit: int,
    after: str | None,
    *,
    newest_first: bool = False,
) -> Page[MessageView]:
    some = await page(
        conn,
        found,
        order=(tables.messages.c.message_id,),
        limit=limit,
        after=after,
        make=lambda row: message_view(row, reading),
        descending=newest_first,
    )
    return Page(await with_tries(conn, some.items), some.next)
