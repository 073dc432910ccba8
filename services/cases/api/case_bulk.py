"""The same act on many cases over HTTP, answered case by case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, ValidationError
from starlette.responses import Response

from services.cases.api.case_acts import Assign, Close, Note, Reopen, Resolve, Transfer, Wait
from services.cases.commands import bulk, ending, ownership, waiting
from services.cases.commands.bulk import Act, Done
from shared.contracts.refusal import Fault, Refusal
from shared.platform.door import Door, opens
from shared.platform.faults import faults_of
from shared.platform.fields import Body
from shared.platform.problems import sentence
from shared.platform.routing import Router
from shared.platform.work import Work

router = Router(tags=["cases"])


class _Nothing(Body):
    """An act that needs no more to be told."""


ACTS: dict[str, tuple[type[Body], Act]] = {
    "take": (_Nothing, ownership.take_case),
    "assign": (Assign, ownership.assign_case),
    "release": (Note, ownership.release_case),
    "transfer": (Transfer, ownership.transfer_case),
    "wait": (Wait, waiting.wait_for),
    "resolve": (Resolve, ending.resolve_case),
    "close": (Close, ending.close_case),
    "reopen": (Reopen, ending.reopen_case),
}


class ManyCases(Body):
    """What to do with which cases; `told` is the body that the same act on one case takes."""

    act: Literal["take", "assign", "release", "transfer", "wait", "resolve", "close", "reopen"]
    case_ids: Annotated[list[UUID], Field(min_length=1, max_length=200)]
    told: dict[str, Any] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """What is wrong with one field."""

    field: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOfMany:
    """What became of one case: done, or error with the code it was refused with."""

    case_id: UUID
    outcome: str
    state: str | None = None
    version: int | None = None
    code: str | None = None
    message: str | None = None
    errors: list[FieldError]


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkReport:
    """What became of many cases, in the order in which they were named."""

    done: int
    failed: int
    rows: list[OneOfMany]


@router.post("/cases:batch", response_model=BulkReport, operation_id="act_on_cases")
async def act_on_cases(body: ManyCases, door: Door = opens("cases:work")) -> Response:
    """Do the same with many cases; what is refused for one stops no other."""
    shape, act = ACTS[body.act]
    told = _told(shape, body.told)

    async def run(work: Work) -> BulkReport:
        found = await bulk.act_on_cases(work, act=act, case_ids=body.case_ids, told=told)
        rows = [_row(one, door.language) for one in found]
        done = sum(one.case is not None for one in found)
        return BulkReport(done=done, failed=len(found) - done, rows=rows)

    return await door.run(run)


def _told(shape: type[Body], raw: dict[str, Any]) -> dict[str, Any]:
    try:
        return shape.model_validate(raw).model_dump()
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        faults = faults_of({**detail, "loc": ("body", "told", *detail["loc"])} for detail in details)
        raise Refusal("invalid-value", faults=faults) from error


def _row(one: Done, language: str) -> OneOfMany:
    if one.case is not None:
        return OneOfMany(case_id=one.case_id, outcome="done", state=one.case.state, version=one.case.version, errors=[])
    assert one.refusal
    code, params = one.refusal.code, one.refusal.params
    errors = [_error(fault, language) for fault in one.refusal.faults]
    message = sentence(code, language, params)
    return OneOfMany(case_id=one.case_id, outcome="error", code=code, message=message, errors=errors)


def _error(fault: Fault, language: str) -> FieldError:
    return FieldError(field=fault.field, code=fault.code, message=sentence(fault.code, language, fault.params))
