"""Promises and partners over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import AliasChoices, Field
from starlette.responses import Response

from services.cases.api.contact_rows import Moment, Zone
from services.cases.commands import partners as partner_commands
from services.cases.commands import promises as commands
from services.cases.commands.promises import Pledge
from services.cases.domain.contact import DEFAULT_ZONE
from services.cases.domain.partner import Partner
from services.cases.domain.promise import Promise
from services.cases.queries import handoffs as queries
from shared.platform.door import Door, opens
from shared.platform.fields import Body, Code, Name, Text
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router

router = Router(tags=["promises"])

State = Literal["open", "kept", "broken", "cancelled"]
Channel = Literal["phone", "chat", "email"]


class NewPromise(Body):
    """Until when and what; `owner` (a staff number) is who does it, the caller unless told."""

    due_at: Moment
    text: Text
    owner: Code | None = None

    def pledge(self) -> Pledge:
        """As the command takes it."""
        return Pledge(due_at=self.due_at, text=self.text, owner=self.owner)


class Keep(Body):
    """The contact that kept it, when there was one."""

    contact_id: UUID | None = None


class Cancel(Body):
    """Why it is taken back."""

    reason: Annotated[Text, Field(validation_alias=AliasChoices("reason", "why"))]


class NewPartner(Body):
    """Somebody who is asked outside the system. `contact` is whom to ask for."""

    code: Code
    name: Name
    channel: Channel = "phone"
    contact: Name | None = None
    zone: Zone = DEFAULT_ZONE


class PartnerChange(Body):
    """Fields to replace; what is absent stays."""

    name: Name = ""
    channel: Channel = "phone"
    contact: Name | None = None
    zone: Zone = DEFAULT_ZONE
    active: bool = True

    def changes(self) -> dict[str, Any]:
        """Only what was given."""
        return {name: getattr(self, name) for name in self.model_fields_set}


@router.post("/cases/{case_id}/promises", status_code=201, response_model=Promise, operation_id="make_promise")
async def make_promise(case_id: UUID, body: NewPromise, door: Door = opens("cases:work")) -> Response:
    """Promise a customer something until a time to come."""
    return await door.run(commands.make_promise, status=201, case_id=case_id, pledge=body.pledge())


@router.get("/promises", response_model=Page[Promise], operation_id="list_promises")
async def list_promises(
    *,
    state: Annotated[State | None, Query()] = None,
    case_id: UUID | None = None,
    owner: Annotated[Code | None, Query(description="the staff number of who promised")] = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("cases:read"),
) -> Response:
    """Promises, the next due first."""
    return await door.read(
        queries.list_promises, actor=door.actor, state=state, case_id=case_id, owner=owner, limit=limit, after=after
    )


@router.get("/cases/{case_id}/promises", response_model=Page[Promise], operation_id="list_case_promises")
async def list_case_promises(
    case_id: UUID, limit: Limit = 50, after: After = None, door: Door = opens("cases:read")
) -> Response:
    """The promises made on a case."""
    return await door.read(
        queries.list_promises, actor=door.actor, state=None, case_id=case_id, owner=None, limit=limit, after=after
    )


@router.get("/promises/{promise_id}", response_model=Promise, operation_id="get_promise")
async def get_promise(promise_id: UUID, door: Door = opens("cases:read")) -> Response:
    """One promise."""
    return await door.read(queries.get_promise, actor=door.actor, promise_id=promise_id)


@router.post("/promises/{promise_id}/keep", response_model=Promise, operation_id="keep_promise")
async def keep_promise(promise_id: UUID, body: Keep, door: Door = opens("cases:work")) -> Response:
    """It was done, in time or late."""
    return await door.run(commands.keep, promise_id=promise_id, contact_id=body.contact_id)


@router.post("/promises/{promise_id}/cancel", response_model=Promise, operation_id="cancel_promise")
async def cancel_promise(promise_id: UUID, body: Cancel, door: Door = opens("cases:work")) -> Response:
    """It is taken back, with a reason; the word owed after an answer is not."""
    return await door.run(commands.cancel, promise_id=promise_id, reason=body.reason)


@router.post("/partners", status_code=201, response_model=Partner, operation_id="create_partner", tags=["hand-offs"])
async def create_partner(body: NewPartner, door: Door = opens("cases:configure")) -> Response:
    """Add a partner who is asked by phone, chat or e-mail."""
    return await door.run(partner_commands.create_partner, status=201, **body.model_dump())


@router.get("/partners", response_model=Page[Partner], operation_id="list_partners", tags=["hand-offs"])
async def list_partners(*, limit: Limit = 50, after: After = None, door: Door = opens("cases:read")) -> Response:
    """Partners by code."""
    return await door.read(queries.list_partners, limit=limit, after=after)


@router.get("/partners/{partner_id}", response_model=Partner, operation_id="get_partner", tags=["hand-offs"])
async def get_partner(partner_id: UUID, door: Door = opens("cases:read")) -> Response:
    """One partner."""
    return await door.read(queries.get_partner, partner_id=partner_id)


@router.patch("/partners/{partner_id}", response_model=Partner, operation_id="change_partner", tags=["hand-offs"])
async def change_partner(partner_id: UUID, body: PartnerChange, door: Door = opens("cases:configure")) -> Response:
    """Replace some fields; one that is not active is not asked any more."""
    return await door.run(
        partner_commands.change_partner, partner_id=partner_id, seen_version=door.if_match, changes=body.changes()
    )
