"""Bulletins over HTTP: what to ask a customer whom nobody could call back, and what they said."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, Field
from starlette.responses import Response

from services.cases.api.contact_rows import Moment
from services.cases.api.customers import IdentityKind
from services.cases.commands import bulletins as commands
from services.cases.commands.bulletins import Posting
from services.cases.commands.customers import PERSONAL
from services.cases.domain.bulletin import Ask, Bulletin
from services.cases.domain.recognition import Hint
from services.cases.queries import bulletins as queries
from shared.platform.door import Door, opens
from shared.platform.fields import Body, Code, Name, Text
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router

router = Router(tags=["bulletins"])


class GivenHint(Body):
    """What the customer is recognised by: an identity (`phone`, `email`, `wechat`…), or words about them.

    Words are a `name` or a part of one, an `order` number, a `vehicle`, or any other `word`.
    """

    kind: IdentityKind
    value: Name


class Question(Body):
    """A question to ask; its answer fills `field` of the case, or stands on the timeline."""

    question: Name
    field: Code | None = None


class NewBulletin(Body):
    """What a case lacks and how its customer is recognised. A hint that is a mere text is a `word`."""

    case_id: UUID
    questions: Annotated[list[Question | Name], Field(min_length=1, max_length=50)]
    hints: Annotated[list[GivenHint | Name], Field(min_length=1, max_length=50)]
    note: Text | None = None
    teams: Annotated[list[Code], Field(max_length=500)] = []
    valid_until: Moment | None = None

    def posting(self) -> Posting:
        """As the command takes it."""
        asks = (Ask(one) if isinstance(one, str) else Ask(one.question, one.field) for one in self.questions)
        hints = (Hint("word", one) if isinstance(one, str) else Hint(one.kind, one.value) for one in self.hints)
        return Posting(
            case_id=self.case_id,
            questions=tuple(dict.fromkeys(asks)),
            hints=tuple(hints),
            note=self.note,
            teams=tuple(self.teams),
            valid_until=self.valid_until,
        )


class Capture(Body):
    """What the customer said, by the case's field or, for a question without one, by the question.

    A field's answer is a value, or `{"refused": why}`, or `{"unknown": why}`.
    """

    answers: Annotated[dict[Name, Any], Field(min_length=1, max_length=50)]
    contact_id: UUID | None = None
    note: Text | None = None


@router.post("/bulletins", status_code=201, response_model=Bulletin, operation_id="post_bulletin")
async def post_bulletin(body: NewBulletin, door: Door = opens("cases:work")) -> Response:
    """Ask every agent to ask the customer when they meet them."""
    return await door.run(commands.post_bulletin, status=201, posting=body.posting())


@router.get("/bulletins", response_model=Page[Bulletin], operation_id="list_bulletins")
async def list_bulletins(
    *,
    state: Literal["open", "fulfilled"] | None = None,
    case_id: UUID | None = None,
    posted_by: Annotated[Code | None, Query(description="a staff number")] = None,
    updated_after: AwareDatetime | None = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("cases:read"),
) -> Response:
    """Bulletins, the latest first."""
    return await door.read(
        queries.list_bulletins,
        state=state,
        case_id=case_id,
        posted_by=posted_by,
        updated_after=updated_after,
        personal=PERSONAL in door.actor.scopes,
        limit=limit,
        after=after,
    )


@router.get("/bulletins/{bulletin_id}", response_model=Bulletin, operation_id="get_bulletin")
async def get_bulletin(bulletin_id: UUID, door: Door = opens("cases:read")) -> Response:
    """One bulletin."""
    return await door.read(queries.get_bulletin, bulletin_id=bulletin_id, personal=PERSONAL in door.actor.scopes)


@router.post("/bulletins/{bulletin_id}/capture", response_model=Bulletin, operation_id="capture_bulletin")
async def capture_bulletin(bulletin_id: UUID, body: Capture, door: Door = opens("cases:work")) -> Response:
    """Fill the case with what the customer said; when everything was asked, the bulletin is over."""
    return await door.run(commands.capture_answers, bulletin_id=bulletin_id, **body.model_dump())


@router.post("/bulletins/{bulletin_id}/withdraw", response_model=Bulletin, operation_id="withdraw_bulletin")
async def withdraw_bulletin(bulletin_id: UUID, door: Door = opens("cases:work")) -> Response:
    """It is not needed any more."""
    return await door.run(commands.withdraw_bulletin, bulletin_id=bulletin_id)
