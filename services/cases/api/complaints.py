"""Complaints over HTTP: the stages under a case, the desk's list, guidance, proposals."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, Field
from starlette.responses import Response

from services.cases.commands import complaint_desk, monitors
from services.cases.commands import complaints as commands
from services.cases.commands.complaints import Capture
from services.cases.commands.handoffs import Asking
from services.cases.domain.monitor import MonitorProposal
from services.cases.queries import complaints as queries
from services.cases.queries.complaints import ComplaintInShort, ComplaintView, GuidanceText
from shared.contracts.refusal import Fault, Refusal
from shared.platform.door import Door, opens
from shared.platform.fields import Body, Code, Text
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router

router = Router(tags=["complaints"])

Stage = Literal["raised", "acknowledged", "assessed", "dispatched", "decided", "responded", "closed"]
Subjects = Annotated[list[Code], Field(max_length=20)]


class RaiseComplaint(Body):
    """What the customer says. `subjects` are staff numbers; an upset agent may be marked for support."""

    said: Text
    subjects: Subjects = []
    step: Code | None = None
    support_wanted: bool = False
    support_for: Code | None = None

    def capture(self) -> Capture:
        """As the command takes it."""
        told = {name: getattr(self, name) for name in type(self).model_fields}
        return Capture(**told | {"subjects": tuple(self.subjects)})


class AcknowledgeComplaint(Body):
    """How the customer was told that it was received, and what was said."""

    channel: Code
    text: Text


class AssessComplaint(Body):
    """What kind it is; compensation needs whether there was a loss. `step` is where in the service it went wrong."""

    kind: Literal["genuine", "recognition", "compensation"]
    loss: Literal["yes", "no", "unknown"] | None = None
    findings: Text
    subjects: Subjects | None = None
    step: Code | None = None


class DispatchComplaint(Body):
    """The department to ask and what for; or why none has to be asked (`waived`)."""

    to_team: Code | None = None
    request: Text | None = None
    reason: Text = "complaint"
    channel: Literal["system", "phone", "chat", "email"] | None = None
    receiver: Code | None = None
    ack_within_minutes: Annotated[int, Field(ge=1, le=43_200)] | None = None
    work_days: Annotated[int, Field(ge=1, le=260)] | None = None
    waived: Text | None = None

    def asking(self) -> Asking | None:
        """As hand-offs take it; none when waived. 422 unless it is clearly one of the two."""
        if self.waived is not None and self.to_team is None:
            return None
        if self.waived is not None or self.to_team is None or self.request is None:
            raise Refusal("invalid-value", faults=(Fault("to_team", "complaint-dispatch-unclear", {}),))
        return Asking(
            to_team=self.to_team,
            reason=self.reason,
            request=self.request,
            channel=self.channel,
            receiver=self.receiver,
            ack_within_minutes=self.ack_within_minutes,
            work_days=self.work_days,
        )


class DecideComplaint(Body):
    """The decision, why, and what is done for the customer."""

    decision: Literal["upheld", "partly_upheld", "rejected"]
    reasons: Text
    remedy: Text


class Respond(Body):
    """What the customer said to the decision, on which channel; `silent` counts once their time is over."""

    response: Literal["accepted", "appealed", "silent"]
    channel: Code
    said: Text


class CloseComplaint(Body):
    """Why it came to this. `step` is needed unless it was said before."""

    root_cause: Literal["business", "service", "process", "management", "system"]
    step: Code | None = None
    note: Text


class AskSupport(Body):
    """Who is upset (oneself by default)."""

    staff_no: Code | None = None
    note: Text | None = None


class GiveSupport(Body):
    """What was done for the agent."""

    note: Text


class DecideProposal(Body):
    """Whether to invite the customer as a service monitor."""

    decision: Literal["invited", "declined"]
    note: Text | None = None


@router.post(
    "/cases/{case_id}/complaint", status_code=201, response_model=ComplaintView, operation_id="raise_complaint"
)
async def raise_complaint(case_id: UUID, body: RaiseComplaint, door: Door = opens("cases:work")) -> Response:
    """Take a complaint down; the duty manager's desk has it, and the agent is free."""
    return await door.run(
        commands.raise_complaint, status=201, case_id=case_id, capture=body.capture(), language=door.language
    )


@router.post(
    "/cases/{case_id}/complaint/raise",
    status_code=201,
    response_model=ComplaintView,
    operation_id="raise_complaint_by_name",
)
async def raise_complaint_by_name(case_id: UUID, body: RaiseComplaint, door: Door = opens("cases:work")) -> Response:
    """The same, as a stage like the others."""
    return await raise_complaint(case_id, body, door)


@router.get("/cases/{case_id}/complaint", response_model=ComplaintView, operation_id="get_complaint")
async def get_complaint(case_id: UUID, door: Door = opens("cases:read")) -> Response:
    """A case's complaint with its guidance, its evidence and what is still missing."""
    return await door.read(queries.get_complaint, actor=door.actor, case_id=case_id, language=door.language)


