"""What people do with a case over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AliasChoices, AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from services.cases.api.cases import Fields, Level
from services.cases.commands import describing, ending, linking, ownership, waiting
from services.cases.commands.customers import PERSONAL
from services.cases.domain.case import Case
from services.cases.queries import timeline
from services.cases.queries.case_views import CaseView
from services.cases.queries.cases import view_of
from services.cases.queries.timeline import Entry, Link
from shared.platform.door import Command, Door, opens
from shared.platform.fields import Body, Code, LongText, Name, Text
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router
from shared.platform.work import Work

router = Router(prefix="/cases/{case_id}", tags=["cases"])

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Staff = Annotated[Code, Field(validation_alias=AliasChoices("to", "staff_no", "to_staff_no"))]


class CaseChange(Body):
    """Fields to replace; what is absent stays. In `fields` null means: as if never asked.

    `state` moves it on, as the act of that name would.
    """

    type: Code = ""
    topic: Code | None = None
    subject: Name = ""
    description: LongText | None = None
    urgency: Level = "normal"
    importance: Level = "normal"
    fields: Fields = {}
    state: Literal["in_progress", "waiting_customer", "waiting_team", "resolved"] = "in_progress"

    def changes(self) -> dict[str, Any]:
        """Only what was given."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Assign(Body):
    """Who is to have it, by staff number."""

    to: Staff


class Transfer(Body):
    """To whom (staff number) and why: a code to count by, such as `skill`, `shift_end`, `conflict`."""

    to: Staff
    reason_code: Slug
    note: Text | None = None


class Note(Body):
    """A word on it, if there is one."""

    note: Text | None = None


class Wait(Body):
    """For whom, until when at the latest, and for what; for nobody: go on."""

    for_: Annotated[Literal["customer", "team"] | None, Field(validation_alias=AliasChoices("for", "waiting_for"))]
    until: AwareDatetime | None = None
    reason: Text | None = None


class Resolve(Body):
    """How it was settled."""

    resolution: LongText | None = None


class Close(Body):
    """`confirmed`: the customer said yes (closes) or no (reopens); absent: they had time to say no and did not."""

    confirmed: bool | None = None
    note: Text | None = None


class Reopen(Body):
    """Why it was not over."""

    reason: Text


class NewLink(Body):
    """A contact, or another case: `related`, the same matter (`duplicate`), or what came before (`follows`)."""

    contact_id: UUID | None = None
    case_id: UUID | None = None
    relation: Literal["related", "duplicate", "follows"] = "related"

    @model_validator(mode="after")
    def _one(self) -> NewLink:
        if (self.contact_id is None) == (self.case_id is None):
            raise PydanticCustomError("link-unclear", "one of contact_id and case_id")
        return self


class NewEntry(Body):
    """Something for the timeline: `shared` is seen by partners too, `leads` by leads and above."""

    text: LongText
    kind: Literal["note", "call", "message", "action"] = "note"
    visibility: Literal["shared", "internal", "leads"] = "internal"


class Notice(Body):
    """What the customer was told, and how."""

    channel: Code
    text: LongText
    handoff_id: UUID | None = None


async def _run(door: Door, command: Command, *, status: int = 200, **arguments: Any) -> Response:
    """Do it, and answer with the case as it is now."""

    async def run(work: Work) -> CaseView:
        case: Case = await command(work, **arguments)
        personal = PERSONAL in door.actor.scopes
        return await view_of(work.conn, case, language=door.language, personal=personal)

    return await door.run(run, status=status)


@router.patch("", response_model=CaseView, operation_id="change_case")
async def change_case(case_id: UUID, body: CaseChange, door: Door = opens("cases:work")) -> Response:
    """Describe a case anew or answer its fields."""
    changes, seen = body.changes(), door.if_match
    return await _run(door, describing.change_case, case_id=case_id, seen_version=seen, changes=changes)


@router.post("/take", response_model=CaseView, operation_id="take_case")
async def take_case(case_id: UUID, door: Door = opens("cases:work")) -> Response:
    """Make a case of one's team one's own, and begin."""
    return await _run(door, ownership.take_case, case_id=case_id)


