"""Hand-offs and progress requests over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import AliasChoices, Field
from starlette.responses import Response

from services.cases.api.contact_rows import Moment
from services.cases.commands import handoffs as commands
from services.cases.commands import progress as progress_commands
from services.cases.commands.handoffs import Asking, Said
from services.cases.domain.handoff import Handoff
from services.cases.domain.progress import ProgressRequest
from services.cases.queries import handoffs as queries
from shared.platform.door import Door, opens
from shared.platform.fields import Body, Code, Name, Text
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router

router = Router(tags=["hand-offs"])

State = Literal["requested", "accepted", "answered", "refused", "returned", "withdrawn", "closed"]
ProgressState = Literal["open", "answered", "overtaken"]
Channel = Literal["system", "phone", "chat", "email"]


class NewHandoff(Body):
    """Whom to ask (a team's or partner's code or id), why, and for what.

    `receiver` (a staff number) names a person there, who still has to accept. Times run on the receiver's calendar.
    """

    to_team: Code
    reason: Text
    request: Text
    channel: Channel | None = None
    receiver: Code | None = None
    ack_within_minutes: Annotated[int, Field(ge=1, le=100_000)] | None = None
    work_days: Annotated[int, Field(ge=1, le=365)] | None = None

    def asking(self) -> Asking:
        """As the command takes it."""
        return Asking(**self.model_dump())


class Reply(Body):
    """`by` and `at`: who replied and when, where the sender records what a partner said."""

    by: Name | None = None
    at: Moment | None = None

    def said(self) -> Said:
        """As the command takes it."""
        return Said(by=self.by, at=self.at)


class Accept(Reply):
    """The work is taken on."""

    note: Text | None = None


class Refuse(Reply):
    """A no, and why."""

    reason: Text


class GiveBack(Reply):
    """Back to the sender, with what is to be known."""

    note: Annotated[Text, Field(validation_alias=AliasChoices("note", "reason"))]


class Progress(Reply):
    """Where the work stands, and until when."""

    note: Text
    eta_at: Moment | None = None


class Answer(Reply):
    """What came of it."""

    answer: Text


class Withdraw(Body):
    """Why it is not needed any more."""

    reason: Text | None = None


class AskAgain(Body):
    """What the customer wants to know, and the contact in which they asked again."""

    request: Text | None = None
    contact_id: UUID | None = None


class Standing(Body):
    """Where it stands, and the new time. "Please wait" alone is refused."""

    standing: Text
    eta_at: Moment


@router.post("/cases/{case_id}/handoffs", status_code=201, response_model=Handoff, operation_id="request_handoff")
async def request_handoff(case_id: UUID, body: NewHandoff, door: Door = opens("cases:work")) -> Response:
    """Ask another team to act; the case and the customer stay with the sender."""
    return await door.run(commands.request_handoff, status=201, case_id=case_id, asking=body.asking())


@router.get("/cases/{case_id}/handoffs", response_model=Page[Handoff], operation_id="list_case_handoffs")
async def list_case_handoffs(
    case_id: UUID, limit: Limit = 50, after: After = None, door: Door = opens("cases:read")
) -> Response:
    """The hops of a case in their order."""
    return await door.read(
        queries.list_handoffs,
        actor=door.actor,
        states=(),
        team=None,
        case_id=case_id,
        updated_after=None,
        limit=limit,
        after=after,
    )


@router.get("/cases/{case_id}/hops", response_model=queries.Whereabouts, operation_id="get_case_hops")
async def get_case_hops(case_id: UUID, door: Door = opens("cases:read")) -> Response:
    """Where a case spent its time, hop by hop and wait by wait; it sums to its age."""
    return await door.read(queries.whereabouts, actor=door.actor, case_id=case_id, now=door.database.clock.now())


@router.get("/cases/{case_id}/missed-steps", response_model=queries.Missed, operation_id="get_missed_steps")
async def get_missed_steps(case_id: UUID, door: Door = opens("cases:read")) -> Response:
    """Which steps were missed on a case's way, and who held them."""
    return await door.read(queries.missed, actor=door.actor, case_id=case_id, now=door.database.clock.now())


@router.get("/handoffs", response_model=Page[Handoff], operation_id="list_handoffs")
async def list_handoffs(
    *,
    state: Annotated[list[State] | None, Query(description="one or more states")] = None,
    team: Annotated[Code | None, Query(description="the sending or asked team, by id or code")] = None,
    case_id: UUID | None = None,
    updated_after: Moment | None = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("cases:read"),
) -> Response:
    """Hops of the caller's teams, the oldest first."""
    return await door.read(
        queries.list_handoffs,
        actor=door.actor,
        states=state or (),
        team=team,
        case_id=case_id,
        updated_after=updated_after,
        limit=limit,
        after=after,
    )


