"""Punches, and settled shifts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import ValidationError

from services.roster.api.people import Day
from services.roster.api.values import Instant
from services.roster.commands import punches as commands
from services.roster.commands.punches import NewPunch, PunchAnswer
from services.roster.queries import attendance as queries
from shared.contracts.refusal import Refusal
from shared.platform.door import Door, opens
from shared.platform.paging import After, Limit, Page
from shared.platform.problems import sentence
from shared.platform.web import Body, Code
from shared.platform.work import Work

router = APIRouter(tags=["attendance"])

BATCH_LIMIT = 20_000


class PunchBody(Body):
    """Somebody came (`in`) or went (`out`)."""

    staff_no: Code
    kind: Literal["in", "out"]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class RowAnswer:
    """What became of one row, counted from 1: `recorded`, `duplicate`, or `refused` with code and reason."""

    row: int
    status: str
    code: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAnswer:
    """What became of each row."""

    recorded: int
    duplicates: int
    refused: int
    items: list[RowAnswer]


@router.post("/punches", status_code=201, response_model=PunchAnswer, operation_id="record_punch")
async def record_punch(body: PunchBody, door: Door = opens("roster:record")) -> Response:
    """Record a punch. The same one again is a `duplicate` and changes nothing."""
    return await door.run(commands.record_punch, status=201, punch=NewPunch(**body.model_dump()))


@router.post(
    "/punches:batch",
    response_model=BatchAnswer,
    operation_id="record_punches",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"type": "array", "items": PunchBody.model_json_schema()}},
                "application/x-ndjson": {"schema": {"type": "string"}},
            },
        }
    },
)
async def record_punches(door: Door = opens("roster:record")) -> Response:
    """Record punches, a JSON array or NDJSON; each row has its own answer, a bad one stops no other."""
    rows = _rows(await door.request.body(), door.request.headers.get("content-type", ""))
    return await door.run(_record_rows, rows=rows, language=door.language)


async def _record_rows(work: Work, *, rows: list[Any], language: str) -> BatchAnswer:
    read = [_read(row) for row in rows]
    answers = iter(await commands.record_punches(work, punches=[one for one in read if isinstance(one, NewPunch)]))
    items = [
        _row_answer(number, one if isinstance(one, str) else next(answers), language)
        for number, one in enumerate(read, 1)
    ]
    counts = {status: sum(item.status == status for item in items) for status in ("recorded", "duplicate", "refused")}
    return BatchAnswer(
        recorded=counts["recorded"], duplicates=counts["duplicate"], refused=counts["refused"], items=items
    )


def _rows(body: bytes, content_type: str) -> list[Any]:
    try:
        if "ndjson" in content_type:
            rows = [json.loads(line) for line in body.decode().splitlines() if line.strip()]
        else:
            rows = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refusal("malformed-json") from error
    if not isinstance(rows, list):
        raise Refusal("invalid-value")
    if len(rows) > BATCH_LIMIT:
        raise Refusal("batch-too-long", limit=BATCH_LIMIT)
    return rows


def _read(row: Any) -> NewPunch | str:
    """The punch, or why the row is none."""
    try:
        return NewPunch(**PunchBody.model_validate(row).model_dump())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}".removeprefix(": ")


def _row_answer(number: int, answer: PunchAnswer | str, language: str) -> RowAnswer:
    if isinstance(answer, str):
        return RowAnswer(row=number, status="refused", code="invalid-value", message=answer)
    params: dict[str, object] = {"staff_no": answer.staff_no, "name": ""}
    message = sentence(answer.code, language, params) if answer.code else None
    return RowAnswer(row=number, status=answer.status, code=answer.code, message=message)


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
