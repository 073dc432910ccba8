"""What a question asks of facts and rollups alike, so that a point and the facts behind it can never differ."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Date, Table, and_, func, literal, or_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.cuts import longest_ms
from services.kpi.domain.metric import Part
from services.kpi.domain.period import Period
from services.kpi.domain.question import Question
from services.kpi.tables import dimension_sets
from shared.platform.db import driver_of
from shared.platform.kernel import Moment


async def snapshot(conn: AsyncConnection) -> AbstractAsyncContextManager[Any]:
    """A transaction in which all statements see the same state: `async with await snapshot(conn): …`."""
    return (await driver_of(conn)).transaction(isolation="repeatable_read", readonly=True)


def belonging(question: Question) -> Iterator[ColumnElement[bool]]:
    """Whether rows belong to whom and what is asked, and to whom the asker may see."""
    for name, value in question.filters.items():
        yield dimension_sets.c[name].is_not_distinct_from(value)
    if not question.sight.everything:
        team = or_(*(dimension_sets.c[name].in_(question.sight.teams) for name in ("team", "team_name")))
        yield or_(dimension_sets.c.agent == question.sight.staff_no, team)


def counts_by_own_day(question: Question) -> bool:
    """Whether facts count on the day that they call theirs, wherever that is: say, the day of their shift."""
    return question.period.own_days or (question.period.by_shift and question.kind.on_shift)


def in_period(period: Period, rows: Table, *, by_day: bool) -> ColumnElement[bool]:
    """Whether rows lie in the period: by their own local day, or by their instant."""
    if by_day:
        return rows.c.day_on.between(period.days[0], period.last_on)
    at = _instant_of(rows)
    return and_(at >= period.start, at < period.end)


def step(period: Period, rows: Table, *, by_day: bool) -> ColumnElement[int]:
    """The number of the step, from 1, that a row lies in. Zones' rules are in the boundaries, not in the database."""
    if by_day:
        return func.width_bucket(rows.c.day_on, literal(list(period.days), ARRAY(Date)))
    return func.width_bucket(_instant_of(rows), literal(list(period.starts), ARRAY(Moment)))


def inside(question: Question, part: Part, facts: Table) -> ColumnElement[bool]:
    """Whether a fact's duration lies within the asked cut."""
    assert part.cut is not None
    return facts.c[part.of] <= longest_ms(part.cut, question.settings)


def _instant_of(rows: Table) -> Any:
    return rows.c.bucket_at if "bucket_at" in rows.c else rows.c.happened_at
