"""Leave."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import Field

from services.roster.api.people import Day, UpdatedAfter
from services.roster.api.values import Instant
from services.roster.commands import leave as commands
from services.roster.domain.leave import Leave
from services.roster.queries import leave as queries
from shared.platform.door import Door, opens
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router
from shared.platform.web import Body, Code, Text

router = Router(tags=["leave"])

Kind = Literal[
    "annual", "sick", "personal", "compensatory", "marriage", "maternity", "paternity", "bereavement", "other"
]


class NewLeave(Body):
    """Leave for whole days, both included, or with `starts_at` and `ends_at` for hours of one day.

    Days are the shifts' (`shift_on`), in the team's zone. Without `staff_no` it is the caller's own.
    """

    staff_no: Code | None = None
    kind: Kind = "annual"
    from_on: Day = Field(alias="from")
    to_on: Day = Field(alias="to")
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    note: Text | None = None


class Decision(Body):
    """Why, if there is more to say."""

    reason: Text | None = None


@router.post("/leave-requests", status_code=201, response_model=queries.LeaveView, operation_id="request_leave")
async def request_leave(body: NewLeave, door: Door = opens("roster:answer")) -> Response:
    """Ask for leave."""
    return await door.run(commands.request_leave, status=201, **body.model_dump())


@router.get("/leave-requests", response_model=Page[Leave], operation_id="list_leave_requests")
async def list_leave_requests(
    *,
    state: Literal["requested", "approved", "rejected", "withdrawn", "cancelled"] | None = None,
    team: Annotated[Code | None, Query(description="the team's id or code")] = None,
    agent: Annotated[Code | None, Query(description="the agent's id or staff number")] = None,
    from_: Annotated[Day | None, Query(alias="from", description="leave that has not ended before this day")] = None,
    to: Annotated[Day | None, Query(description="leave that begins by this day")] = None,
    updated_after: UpdatedAfter = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("roster:read"),
) -> Response:
    """The leave that the caller sees."""
    return await door.read(
        queries.list_leave,
        actor=door.actor,
        state=state,
        team=team,
        agent=agent,
        from_on=from_,
        to_on=to,
        updated_after=updated_after,
        limit=limit,
        after=after,
    )


@router.get("/leave-requests/{leave_id}", response_model=queries.LeaveView, operation_id="get_leave_request")
async def get_leave_request(leave_id: UUID, door: Door = opens("roster:read")) -> Response:
    """One leave request, and how the team is covered without the agent."""
    return await door.read(queries.leave_request, actor=door.actor, leave_id=leave_id)


@router.post(
    "/leave-requests/{leave_id}/approve", response_model=queries.LeaveView, operation_id="approve_leave_request"
)
async def approve_leave_request(
    leave_id: UUID, body: Decision | None = None, door: Door = opens("roster:approve")
) -> Response:
    """Grant leave. Published shifts of these days become a shift change, which the agent has to confirm."""
    return await door.run(commands.approve_leave, leave_id=leave_id, reason=body.reason if body else None)


@router.post("/leave-requests/{leave_id}/reject", response_model=queries.LeaveView, operation_id="reject_leave_request")
async def reject_leave_request(
    leave_id: UUID, body: Decision | None = None, door: Door = opens("roster:approve")
) -> Response:
    """Do not grant leave."""
    return await door.run(commands.reject_leave, leave_id=leave_id, reason=body.reason if body else None)


@router.post(
    "/leave-requests/{leave_id}/withdraw", response_model=queries.LeaveView, operation_id="withdraw_leave_request"
)
async def withdraw_leave_request(leave_id: UUID, door: Door = opens("roster:answer")) -> Response:
    """Take back a request that is not decided yet."""
    return await door.run(commands.withdraw_leave, leave_id=leave_id)


@router.post("/leave-requests/{leave_id}/cancel", response_model=queries.LeaveView, operation_id="cancel_leave_request")
async def cancel_leave_request(
    leave_id: UUID, body: Decision | None = None, door: Door = opens("roster:answer")
) -> Response:
    """Give approved leave back, as far as it has not begun. Shifts that it took away come back as a shift change."""
    return await door.run(commands.cancel_leave, leave_id=leave_id, reason=body.reason if body else None)
