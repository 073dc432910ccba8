"""Shift changes: the confirmation board, answers, resolutions; and an agent's shifts."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import Query, Response
from pydantic import model_validator

from services.roster.api.people import Day, UpdatedAfter
from services.roster.commands import changes as commands
from services.roster.domain.change import ShiftChange
from services.roster.domain.roster import require_sensible_period
from services.roster.queries import board, candidates
from services.roster.queries import changes as queries
from shared.platform.door import Door, opens
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router
from shared.platform.web import Body, Code, Text

router = Router(tags=["shift changes"])

State = Literal["pending", "notified", "opened", "confirmed", "refused", "expired", "superseded", "withdrawn"]
Channel = Literal["link", "console", "phone", "chat"]


class Confirm(Body):
    """A yes, to the text that was `shown`. A lead records a `phone` call, with a note of what was said."""

    channel: Channel = "console"
    note: Text | None = None
    shown: Text | None = None


class Refuse(Body):
    """A no, and why."""

    reason: Text
    channel: Channel = "console"


ACTIONS = ("withdraw", "reassign", "insist")


class Resolve(Body):
    """`insist` keeps the plan; `withdraw` and `reassign` give the agent back what they had confirmed.

    `reassign` may name a `substitute` (staff number): a new version gives them the shifts, and they are asked.
    Short forms: `{"withdraw": true, "reason"}`, `{"insist": true, "reason"}`, `{"reassign": "A002", "reason"}`.
    """

    action: Literal["withdraw", "reassign", "insist"]
    reason: Text
    substitute: Code | None = None

    @model_validator(mode="before")
    @classmethod
    def _read_short_form(cls, body: Any) -> Any:
        said = [word for word in ACTIONS if isinstance(body, dict) and body.get(word)]
        if len(said) != 1 or "action" in body:
            return body
        rest = {name: value for name, value in body.items() if name != said[0]}
        named = {"substitute": body["reassign"]} if isinstance(body.get("reassign"), str) else {}
        return {"action": said[0]} | named | rest

    @model_validator(mode="after")
    def _only_reassigned(self) -> Self:
        if self.substitute and self.action != "reassign":
            raise ValueError("a substitute goes with reassign")
        return self


@router.get("/shift-changes", response_model=Page[ShiftChange], operation_id="list_shift_changes")
async def list_shift_changes(
    *,
    state: Annotated[list[State] | None, Query(description="one or more states")] = None,
    team: Annotated[Code | None, Query(description="the team's id or code")] = None,
    agent: Annotated[Code | None, Query(description="the agent's id or staff number")] = None,
    roster_id: UUID | None = None,
    updated_after: UpdatedAfter = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("roster:read"),
) -> Response:
    """The confirmation board: who has been asked what, and how it stands."""
    return await door.read(
        queries.list_changes,
        actor=door.actor,
        states=state or [],
        team=team,
        agent=agent,
        roster_id=roster_id,
        updated_after=updated_after,
        limit=limit,
        after=after,
    )


@router.get("/confirmation-board", response_model=board.Board, operation_id="get_confirmation_board")
async def get_confirmation_board(
    *,
    team: Annotated[Code | None, Query(description="the team's id or code")] = None,
    roster_id: UUID | None = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("roster:read"),
) -> Response:
    """The whole board in one go: team × state, and what waits, by deadline, with what to do next."""
    return await door.read(
        board.confirmation_board,
        actor=door.actor,
        team=team,
        roster_id=roster_id,
        now=door.database.clock.now(),
        language=door.language,
        limit=limit,
        after=after,
    )


@router.get("/shift-changes/{change_id}", response_model=ShiftChange, operation_id="get_shift_change")
async def get_shift_change(change_id: UUID, door: Door = opens("roster:read")) -> Response:
    """One shift change: its days before and after, its deadline and its history."""
    return await door.read(queries.shift_change, actor=door.actor, change_id=change_id)


@router.post("/shift-changes/{change_id}/confirm", response_model=ShiftChange, operation_id="confirm_shift_change")
async def confirm_shift_change(change_id: UUID, body: Confirm, door: Door = opens("roster:answer")) -> Response:
    """Say yes: the planned shifts become the ones the agent answers for."""
    return await door.run(commands.confirm_change, change_id=change_id, **body.model_dump())


@router.post("/shift-changes/{change_id}/refuse", response_model=ShiftChange, operation_id="refuse_shift_change")
async def refuse_shift_change(change_id: UUID, body: Refuse, door: Door = opens("roster:answer")) -> Response:
    """Say no: the agent answers for what they had confirmed until a supervisor resolves it."""
    return await door.run(commands.refuse_change, change_id=change_id, channel=body.channel, reason=body.reason)


@router.post("/shift-changes/{change_id}/resolve", response_model=ShiftChange, operation_id="resolve_shift_change")
async def resolve_shift_change(change_id: UUID, body: Resolve, door: Door = opens("roster:resolve")) -> Response:
    """Decide a refused or expired change, or withdraw an open one."""
    return await door.run(commands.resolve_change, change_id=change_id, **body.model_dump())


@router.get(
    "/shift-changes/{change_id}/candidates",
    response_model=candidates.Candidates,
    operation_id="list_shift_change_candidates",
)
async def list_candidates(change_id: UUID, door: Door = opens("roster:resolve")) -> Response:
    """Who of the team could take over: who passes skills, leave, rest and hours, and why the others do not."""
    return await door.read(
        candidates.candidates,
        actor=door.actor,
        change_id=change_id,
        now=door.database.clock.now(),
        language=door.language,
    )


@router.get("/agents/{agent_id}/shifts", response_model=queries.AgentShifts, operation_id="list_agent_shifts")
async def list_agent_shifts(
    *,
    agent_id: UUID,
    from_: Annotated[Day, Query(alias="from")],
    to: Day,
    door: Door = opens("roster:read"),
) -> Response:
    """An agent's days: what is planned beside what they answer for, and why the two differ."""
    require_sensible_period(from_, to)
    return await door.read(
        queries.agent_shifts,
        actor=door.actor,
        agent_id=agent_id,
        from_on=from_,
        to_on=to,
        language=door.language,
    )
