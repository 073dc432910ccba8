"""Keyset pages: `{"items": [...], "next": "<opaque cursor or null>"}`, never OFFSET."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic_core import to_jsonable_python
from sqlalchemy import ColumnElement, Row, Select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.refusal import Fault, Refusal

T = TypeVar("T")

Limit = Annotated[int, Query(ge=1, le=200, description="how many items at most")]
After = Annotated[str | None, Query(max_length=500, description="the `next` of the page before")]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; `next` is none on the last."""

    items: list[T]
    next: str | None


async def page(
    conn: AsyncConnection,
    query: Select[Any],
    *,
    order: tuple[ColumnElement[Any], ...],
    limit: int,
    after: str | None,
    make: Callable[[Row[Any]], T],
    descending: bool = False,
) -> Page[T]:
    """Run `query` ordered by `order` (unique together, all selected, none null) from the cursor on."""
    wanted = from_cursor(query, order=order, limit=limit, after=after, descending=descending)
    rows = (await conn.execute(wanted)).all()
    more = len(rows) > limit
    items = [make(row) for row in rows[:limit]]
    return Page(items, _cursor([rows[limit - 1]._mapping[column] for column in order]) if more else None)


def from_cursor(
    query: Select[Any], *, order: tuple[ColumnElement[Any], ...], limit: int, after: str | None, descending: bool
) -> Select[Any]:
    """`query` from the cursor on, with one row more than the page has: it tells whether there is another page."""
    if after:
        values = _values(after, order)
        here = tuple_(*order)
        query = query.where(here < values if descending else here > values)
    return query.order_by(*(column.desc() if descending else column for column in order)).limit(limit + 1)


def _cursor(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(to_jsonable_python(values)).encode()).decode().rstrip("=")


def _values(cursor: str, order: tuple[ColumnElement[Any], ...]) -> Any:
    try:
        raw = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(raw, list) or len(raw) != len(order):
            raise ValueError("wrong length")
        return tuple_(*(_typed(value, column) for value, column in zip(raw, order, strict=True)))
    except (ValueError, TypeError, AttributeError, ArithmeticError) as error:
        raise Refusal("cursor-invalid", faults=(Fault("after", "cursor-invalid", {}),)) from error


def _typed(value: Any, column: ColumnElement[Any]) -> Any:
    kind = column.type.python_type
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("no offset")
        return moment
    if hasattr(kind, "fromisoformat"):
        return kind.fromisoformat(value)
    if kind in (int, float) and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise ValueError("not a number")
    return kind(value)
