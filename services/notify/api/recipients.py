"""People and the ways to reach them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.responses import Response

from services.notify.commands import recipients as commands
from services.notify.domain.contact import PersonalChannel
from services.notify.queries import recipients as queries
from shared.platform.door import Door, opens
from shared.platform.paging import After, Limit, Page
from shared.platform.web import Body, Code, Text

router = APIRouter(prefix="/recipients", tags=["recipients"])

StaffNo = Annotated[Code, Path(description="the staff number")]
TeamName = Annotated[Code | None, Query(description="a team's id or code")]


class NewContact(Body):
    """A way to reach a person. `verified`: a supervisor or manager vouches for it."""

    channel: PersonalChannel
    address: Annotated[Text, Field(max_length=200, examples=["13800000000"])]
    verified: bool = False


@router.get("", response_model=Page[queries.Recipient], operation_id="list_recipients")
async def list_recipients(
    team: TeamName = None, limit: Limit = 50, after: After = None, door: Door = opens("notify:read")
) -> Response:
    """The people the caller may see, by staff number, with their contact methods."""
    return await door.read(queries.recipients, actor=door.actor, team=team, limit=limit, after=after)


@router.get("/{staff_no}", response_model=queries.Recipient, operation_id="get_recipient")
async def get_recipient(staff_no: StaffNo, door: Door = opens("notify:read")) -> Response:
    """One person with their contact methods and language."""
    return await door.read(queries.recipient, actor=door.actor, staff_no=staff_no)


@router.post("/{staff_no}/contacts", status_code=201, response_model=commands.ContactView, operation_id="add_contact")
async def add_contact(staff_no: StaffNo, body: NewContact, door: Door = opens("notify:answer")) -> Response:
    """Add a way to reach a person, or vouch for one that is there. Unverified ones receive nothing."""
    return await door.run(commands.add_contact, status=201, staff_no=staff_no, **body.model_dump())


@router.delete("/{staff_no}/contacts/{contact_id}", status_code=204, operation_id="remove_contact")
async def remove_contact(staff_no: StaffNo, contact_id: UUID, door: Door = opens("notify:answer")) -> Response:
    """Forget a way to reach a person."""
    return await door.run(commands.remove_contact, status=204, staff_no=staff_no, contact_id=contact_id)
