"""Questions: how they stand, and everything that was done to have them answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify import tables
from services.notify.domain import reasons
from services.notify.domain.ladder import TIMER, Rung, next_wake
from services.notify.queries.messages import MessageView, Reading, message_view, with_question, with_tries
from services.notify.queries.sight import in_sight, in_team
from shared.contracts.refusal import Refusal
from shared.platform.actor import Actor
from shared.platform.paging import Page, page


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question to one person. `lead`, `supervisor` and `manager` are those its ladder started with."""

    acknowledgement_id: UUID
    subject_type: str
    subject_id: UUID
    subject_version: int
    staff_no: str
    person_name: str
    team_id: UUID
    team_name: str
    lead: str | None
    supervisor: str | None
    manager: str | None
    zone: str
    state: str
    answer: str | None
    channel: str | None
    reason: str | None
    announced_at: datetime
    deadline: datetime
    opened_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    reminded_at: datetime | None
    reminder_count: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What happens next if nobody answers, when (by the durable timer), and why then."""

    at: datetime
    rung: int | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionDetail(Question):
    """A question with its whole history; `content` is the event that it is about."""

    subject_state: str
    policy_version: int
    content: dict[str, Any]
    rungs: list[Rung]
    messages: list[MessageView]
    next: NextStep | None


async def questions(
    conn: AsyncConnection,
    *,
    actor: Actor,
    state: str | None,
    team: str | None,
    staff_no: str | None,
    subject_id: UUID | None,
    limit: int,
    after: str | None,
) -> Page[Question]:
    """Questions the caller may see, newest first."""
    table = tables.acknowledgements
    found = select(table).where(in_sight(actor, table.c.staff_no, table.c.team_id))
    if team is not None:
        found = found.where(in_team(table.c.team_id, team))
    for column, value in ((table.c.state, state), (table.c.staff_no, staff_no), (table.c.subject_id, subject_id)):
        if value is not None:
            found = found.where(column == value)
    return await page(
        conn,
        found,
        order=(table.c.acknowledgement_id,),
        limit=limit,
        after=after,
        make=lambda row: Question(**_shared(row)),
        descending=True,
    )


async def question(
    conn: AsyncConnection, *, acknowledgement_id: UUID, reading: Reading, language: str
) -> QuestionDetail:
    """One question with every rung, message and delivery. 404 unknown, 403 none of the caller's."""
    row = await _visible(conn, acknowledgement_id, reading.actor)
    rungs = await _rungs(conn, acknowledgement_id)
    return QuestionDetail(
        **_shared(row),
        subject_state=row.subject_state,
        policy_version=row.manner["policy_version"],
        content=row.content,
        rungs=rungs,
        messages=await _messages(conn, acknowledgement_id, reading),
        next=await _next_step(conn, row, rungs, language) if row.state == "open" else None,
    )


async def _visible(conn: AsyncConnection, acknowledgement_id: UUID, actor: Actor) -> Row[Any]:
    asked, subject = tables.acknowledgements, tables.subjects
    same = (subject.c.subject_type == asked.c.subject_type) & (subject.c.subject_id == asked.c.subject_id)
    visible = in_sight(actor, asked.c.staff_no, asked.c.team_id).label("visible")
    found = select(asked, subject.c.state.label("subject_state"), visible).select_from(asked.join(subject, same))
    row = (await conn.execute(found.where(asked.c.acknowledgement_id == acknowledgement_id))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="acknowledgement", what=acknowledgement_id)
    if not row.visible:
        raise Refusal("not-yours")
    return row


async def _rungs(conn: AsyncConnection, acknowledgement_id: UUID) -> list[Rung]:
    table = tables.rungs
    found = select(table).where(table.c.acknowledgement_id == acknowledgement_id).order_by(table.c.number)
    rows = (await conn.execute(found)).mappings()
    return [Rung(**{name: row[name] for name in Rung.__dataclass_fields__}) for row in rows]


async def _messages(conn: AsyncConnection, acknowledgement_id: UUID, reading: Reading) -> list[MessageView]:
    table = tables.messages
    found = with_question().where(table.c.acknowledgement_id == acknowledgement_id).order_by(table.c.message_id)
    return await with_tries(conn, [message_view(row, reading) for row in await conn.execute(found)])


async def _next_step(conn: AsyncConnection, row: Row[Any], rungs: list[Rung], language: str) -> NextStep | None:
    timers = tables.kernel.timers
    due = select(timers.c.due_at).where(timers.c.kind == TIMER, timers.c.subject_id == row.acknowledgement_id)
    at = (await conn.execute(due)).scalar()
    if at is None:
        return None
    number = next_wake(rungs, row.deadline).rung
    rung = rungs[number] if number < len(rungs) else None
    why = reasons.why_next(rung, at, row.zone, language)
    return NextStep(at=at, rung=rung.number if rung else None, why=why)


def _shared(row: Row[Any]) -> dict[str, Any]:
    return {name: row._mapping[name] for name in Question.__dataclass_fields__}
