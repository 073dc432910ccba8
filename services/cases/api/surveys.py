"""Surveys over HTTP: the customer's side is open to whoever has the signed link, which is its own credential."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime, Field
from starlette.requests import Request
from starlette.responses import Response

from services.cases.commands import surveys as commands
from services.cases.domain.survey import Answer
from services.cases.queries import surveys as queries
from services.cases.queries.surveys import SurveyCounts, SurveyPage
from shared.platform.actor import Actor
from shared.platform.door import Door, opens
from shared.platform.fields import Body, Text
from shared.platform.routing import Router

router = Router(tags=["surveys"])
public = Router(include_in_schema=False)

CUSTOMER = Actor(sub="customer", name="customer")
LONGEST_TOKEN = 64


class SurveyAnswer(Body):
    """`rating` 1-5, `recommend` 0-10, `solved`, a comment; or `declined`."""

    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    recommend: Annotated[int, Field(ge=0, le=10)] | None = None
    solved: bool | None = None
    comment: Text | None = None
    declined: bool = False

    def made(self) -> Answer:
        """As the domain knows it."""
        return Answer(**self.model_dump())


@router.get("/surveys", response_model=SurveyCounts, operation_id="count_surveys")
async def count_surveys(
    since: Annotated[AwareDatetime | None, Query(alias="from", description="requested at or after")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to", description="requested before")] = None,
    door: Door = opens("cases:read"),
) -> Response:
    """Surveys in numbers: invited, answered, declined and silent ones apart."""
    return await door.read(queries.survey_counts, since=since, until=until)


@public.get("/surveys/{token}", response_model=SurveyPage)
async def see_survey(token: str, request: Request) -> Response:
    """What the customer is asked about."""
    door = _door(request)
    return await door.read(queries.survey_page, token=token[:LONGEST_TOKEN], now=door.database.clock.now())


@public.post("/surveys/{token}", response_model=SurveyPage)
async def answer_survey(token: str, body: SurveyAnswer, request: Request) -> Response:
    """The customer's answer; the last one counts."""
    door = _door(request)
    await door.run(commands.answer_survey, token=token[:LONGEST_TOKEN], answer=body.made())
    return await door.read(queries.survey_page, token=token[:LONGEST_TOKEN], now=door.database.clock.now())


def _door(request: Request) -> Door:
    """The customer's way in: no scopes, only what the link is signed for."""
    return Door(request, CUSTOMER, request.app.state.database)