@router.post(
    "/cases/{case_id}/complaint/acknowledge", response_model=ComplaintView, operation_id="acknowledge_complaint"
)
async def acknowledge_complaint(
    case_id: UUID, body: AcknowledgeComplaint, door: Door = opens("cases:work")
) -> Response:
    """The customer was told that it was received."""
    return await door.run(commands.acknowledge_complaint, case_id=case_id, language=door.language, **body.model_dump())


@router.post("/cases/{case_id}/complaint/assess", response_model=ComplaintView, operation_id="assess_complaint")
async def assess_complaint(case_id: UUID, body: AssessComplaint, door: Door = opens("cases:work")) -> Response:
    """What kind it is, what was found, whom it is about."""
    told = body.model_dump() | {"subjects": None if body.subjects is None else tuple(body.subjects)}
    return await door.run(commands.assess_complaint, case_id=case_id, language=door.language, **told)


@router.post("/cases/{case_id}/complaint/dispatch", response_model=ComplaintView, operation_id="dispatch_complaint")
async def dispatch_complaint(case_id: UUID, body: DispatchComplaint, door: Door = opens("cases:work")) -> Response:
    """Ask a department, as a hand-off."""
    return await door.run(
        commands.dispatch_complaint,
        case_id=case_id,
        asking=body.asking(),
        waived=body.waived,
        language=door.language,
    )


@router.post("/cases/{case_id}/complaint/decide", response_model=ComplaintView, operation_id="decide_complaint")
async def decide_complaint(case_id: UUID, body: DecideComplaint, door: Door = opens("cases:work")) -> Response:
    """Decide it."""
    return await door.run(commands.decide_complaint, case_id=case_id, language=door.language, **body.model_dump())


@router.post("/cases/{case_id}/complaint/respond", response_model=ComplaintView, operation_id="respond_to_complaint")
async def respond_to_complaint(case_id: UUID, body: Respond, door: Door = opens("cases:work")) -> Response:
    """What the customer said to the decision."""
    return await door.run(commands.take_response, case_id=case_id, language=door.language, **body.model_dump())


@router.post("/cases/{case_id}/complaint/close", response_model=ComplaintView, operation_id="close_complaint")
async def close_complaint(case_id: UUID, body: CloseComplaint, door: Door = opens("cases:work")) -> Response:
    """Close it with its root cause."""
    return await door.run(commands.close_complaint, case_id=case_id, language=door.language, **body.model_dump())


@router.post(
    "/cases/{case_id}/complaint/ask-support", response_model=ComplaintView, operation_id="ask_complaint_support"
)
async def ask_complaint_support(case_id: UUID, body: AskSupport, door: Door = opens("cases:work")) -> Response:
    """Mark an agent whom it has upset."""
    return await door.run(complaint_desk.ask_support, case_id=case_id, language=door.language, **body.model_dump())


@router.post(
    "/cases/{case_id}/complaint/give-support", response_model=ComplaintView, operation_id="give_complaint_support"
)
async def give_complaint_support(case_id: UUID, body: GiveSupport, door: Door = opens("cases:work")) -> Response:
    """The agent was looked after."""
    return await door.run(complaint_desk.give_support, case_id=case_id, language=door.language, note=body.note)


@router.get("/complaints", response_model=Page[ComplaintInShort], operation_id="list_complaints")
async def list_complaints(
    *,
    mine: Annotated[bool, Query(description="the caller's desk")] = False,
    stage: Annotated[list[Stage] | None, Query(description="one or more stages")] = None,
    handler: Annotated[Code | None, Query(description="a staff number")] = None,
    team_id: UUID | None = None,
    customer_id: UUID | None = None,
    support: Annotated[bool, Query(description="an agent waits to be looked after")] = False,
    overdue: bool = False,
    updated_after: AwareDatetime | None = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("cases:read"),
) -> Response:
    """Complaints, the oldest first."""
    return await door.read(
        queries.list_complaints,
        actor=door.actor,
        now=door.database.clock.now(),
        mine=mine,
        stages=stage or [],
        handler=handler,
        team_id=team_id,
        customer_id=customer_id,
        support=support,
        overdue=overdue,
        updated_after=updated_after,
        limit=limit,
        after=after,
    )


@router.get("/complaint-guidance", response_model=list[GuidanceText], operation_id="list_complaint_guidance")
async def list_complaint_guidance(door: Door = opens("cases:read")) -> Response:
    """How to meet each kind of complaint, in the caller's language."""
    return await door.read(queries.guidance_texts, language=door.language)


@router.get("/monitor-proposals", response_model=Page[MonitorProposal], operation_id="list_monitor_proposals")
async def list_monitor_proposals(
    *,
    state: Literal["open", "invited", "declined", "lapsed"] | None = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("cases:read"),
) -> Response:
    """Customers to be invited as service monitors, for their claims without loss."""
    return await door.read(queries.list_proposals, state=state, limit=limit, after=after)


@router.post(
    "/monitor-proposals/{proposal_id}/decide", response_model=MonitorProposal, operation_id="decide_monitor_proposal"
)
async def decide_monitor_proposal(
    proposal_id: UUID, body: DecideProposal, door: Door = opens("cases:work")
) -> Response:
    """Invite the customer, or decline to."""
    return await door.run(monitors.decide_proposal, proposal_id=proposal_id, **body.model_dump())
