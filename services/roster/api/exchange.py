"""Swaps, shifts given away, and open shifts."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import Field

from services.roster.api.people import Day, UpdatedAfter
from services.roster.commands import open_shifts, swaps
from services.roster.domain.open_shift import OpenShift
from services.roster.domain.swap import Swap
from services.roster.queries import exchange as queries
from shared.platform.door import Door, opens
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router
from shared.platform.web import Body, Code, Text

router = Router()


class NewSwap(Body):
    """One's shift of day `on`, offered to `with_staff_no`, for theirs of `with_on` or (without it) for nothing.

    Without `staff_no` it is the caller's own.
    """

    staff_no: Code | None = None
    on: Day
    with_staff_no: Code
    with_on: Day | None = None
    note: Text | None = None


class Why(Body):
    """Why, if there is more to say."""

    reason: Text | None = None


@router.post("/swaps", status_code=201, response_model=Swap, operation_id="offer_swap", tags=["swaps"])
async def offer_swap(body: NewSwap, door: Door = opens("roster:answer")) -> Response:
    """Offer a shift to a colleague."""
    return await door.run(swaps.offer_swap, status=201, **body.model_dump())


@router.get("/swaps", response_model=Page[Swap], operation_id="list_swaps", tags=["swaps"])
async def list_swaps(
    *,
    state: Literal["offered", "accepted", "approved", "rejected", "withdrawn", "lapsed"] | None = None,
    team: Annotated[Code | None, Query(description="the team's id or code")] = None,
    agent: Annotated[Code | None, Query(description="the staff number of either side")] = None,
    updated_after: UpdatedAfter = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("roster:read"),
) -> Response:
    """Swaps that the caller is part of, or leads the team of."""
    return await door.read(
        queries.list_swaps,
        actor=door.actor,
        state=state,
        team=team,
        agent=agent,
        updated_after=updated_after,
        limit=limit,
        after=after,
    )


@router.get("/swaps/{swap_id}", response_model=Swap, operation_id="get_swap", tags=["swaps"])
async def get_swap(swap_id: UUID, door: Door = opens("roster:read")) -> Response:
    """One swap."""
    return await door.read(queries.swap, actor=door.actor, swap_id=swap_id)


@router.post("/swaps/{swap_id}/accept", response_model=Swap, operation_id="accept_swap", tags=["swaps"])
async def accept_swap(swap_id: UUID, door: Door = opens("roster:answer")) -> Response:
    """Say yes to what is offered; the team's rules may approve it at once."""
    return await door.run(swaps.accept_swap, swap_id=swap_id)


@router.post("/swaps/{swap_id}/approve", response_model=Swap, operation_id="approve_swap", tags=["swaps"])
async def approve_swap(swap_id: UUID, body: Why | None = None, door: Door = opens("roster:approve")) -> Response:
    """Approve what both agreed to: the next version has it, confirmed by both."""
    return await door.run(swaps.approve_swap, swap_id=swap_id, reason=body.reason if body else None)


@router.post("/swaps/{swap_id}/reject", response_model=Swap, operation_id="reject_swap", tags=["swaps"])
async def reject_swap(swap_id: UUID, body: Why | None = None, door: Door = opens("roster:answer")) -> Response:
    """Decline what is offered, or (as lead) do not approve it."""
    return await door.run(swaps.reject_swap, swap_id=swap_id, reason=body.reason if body else None)


@router.post("/swaps/{swap_id}/withdraw", response_model=Swap, operation_id="withdraw_swap", tags=["swaps"])
async def withdraw_swap(swap_id: UUID, door: Door = opens("roster:answer")) -> Response:
    """Take back what one has offered."""
    return await door.run(swaps.withdraw_swap, swap_id=swap_id)


class NewOpenShift(Body):
    """A shift that nobody has: of a roster, or of a team's roster for that day. `code` may be explicit times."""

    roster_id: UUID | None = None
    team_id: UUID | None = None
    on: Day
    code: Code
    skills: list[Code] = Field([], max_length=100)
    note: Text | None = None


class Claim(Body):
    """Who claims it; without `staff_no` the caller."""

    staff_no: Code | None = None


@router.post("/open-shifts", status_code=201, response_model=OpenShift, operation_id="open_shift", tags=["open shifts"])
async def open_shift(body: NewOpenShift, door: Door = opens("roster:plan")) -> Response:
    """Put up a shift for whoever can and claims first."""
    given = body.model_dump() | {"skills": tuple(body.skills)}
    return await door.run(open_shifts.open_shift, status=201, **given)


@router.get("/open-shifts", response_model=Page[OpenShift], operation_id="list_open_shifts", tags=["open shifts"])
async def list_open_shifts(
    *,
    state: Literal["open", "claimed", "withdrawn", "lapsed"] | None = None,
    team: Annotated[Code | None, Query(description="the team's id or code")] = None,
    on: Day | None = None,
    updated_after: UpdatedAfter = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("roster:read"),
) -> Response:
    """The open shifts of the caller's team."""
    return await door.read(
        queries.list_open_shifts,
        actor=door.actor,
        state=state,
        team=team,
        on=on,
        updated_after=updated_after,
        limit=limit,
        after=after,
    )


@router.get(
    "/open-shifts/{open_shift_id}", response_model=OpenShift, operation_id="get_open_shift", tags=["open shifts"]
)
async def get_open_shift(open_shift_id: UUID, door: Door = opens("roster:read")) -> Response:
    """One open shift."""
    return await door.read(queries.open_shift, actor=door.actor, open_shift_id=open_shift_id)


@router.post(
    "/open-shifts/{open_shift_id}/claim",
    response_model=OpenShift,
    operation_id="claim_open_shift",
    tags=["open shifts"],
)
async def claim_open_shift(
    open_shift_id: UUID, body: Claim | None = None, door: Door = opens("roster:answer")
) -> Response:
    """Claim a shift; the first valid claim has it."""
    staff_no = body.staff_no if body else None
    return await door.run(open_shifts.claim_open_shift, open_shift_id=open_shift_id, staff_no=staff_no)


@router.post(
    "/open-shifts/{open_shift_id}/withdraw",
    response_model=OpenShift,
    operation_id="withdraw_open_shift",
    tags=["open shifts"],
)
async def withdraw_open_shift(
    open_shift_id: UUID, body: Why | None = None, door: Door = opens("roster:plan")
) -> Response:
    """Take back a shift that nobody has claimed."""
    reason = body.reason if body else None
    return await door.run(open_shifts.withdraw_open_shift, open_shift_id=open_shift_id, reason=reason)