@router.post("/assign", response_model=CaseView, operation_id="assign_case")
async def assign_case(case_id: UUID, body: Assign, door: Door = opens("cases:work")) -> Response:
    """Name the owner; for the team's lead."""
    return await _run(door, ownership.assign_case, case_id=case_id, to=body.to)


@router.post("/release", response_model=CaseView, operation_id="release_case")
async def release_case(case_id: UUID, body: Note, door: Door = opens("cases:work")) -> Response:
    """Give a case back into its team's queue."""
    return await _run(door, ownership.release_case, case_id=case_id, note=body.note)


@router.post("/transfer", response_model=CaseView, operation_id="transfer_case")
async def transfer_case(case_id: UUID, body: Transfer, door: Door = opens("cases:work")) -> Response:
    """Give a case to another agent, with a reason."""
    return await _run(door, ownership.transfer_case, case_id=case_id, **body.model_dump())


@router.post("/wait", response_model=CaseView, operation_id="wait_for")
async def wait_for(case_id: UUID, body: Wait, door: Door = opens("cases:work")) -> Response:
    """Wait for the customer or a team; a wait without an end ends after three working days."""
    return await _run(door, waiting.wait_for, case_id=case_id, **body.model_dump())


@router.post("/resolve", response_model=CaseView, operation_id="resolve_case")
async def resolve_case(case_id: UUID, body: Resolve, door: Door = opens("cases:work")) -> Response:
    """The matter is settled; the customer is invited to say how it was."""
    return await _run(door, ending.resolve_case, case_id=case_id, resolution=body.resolution)


@router.post("/close", response_model=CaseView, operation_id="close_case")
async def close_case(case_id: UUID, body: Close, door: Door = opens("cases:work")) -> Response:
    """Close a resolved case of which the customer was told; their "no" reopens it."""
    return await _run(door, ending.close_case, case_id=case_id, confirmed=body.confirmed, note=body.note)


@router.post("/reopen", response_model=CaseView, operation_id="reopen_case")
async def reopen_case(case_id: UUID, body: Reopen, door: Door = opens("cases:work")) -> Response:
    """It was not over; from the second time on it goes to the lead."""
    return await _run(door, ending.reopen_case, case_id=case_id, reason=body.reason)


@router.post("/link", response_model=CaseView, operation_id="link_case")
async def link_case(case_id: UUID, body: NewLink, door: Door = opens("cases:work")) -> Response:
    """Note that a contact or another case belongs to this one."""
    told: dict[str, Any] = {"contact_id": body.contact_id, "other_id": body.case_id, "relation": body.relation}
    return await _run(door, linking.link_case, case_id=case_id, **told)


@router.post("/entries", status_code=201, response_model=CaseView, operation_id="add_case_entry")
async def add_case_entry(case_id: UUID, body: NewEntry, door: Door = opens("cases:work")) -> Response:
    """Put something on the timeline."""
    return await _run(door, describing.add_note, status=201, case_id=case_id, **body.model_dump())


@router.post("/customer-notices", status_code=201, response_model=CaseView, operation_id="inform_customer")
async def inform_customer(case_id: UUID, body: Notice, door: Door = opens("cases:work")) -> Response:
    """Record that the customer was told, with the channel and what was said."""
    return await _run(door, ending.inform_customer, status=201, case_id=case_id, **body.model_dump())


@router.get("/timeline", response_model=Page[Entry], operation_id="get_case_timeline")
async def get_case_timeline(
    case_id: UUID, limit: Limit = 50, after: After = None, door: Door = opens("cases:read")
) -> Response:
    """What happened to a case, oldest first, as far as the caller's role may see it."""
    return await door.read(timeline.case_timeline, actor=door.actor, case_id=case_id, limit=limit, after=after)


@router.get("/links", response_model=Page[Link], operation_id="list_case_links")
async def list_case_links(
    case_id: UUID, limit: Limit = 50, after: After = None, door: Door = opens("cases:read")
) -> Response:
    """What belongs to a case."""
    return await door.read(timeline.case_links, actor=door.actor, case_id=case_id, limit=limit, after=after)
