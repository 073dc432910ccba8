"""Messages, as their reader sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify import tables
from services.notify.domain.contact import INBOX
from services.notify.domain.message import Message, as_read
from services.notify.links import Links, claims_of
from services.notify.queries.sight import in_sight
from shared.platform.actor import Actor
from shared.platform.paging import Page, page


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message on one channel. `link` answers the question; `question_state` is how that question stands now."""

    message_id: UUID
    staff_no: str
    channel: str
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
    accepted_at: datetime | None
    delivered_at: datetime | None
    failed_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads, and what answer links look like. `captured`: see NotifySettings.capture."""

    actor: Actor
    links: Links
    captured: bool

    def may_use(self, staff_no: str) -> bool:
        """A link lets whoever holds it answer, so it is its reader's alone unless messages are captured."""
        return self.actor.staff_no == staff_no or (self.captured and self.actor.sees_all)


async def messages(
    conn: AsyncConnection, *, reading: Reading, limit: int, after: str | None, **filters: object
) -> Page[MessageView]:
    """Messages the caller may see, oldest first; `filters` are columns and the value they must have."""
    table = tables.messages
    found = with_question().where(in_sight(reading.actor, table.c.staff_no, table.c.team_id))
    for name, value in filters.items():
        if value is not None:
            found = found.where(table.c[name] == value)
    return await _paged(conn, found, reading, limit, after)


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
    """A message as the caller may see it."""
    values = dict(row._mapping)
    message = Message(**{name: values[name] for name in Message.__dataclass_fields__})
    claims = claims_of(message)
    link = reading.links.url(claims) if claims and reading.may_use(row.staff_no) else None
    values |= {"link": link, "text": as_read(message, link)}
    return MessageView(**{name: values[name] for name in MessageView.__dataclass_fields__})


async def _paged(
    conn: AsyncConnection,
    found: Select[Any],
    reading: Reading,
    limit: int,
    after: str | None,
    *,
    newest_first: bool = False,
) -> Page[MessageView]:
    return await page(
        conn,
        found,
        order=(tables.messages.c.message_id,),
        limit=limit,
        after=after,
        make=lambda row: message_view(row, reading),
        descending=newest_first,
    )
