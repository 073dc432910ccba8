"""Punches, agent states, settled shifts with their corrections, and adherence."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Response

from services.roster.api.batches import BatchAnswer, answered, body_of, read_rows, rows_of
from services.roster.api.people import Day, UpdatedAfter
from services.roster.api.values import Instant
from services.roster.commands import corrections, states
from services.roster.commands import punches as commands
from services.roster.commands.punches import NewPunch, PunchAnswer
from services.roster.commands.states import NewState
from services.roster.domain.correction import Correction
from services.roster.domain.states import LONGEST_STATE
from services.roster.queries import adherence as adherence_queries
from services.roster.queries import attendance as queries
from services.roster.queries import corrections as correction_queries
from shared.platform.door import Door, opens
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router
from shared.platform.web import Body, Code, Text
from shared.platform.work import Work

router = Router(tags=["attendance"])


class PunchBody(Body):
    """Somebody came (`in`) or went (`out`)."""

    staff_no: Code
    kind: Literal["in", "out"]
    at: Instant


class StateBody(Body):
    """What the switch says an agent was doing, from `starts_at` until `ends_at` (excluded), at most 24 hours."""

    staff_no: Code
    state: Literal["ready", "busy", "talk", "hold", "wrap", "break", "meeting", "training", "other", "away", "offline"]
    starts_at: Instant
    ends_at: Instant


@router.post("/punches", status_code=201, response_model=PunchAnswer, operation_id="record_punch")
async def record_punch(body: PunchBody, door: Door = opens("roster:record")) -> Response:
    """Record a punch. The same one again is a `duplicate` and changes nothing."""
    return await door.run(commands.record_punch, status=201, punch=NewPunch(**body.model_dump()))


@router.post(
    "/punches:batch", response_model=BatchAnswer, operation_id="record_punches", openapi_extra=body_of(PunchBody)
)
async def record_punches(door: Door = opens("roster:record")) -> Response:
    """Record punches, a JSON array or NDJSON; each row has its own answer, a bad one stops no other."""
    return await door.run(_record_punches, rows=await rows_of(door), language=door.language)


async def _record_punches(work: Work, *, rows: list[Any], language: str) -> BatchAnswer:
    read = read_rows(rows, PunchBody, NewPunch)
    answers = await commands.record_punches(work, punches=[one for one in read if isinstance(one, NewPunch)])
    return answered(read, answers, language)


@router.post(
    "/states:batch", response_model=BatchAnswer, operation_id="record_states", openapi_extra=body_of(StateBody)
)
async def record_states(door: Door = opens("roster:record")) -> Response:
    """Record agent states, a JSON array or NDJSON; each row has its own answer, a bad one stops no other."""
    return await door.run(_record_states, rows=await rows_of(door), language=door.language)


async def _record_states(work: Work, *, rows: list[Any], language: str) -> BatchAnswer:
    read = read_rows(rows, StateBody, NewState)
    answers = await states.record_states(work, states=[one for one in read if isinstance(one, NewState)])
    return answered(read, answers, language, hours=LONGEST_STATE // timedelta(hours=1))


@router.get("/attendance", response_model=Page[queries.AttendanceView], operation_id="list_attendance")
async def list_attendance(
    *,
    team: Annotated[Code | None, Query(description="the team's id or code")] = None,
    on: Annotated[Day | None, Query(description="the day the shift starts")] = None,
    agent: Annotated[Code | None, Query(description="the agent's id or staff number")] = None,
    cause: Literal["agent", "management", "system", "excused"] | None = None,
    deviation: Literal["none", "late", "left_early", "absent", "wrong_shift", "unscheduled"] | None = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("roster:read"),
) -> Response:
    """Settled shifts in force, each with its evidence."""
    return await door.read(
        queries.list_attendance,
        actor=door.actor,
        team=team,
        on=on,
        agent=agent,
        cause=cause,
        deviation=deviation,
        limit=limit,
        after=after,
    )


@router.get("/attendance/{attendance_id}", response_model=queries.AttendanceHistory, operation_id="get_attendance")
async def get_attendance(attendance_id: UUID, door: Door = opens("roster:read")) -> Response:
    """One settled day with all its revisions."""
    return await door.read(queries.attendance_history, actor=door.actor, attendance_id=attendance_id)


class NewCorrection(Body):
    """Why a settled day is wrong; `came_at` and `went_at` say when the agent really came and went."""

    reason: Text
    came_at: Instant | None = None
    went_at: Instant | None = None


class CorrectionDecision(Body):
    """Why it was decided so."""

    reason: Text | None = None


@router.post(
    "/attendance/{attendance_id}/corrections",
    status_code=201,
    response_model=Correction,
    operation_id="request_correction",
)
async def request_correction(attendance_id: UUID, body: NewCorrection, door: Door = opens("roster:answer")) -> Response:
    """Ask that a settled day be corrected; somebody else decides."""
    return await door.run(corrections.request_correction, status=201, attendance_id=attendance_id, **body.model_dump())


@router.get("/corrections", response_model=Page[Correction], operation_id="list_corrections")
async def list_corrections(
    *,
    state: Literal["requested", "approved", "rejected"] | None = None,
    team: Annotated[Code | None, Query(description="the team's id or code")] = None,
    agent: Annotated[Code | None, Query(description="the agent's id or staff number")] = None,
    attendance_id: UUID | None = None,
    updated_after: UpdatedAfter = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("roster:read"),
) -> Response:
    """Corrections that the caller sees."""
    return await door.read(
        correction_queries.list_corrections,
        actor=door.actor,
        state=state,
        team=team,
        agent=agent,
        attendance_id=attendance_id,
        updated_after=updated_after,
        limit=limit,
        after=after,
    )


@router.get("/corrections/{correction_id}", response_model=Correction, operation_id="get_correction")
async def get_correction(correction_id: UUID, door: Door = opens("roster:read")) -> Response:
    """One correction."""
    return await door.read(correction_queries.correction, actor=door.actor, correction_id=correction_id)


@router.post("/corrections/{correction_id}/approve", response_model=Correction, operation_id="approve_correction")
async def approve_correction(
    correction_id: UUID, body: CorrectionDecision | None = None, door: Door = opens("roster:resolve")
) -> Response:
    """Grant a correction; the day is settled again as a new revision."""
    decision = body.reason if body else None
    return await door.run(corrections.approve_correction, correction_id=correction_id, decision=decision)


@router.post("/corrections/{correction_id}/reject", response_model=Correction, operation_id="reject_correction")
async def reject_correction(
    correction_id: UUID, body: CorrectionDecision | None = None, door: Door = opens("roster:resolve")
) -> Response:
    """Do not grant a correction."""
    decision = body.reason if body else None
    return await door.run(corrections.reject_correction, correction_id=correction_id, decision=decision)


@router.get("/adherence", response_model=Page[adherence_queries.AdherenceView], operation_id="list_adherence")
async def list_adherence(
    *,
    team: Annotated[Code | None, Query(description="the team's id or code")] = None,
    on: Annotated[Day | None, Query(description="the day the shift starts")] = None,
    agent: Annotated[Code | None, Query(description="the agent's id or staff number")] = None,
    basis: Annotated[Literal["in_force", "edited"] | None, Query(description="against which schedule")] = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("roster:read"),
) -> Response:
    """How far agents kept to their schedules: the figures in force, and beside them those of later versions."""
    return await door.read(
        adherence_queries.list_adherence,
        actor=door.actor,
        team=team,
        on=on,
        agent=agent,
        basis=basis,
        limit=limit,
        after=after,
    )


@router.get("/adherence/{measure_id}", response_model=adherence_queries.AdherenceHistory, operation_id="get_adherence")
async def get_adherence(measure_id: UUID, door: Door = opens("roster:read")) -> Response:
    """One figure with all its revisions."""
    return await door.read(adherence_queries.adherence_history, actor=door.actor, measure_id=measure_id)
