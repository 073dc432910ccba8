"""Batches: an array or NDJSON, answered row by row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pydantic import ValidationError

from shared.contracts.refusal import Refusal
from shared.platform.door import Door
from shared.platform.problems import sentence
from shared.platform.web import Body

BATCH_LIMIT = 20_000

T = TypeVar("T")


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


class Answer(Protocol):
    """What a command says about one row."""

    @property
    def staff_no(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def code(self) -> str | None: ...


def body_of(model: type[Body]) -> dict[str, Any]:
    """How a route with such a body describes it."""
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"type": "array", "items": model.model_json_schema()}},
                "application/x-ndjson": {"schema": {"type": "string"}},
            },
        }
    }


async def rows_of(door: Door) -> list[Any]:
    """The rows that were sent; 400 when they are no JSON, 413 when they are too many."""
    body, content_type = await door.request.body(), door.request.headers.get("content-type", "")
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


def read_rows(rows: Iterable[Any], model: type[Body], make: Callable[..., T]) -> list[T | str]:
    """Each row as what it is, or why it is none."""
    return [_read(row, model, make) for row in rows]


def _read(row: Any, model: type[Body], make: Callable[..., T]) -> T | str:
    try:
        return make(**model.model_validate(row).model_dump())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}".removeprefix(": ")


def answered(read: Sequence[object], answers: Iterable[Answer], language: str, **params: object) -> BatchAnswer:
    """The answer to a batch: `answers` are those of the rows that could be read, in order."""
    left = iter(answers)
    items = [
        _row_answer(number, one if isinstance(one, str) else next(left), language, params)
        for number, one in enumerate(read, 1)
    ]
    counts = {status: sum(item.status == status for item in items) for status in ("recorded", "duplicate", "refused")}
    return BatchAnswer(
        recorded=counts["recorded"], duplicates=counts["duplicate"], refused=counts["refused"], items=items
    )


def _row_answer(number: int, answer: Answer | str, language: str, params: dict[str, object]) -> RowAnswer:
    if isinstance(answer, str):
        return RowAnswer(row=number, status="refused", code="invalid-value", message=answer)
    told = {"staff_no": answer.staff_no, "name": "", **params}
    message = sentence(answer.code, language, told) if answer.code else None
    return RowAnswer(row=number, status=answer.status, code=answer.code, message=message)
