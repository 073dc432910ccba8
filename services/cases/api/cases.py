"""Cases over HTTP: opened, found, read."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import AliasChoices, AwareDatetime, Field
from starlette.responses import Response

from services.cases.commands import opening
from services.cases.commands.customers import PERSONAL
from services.cases.commands.opening import Wish
from services.cases.queries import cases as queries
from services.cases.queries.case_views import CaseInShort, CaseView, OpenedCase
from shared.platform.door import Door, opens
from shared.platform.fields import Body, Code, LongText, Name
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router

router = Router(tags=["cases"])

Level = Literal["high", "normal", "low"]
State = Literal["open", "in_progress", "waiting_customer", "waiting_team", "resolved", "closed"]
Fields = Annotated[dict[Code, Any], Field(max_length=100)]
"""Field → its value, or `{"refused": why}`, or `{"unknown": why}`; null: as if never asked."""


class NewCase(Body):
    """A case to open. Teams and topics by code; `fields` as the type defines them.

    The same matter of the same customer is linked to the case there is, unless `link` is false.
    """

    type: Annotated[Code, Field(validation_alias=AliasChoices("type", "case_type"))]
    topic: Code | None = None
    customer_id: UUID | None = None
    subject: Name
    description: LongText | None = None
    channel: Code = "phone"
    urgency: Level | None = None
    importance: Level | None = None
    fields: Fields = {}
    team: Code | None = None
    contact_id: UUID | None = None
    link: bool = True

    def wish(self) -> Wish:
        """As the command takes it."""
        told = {name: getattr(self, name) for name in type(self).model_fields if name != "type"}
        return Wish(case_type=self.type, **told)


@router.post("/cases", status_code=201, response_model=OpenedCase, operation_id="open_case")
async def open_case(body: NewCase, door: Door = opens("cases:work")) -> Response:
    """Open a case, or link to the one that the customer comes back to; answers with what is still to be asked."""
    return await door.run(opening.open_case, status=201, wish=body.wish(), language=door.language)


@router.get("/cases", response_model=Page[CaseInShort], operation_id="list_cases")
async def list_cases(
    *,
    state: Annotated[list[State] | None, Query(description="one or more states")] = None,
    team: Annotated[Code | None, Query(description="the team's id or code")] = None,
    owner: Annotated[Code | None, Query(description="a staff number; `none`: waiting in a queue")] = None,
    topic: Annotated[Code | None, Query()] = None,
    type_: Annotated[Code | None, Query(alias="type")] = None,
    customer_id: UUID | None = None,
    identity: Annotated[Name | None, Query(description="a phone number or another identity of the customer")] = None,
    quadrant: Annotated[int | None, Query(ge=1, le=4)] = None,
    overdue: bool = False,
    number: Annotated[Code | None, Query()] = None,
    q: Annotated[Name | None, Query(min_length=2, description="words of the subject or description")] = None,
    updated_after: AwareDatetime | None = None,
    order: Annotated[Literal["queue", "newest"], Query(description="the queue's order, or the newest first")] = "queue",
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("cases:read"),
) -> Response:
    """Cases in the order of the queue: unfinished by quadrant and age, then resolved, then closed ones."""
    return await door.read(
        queries.list_cases,
        actor=door.actor,
        wanted=queries.Wanted(
            states=tuple(state or ()),
            team=team,
            owner=owner,
            topic=topic,
            case_type=type_,
            customer_id=customer_id,
            identity=identity,
            quadrant=quadrant,
            overdue_at=door.database.clock.now() if overdue else None,
            number=number,
            q=q,
            updated_after=updated_after,
        ),
        order=order,
        limit=limit,
        after=after,
    )


@router.get("/cases/{case_id}", response_model=CaseView, operation_id="get_case")
async def get_case(case_id: UUID, door: Door = opens("cases:read")) -> Response:
    """One case, with what to know of its customer."""
    return await door.read(
        queries.get_case,
        actor=door.actor,
        case_id=case_id,
        language=door.language,
        personal=PERSONAL in door.actor.scopes,
    )
