"""Customers over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import AliasChoices, AwareDatetime, Field
from starlette.responses import Response

from services.cases.commands import customers as commands
from services.cases.commands.customers import PERSONAL
from services.cases.domain.customer import Customer, Identity
from services.cases.queries import customers as queries
from services.cases.queries.reachability import Reachability, reachability
from shared.platform.door import Door, opens
from shared.platform.fields import Body, Code, Name, Text
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router

router = Router(tags=["customers"])

IdentityKind = Annotated[str, Field(pattern=r"^[a-zA-Z][a-zA-Z0-9_-]{0,31}$")]

Language = Annotated[Literal["zh-CN", "en"], Field(description="the language of notices to the customer")]


class GivenIdentity(Body):
    """What a customer is recognised by: `phone`, `email`, or an own kind such as `wechat`."""

    kind: IdentityKind
    value: Name

    def made(self) -> Identity:
        """As the domain knows it."""
        return Identity(self.kind, self.value)


class NewCustomer(Body):
    """A customer to add."""

    external_id: Code | None = None
    name: Name
    tier: Code = "standard"
    identities: Annotated[list[GivenIdentity], Field(max_length=50)] = []
    handle_with_care: bool = False
    care_note: Text | None = None
    do_not_contact: bool = False
    language: Language | None = None


class CustomerChange(Body):
    """Fields to replace; what is absent stays."""

    external_id: Code | None = None
    name: Name = ""
    tier: Code = ""
    identities: Annotated[list[GivenIdentity], Field(max_length=50)] = []
    handle_with_care: bool = False
    care_note: Text | None = None
    do_not_contact: bool = False
    language: Language | None = None

    def changes(self) -> dict[str, Any]:
        """Only what was given."""
        given: dict[str, Any] = {name: getattr(self, name) for name in self.model_fields_set}
        if "identities" in given:
            given["identities"] = tuple(one.made() for one in self.identities)
        return given


@router.post("/customers", status_code=201, response_model=Customer, operation_id="create_customer")
async def create_customer(body: NewCustomer, door: Door = opens("cases:work")) -> Response:
    """Add a customer."""
    return await door.run(
        commands.create_customer,
        status=201,
        external_id=body.external_id,
        name=body.name,
        tier=body.tier,
        identities=tuple(one.made() for one in body.identities),
        handle_with_care=body.handle_with_care,
        care_note=body.care_note,
        do_not_contact=body.do_not_contact,
        language=body.language,
    )


@router.get("/customers", response_model=Page[Customer], operation_id="list_customers")
async def list_customers(
    *,
    external_id: Annotated[Code | None, Query()] = None,
    tier: Annotated[Code | None, Query()] = None,
    identity: Annotated[Name | None, Query(description="a phone number, an address or another identity")] = None,
    updated_after: AwareDatetime | None = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("cases:read"),
) -> Response:
    """Customers in order of their last change."""
    return await door.read(
        queries.list_customers,
        external_id=external_id,
        tier=tier,
        identity=identity,
        updated_after=updated_after,
        personal=PERSONAL in door.actor.scopes,
        limit=limit,
        after=after,
    )


@router.get("/customers/{customer_id}", response_model=Customer, operation_id="get_customer")
async def get_customer(customer_id: UUID, door: Door = opens("cases:read")) -> Response:
    """One customer."""
    return await door.read(queries.get_customer, customer_id=customer_id, personal=PERSONAL in door.actor.scopes)


@router.patch("/customers/{customer_id}", response_model=Customer, operation_id="change_customer")
async def change_customer(customer_id: UUID, body: CustomerChange, door: Door = opens("cases:work")) -> Response:
    """Replace some fields of a customer."""
    return await door.run(
        commands.change_customer, customer_id=customer_id, seen_version=door.if_match, changes=body.changes()
    )


class Merge(Body):
    """The other customer, who is the same person; it will point to this one."""

    customer_id: Annotated[UUID, Field(validation_alias=AliasChoices("customer_id", "other_customer_id"))]


@router.post("/customers/{customer_id}/merge", response_model=Customer, operation_id="merge_customers")
async def merge_customers(customer_id: UUID, body: Merge, door: Door = opens(PERSONAL)) -> Response:
    """Two customers are one: this one keeps the identities, contacts and cases of both."""
    return await door.run(commands.merge_customers, customer_id=customer_id, other_id=body.customer_id)


@router.get(
    "/customers/{customer_id}/reachability", response_model=Reachability, operation_id="get_customer_reachability"
)
async def get_customer_reachability(
    customer_id: UUID,
    matter_type: Annotated[Code | None, Query()] = None,
    matter_id: UUID | None = None,
    door: Door = opens(PERSONAL),
) -> Response:
    """Where to reach a customer about a matter, asked for when a message is sent."""
    return await door.read(reachability, customer_id=customer_id, matter_type=matter_type, matter_id=matter_id)
