"""People and the ways to reach them."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field
from starlette.responses import Response

from services.notify.commands import recipients as commands
from services.notify.domain.contact import ContactChannel
from services.notify.queries import recipients as queries
from shared.contracts.refusal import Refusal
from shared.platform.door import Door, opens
from shared.platform.paging import After, Limit, Page
from shared.platform.problems import problem
from shared.platform.routing import Router
from shared.platform.web import Body, Code, Text
from shared.platform.work import Work

router = Router(tags=["recipients"])

StaffNo = Annotated[Code, Path(description="the staff number")]
TeamName = Annotated[Code | None, Query(description="a team's id or code")]
WallTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["22:00"])]


class NewContact(Body):
    """A way to reach a person. `verified`: a supervisor or manager vouches for it, so that no code is needed."""

    channel: ContactChannel
    address: Annotated[Text, Field(max_length=200, examples=["13800000000"])]
    verified: bool = False


class EnteredCode(Body):
    """The six digits that were sent."""

    code: Annotated[str, Field(pattern=r"^\d{6}$", examples=["123456"])]


class NewPreferences(Body):
    """How a person wishes to be reached: channels in the order to try them, and quiet hours on the wall clock."""

    channels: Annotated[list[Code], Field(max_length=20)] = []
    quiet_from: WallTime | None = None
    quiet_until: WallTime | None = None
    zone: Annotated[Code | None, Field(examples=["Asia/Shanghai"])] = None
    language: Literal["zh-CN", "en"] | None = None

    def values(self) -> dict[str, Any]:
        """As the command takes them."""
        hours = {name: time.fromisoformat(at) if at else None for name, at in self._hours()}
        return self.model_dump() | hours

    def _hours(self) -> list[tuple[str, str | None]]:
        return [("quiet_from", self.quiet_from), ("quiet_until", self.quiet_until)]


@router.get("/recipients", response_model=Page[queries.Recipient], operation_id="list_recipients")
async def list_recipients(
    team: TeamName = None, limit: Limit = 50, after: After = None, door: Door = opens("notify:read")
) -> Response:
    """The people the caller may see, by staff number, with their contact methods."""
    return await door.read(queries.recipients, actor=door.actor, team=team, limit=limit, after=after)


@router.get("/recipients/{staff_no}", response_model=queries.Recipient, operation_id="get_recipient")
async def get_recipient(staff_no: StaffNo, door: Door = opens("notify:read")) -> Response:
    """One person with their contact methods, preferences and language."""
    return await door.read(queries.recipient, actor=door.actor, staff_no=staff_no)


@router.put(
    "/recipients/{staff_no}/preferences", response_model=commands.PreferencesView, operation_id="set_preferences"
)
async def set_preferences(staff_no: StaffNo, body: NewPreferences, door: Door = opens("notify:answer")) -> Response:
    """Set channel order, quiet hours and language; what is left out is as if never set."""
    return await door.run(commands.set_preferences, staff_no=staff_no, **body.values())


@router.post(
    "/recipients/{staff_no}/contacts",
    status_code=201,
    response_model=commands.ContactView,
    operation_id="add_contact",
)
async def add_contact(staff_no: StaffNo, body: NewContact, door: Door = opens("notify:answer")) -> Response:
    """Add a way to reach a person and send a code to it (again), or vouch for it.

    Unverified ones receive nothing but the code.
    """
    return await door.run(commands.add_contact, status=201, staff_no=staff_no, **body.model_dump())


@router.delete("/recipients/{staff_no}/contacts/{contact_id}", status_code=204, operation_id="remove_contact")
async def remove_contact(staff_no: StaffNo, contact_id: UUID, door: Door = opens("notify:answer")) -> Response:
    """Forget a way to reach a person."""
    return await door.run(commands.remove_contact, status=204, staff_no=staff_no, contact_id=contact_id)


@router.delete("/contacts/{contact_id}", status_code=204, operation_id="forget_contact")
async def forget_contact(contact_id: UUID, door: Door = opens("notify:answer")) -> Response:
    """Forget a way to reach a person."""
    return await door.run(commands.remove_contact, status=204, contact_id=contact_id)


@router.post("/contacts/{contact_id}/verify", response_model=commands.ContactView, operation_id="verify_contact")
async def verify_contact(contact_id: UUID, body: EnteredCode, door: Door = opens("notify:answer")) -> Response:
    """Enter the code that was sent to a contact; five tries a code, ten minutes, ten codes a day."""

    async def enter(work: Work, **entered: Any) -> commands.ContactView | Response:
        tried = await commands.enter_code(work, links=door.request.app.state.links, **entered)
        if tried.right:
            return tried.view
        return problem(door.request, Refusal("code-wrong", tries_left=tried.tries_left))

    return await door.run(enter, contact_id=contact_id, code=body.code)
