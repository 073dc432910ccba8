"""Questions: how they stand, and the answers of those asked."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from services.notify.api.reading import reading_of
from services.notify.api.recipients import TeamName
from services.notify.commands import answers as commands
from services.notify.domain.contact import INBOX
from services.notify.queries import acknowledgements as queries
from services.notify.queries import watchdog
from shared.platform.door import Door, opens
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router
from shared.platform.web import Body, Code, Text

router = Router(tags=["acknowledgements"])

State = Literal["open", "answered", "withdrawn", "lapsed"]
StaffNo = Annotated[Code | None, Query(description="the staff number of the person asked")]


class NewAnswer(Body):
    """The answer of the person asked; a refusal needs a reason."""

    answer: commands.Answer
    reason: Text | None = None


@router.get("/acknowledgements", response_model=Page[queries.Question], operation_id="list_acknowledgements")
async def list_acknowledgements(
    *,
    state: State | None = None,
    team: TeamName = None,
    staff_no: StaffNo = None,
    subject_id: UUID | None = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("notify:read"),
) -> Response:
    """Questions the caller may see, newest first."""
    return await door.read(
        queries.questions,
        actor=door.actor,
        state=state,
        team=team,
        staff_no=staff_no,
        subject_id=subject_id,
        limit=limit,
        after=after,
    )


@router.get(
    "/acknowledgements/{acknowledgement_id}", response_model=queries.QuestionDetail, operation_id="get_acknowledgement"
)
async def get_acknowledgement(acknowledgement_id: UUID, door: Door = opens("notify:read")) -> Response:
    """One question: every rung, message and delivery, and why the next rung fires when it will."""
    return await door.read(
        queries.question, acknowledgement_id=acknowledgement_id, reading=reading_of(door), language=door.language
    )


@router.post(
    "/acknowledgements/{acknowledgement_id}/remind",
    response_model=commands.Receipt,
    operation_id="remind_acknowledgement",
)
async def remind_acknowledgement(acknowledgement_id: UUID, door: Door = opens("notify:remind")) -> Response:
    """Ask for the answer again now (催办); once in ten minutes at most."""
    return await door.run(commands.remind, acknowledgement_id=acknowledgement_id)


@router.post(
    "/acknowledgements/{acknowledgement_id}/open", response_model=commands.Receipt, operation_id="open_acknowledgement"
)
async def open_acknowledgement(acknowledgement_id: UUID, door: Door = opens("notify:answer")) -> Response:
    """The person asked has looked at it; this confirms nothing."""
    return await door.run(commands.open_question, acknowledgement_id=acknowledgement_id, channel=INBOX)


@router.post(
    "/acknowledgements/{acknowledgement_id}/answer",
    response_model=commands.Receipt,
    operation_id="answer_acknowledgement",
)
async def answer_acknowledgement(
    acknowledgement_id: UUID, body: NewAnswer, door: Door = opens("notify:answer")
) -> Response:
    """The person asked confirms or refuses; the same answer again changes nothing."""
    return await door.run(
        commands.answer_question,
        acknowledgement_id=acknowledgement_id,
        answer=body.answer,
        reason=body.reason or "",
        channel=INBOX,
        language=door.language,
    )


@router.get("/watchdog", response_model=watchdog.Watch, operation_id="get_watchdog")
async def get_watchdog(door: Door = opens("notify:remind")) -> Response:
    """Whether every open question has its next step on a timer, and nothing is late."""
    return await door.read(watchdog.watch, now=door.database.clock.now())
