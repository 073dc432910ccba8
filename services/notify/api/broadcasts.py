"""Broadcasts: one text to many people, who each confirm it."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field
from starlette.responses import Response

from services.notify.commands import broadcasts as commands
from services.notify.queries import broadcasts as queries
from shared.contracts.access import ROLES
from shared.platform.door import Door, opens
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router
from shared.platform.web import Body, Code, Name, Text

router = Router(tags=["broadcasts"])

Role = Literal["agent", "lead", "supervisor", "quality", "manager", "partner", "integration"]
assert set(ROLES) == set(Role.__args__)  # type: ignore[attr-defined]
Teams = Annotated[list[Code], Field(max_length=500)]
Choice = Annotated[int, Field(ge=0, le=9)]


class AudienceBody(Body):
    """Everyone, or people with one of these roles in these teams (ids or codes; `branches` with all below them), and
    the staff named besides."""

    everyone: bool = False
    roles: Annotated[list[Role], Field(max_length=10)] = []
    teams: Teams = []
    branches: Teams = []
    staff: Annotated[list[Code], Field(max_length=10_000)] = []


class QuestionBody(Body):
    """One question of a quiz; `correct` is the place of the right choice, from 0."""

    question: Name
    choices: Annotated[list[Name], Field(min_length=2, max_length=10)]
    correct: Choice


class QuizBody(Body):
    """Passed with `pass_count` right answers; all of them when not given."""

    questions: Annotated[list[QuestionBody], Field(min_length=1, max_length=20)]
    pass_count: Annotated[int, Field(ge=1, le=20)] | None = None


class NewBroadcast(Body):
    """What everybody is to know, who, until when, and how one sees that it was understood."""

    title: Name
    body: Text
    audience: AudienceBody
    ack_by: AwareDatetime
    quiz: QuizBody | None = None


class TakingBack(Body):
    """Why nobody need confirm it any more."""

    reason: Text


class QuizAnswers(Body):
    """For each question in order the place of the choice, from 0."""

    choices: Annotated[list[Choice], Field(min_length=1, max_length=20)]


@router.post("/broadcasts", status_code=201, response_model=commands.BroadcastView, operation_id="announce_broadcast")
async def announce_broadcast(body: NewBroadcast, door: Door = opens("notify:vouch")) -> Response:
    """Ask everybody in the audience to confirm; whoever joins it until then is asked, too."""
    return await door.run(commands.announce_broadcast, status=201, **body.model_dump())


@router.get("/broadcasts", response_model=Page[queries.BroadcastDetail], operation_id="list_broadcasts")
async def list_broadcasts(
    state: Literal["open", "closing", "closed"] | None = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("notify:remind"),
) -> Response:
    """Broadcasts, newest first."""
    return await door.read(queries.broadcasts, state=state, limit=limit, after=after)


@router.get("/broadcasts/{broadcast_id}", response_model=queries.BroadcastDetail, operation_id="get_broadcast")
async def get_broadcast(broadcast_id: UUID, door: Door = opens("notify:remind")) -> Response:
    """One broadcast."""
    return await door.read(queries.broadcast, broadcast_id=broadcast_id)


@router.get("/broadcasts/{broadcast_id}/progress", response_model=queries.Progress, operation_id="get_progress")
async def get_progress(broadcast_id: UUID, door: Door = opens("notify:remind")) -> Response:
    """People reached, opened, confirmed and understood, per team and branch that the caller may see."""
    now = door.database.clock.now()
    return await door.read(queries.progress, broadcast_id=broadcast_id, actor=door.actor, now=now)


@router.post(
    "/broadcasts/{broadcast_id}/close", response_model=commands.BroadcastView, operation_id="take_back_broadcast"
)
async def take_back_broadcast(broadcast_id: UUID, body: TakingBack, door: Door = opens("notify:vouch")) -> Response:
    """Nobody need confirm it any more: open questions are withdrawn."""
    return await door.run(commands.take_back_broadcast, broadcast_id=broadcast_id, reason=body.reason)


@router.post(
    "/acknowledgements/{acknowledgement_id}/quiz", response_model=commands.QuizResult, operation_id="answer_quiz"
)
async def answer_quiz(acknowledgement_id: UUID, body: QuizAnswers, door: Door = opens("notify:answer")) -> Response:
    """Answer the quiz of a broadcast, as often as it takes. Passing it is not the confirmation."""
    return await door.run(commands.answer_quiz, acknowledgement_id=acknowledgement_id, choices=body.choices)