@router.get("/handoffs/{handoff_id}", response_model=Handoff, operation_id="get_handoff")
async def get_handoff(handoff_id: UUID, door: Door = opens("cases:read")) -> Response:
    """One hop: its clocks and its history."""
    return await door.read(queries.get_handoff, actor=door.actor, handoff_id=handoff_id)


@router.post("/handoffs/{handoff_id}/accept", response_model=Handoff, operation_id="accept_handoff")
async def accept_handoff(handoff_id: UUID, body: Accept, door: Door = opens("cases:work")) -> Response:
    """Take the work on; only this moves it."""
    return await door.run(commands.accept_handoff, handoff_id=handoff_id, said=body.said(), note=body.note)


@router.post("/handoffs/{handoff_id}/refuse", response_model=Handoff, operation_id="refuse_handoff")
async def refuse_handoff(handoff_id: UUID, body: Refuse, door: Door = opens("cases:work")) -> Response:
    """Say no; it is the sender's again."""
    return await door.run(commands.refuse_handoff, handoff_id=handoff_id, said=body.said(), reason=body.reason)


@router.post("/handoffs/{handoff_id}/return", response_model=Handoff, operation_id="return_handoff")
async def return_handoff(handoff_id: UUID, body: GiveBack, door: Door = opens("cases:work")) -> Response:
    """Give it back to the sender."""
    return await door.run(commands.return_handoff, handoff_id=handoff_id, said=body.said(), note=body.note)


@router.post("/handoffs/{handoff_id}/progress", response_model=Handoff, operation_id="report_handoff_progress")
async def report_handoff_progress(handoff_id: UUID, body: Progress, door: Door = opens("cases:work")) -> Response:
    """Say where it stands, without being asked."""
    return await door.run(
        commands.report_progress, handoff_id=handoff_id, said=body.said(), note=body.note, eta_at=body.eta_at
    )


@router.post("/handoffs/{handoff_id}/answer", response_model=Handoff, operation_id="answer_handoff")
async def answer_handoff(handoff_id: UUID, body: Answer, door: Door = opens("cases:work")) -> Response:
    """Answer; the sender now owes the customer the word."""
    return await door.run(commands.answer_handoff, handoff_id=handoff_id, said=body.said(), answer=body.answer)


@router.post("/handoffs/{handoff_id}/withdraw", response_model=Handoff, operation_id="withdraw_handoff")
async def withdraw_handoff(handoff_id: UUID, body: Withdraw, door: Door = opens("cases:work")) -> Response:
    """The sender takes the question back."""
    return await door.run(commands.withdraw_handoff, handoff_id=handoff_id, reason=body.reason)


@router.post("/handoffs/{handoff_id}/close", response_model=Handoff, operation_id="close_handoff")
async def close_handoff(handoff_id: UUID, door: Door = opens("cases:work")) -> Response:
    """Close an answered hop once the customer was told."""
    return await door.run(commands.close_handoff, handoff_id=handoff_id)


@router.post(
    "/cases/{case_id}/progress-requests",
    status_code=201,
    response_model=ProgressRequest,
    operation_id="request_progress",
)
async def request_progress(case_id: UUID, body: AskAgain, door: Door = opens("cases:work")) -> Response:
    """The customer asks again: the handler of the open hand-off has to say where it stands."""
    return await door.run(
        progress_commands.request_progress,
        status=201,
        case_id=case_id,
        request=body.request,
        contact_id=body.contact_id,
    )


@router.get("/progress-requests", response_model=Page[ProgressRequest], operation_id="list_progress_requests")
async def list_progress_requests(
    *,
    state: Annotated[ProgressState | None, Query()] = None,
    case_id: UUID | None = None,
    handoff_id: UUID | None = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("cases:read"),
) -> Response:
    """Progress requests of the caller's teams, the oldest first."""
    return await door.read(
        queries.list_progress_requests,
        actor=door.actor,
        state=state,
        case_id=case_id,
        handoff_id=handoff_id,
        limit=limit,
        after=after,
    )


@router.get("/progress-requests/{progress_id}", response_model=ProgressRequest, operation_id="get_progress_request")
async def get_progress_request(progress_id: UUID, door: Door = opens("cases:read")) -> Response:
    """One progress request."""
    return await door.read(queries.get_progress_request, actor=door.actor, progress_id=progress_id)


@router.post(
    "/progress-requests/{progress_id}/answer", response_model=ProgressRequest, operation_id="answer_progress_request"
)
async def answer_progress_request(progress_id: UUID, body: Standing, door: Door = opens("cases:work")) -> Response:
    """Say where it stands and until when; the sender promises the customer to pass it on."""
    return await door.run(
        progress_commands.answer_progress, progress_id=progress_id, standing=body.standing, eta_at=body.eta_at
    )
