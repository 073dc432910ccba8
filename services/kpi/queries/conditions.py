"""What a question asks of facts and rollups alike, so that a point and the facts behind it can never differ."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

from sqlalchemy import ARRAY, Column, ColumnElement, Date, and_, case, func, literal, or_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.cuts import longest_ms
from services.kpi.domain.metric import Part
from services.kpi.domain.period import Period
from services.kpi.domain.question import Question
from services.kpi.tables import dimension_sets, facts
from shared.platform.db import driver_of
from shared.platform.kernel import Moment

NEAR = timedelta(days=2)
"""A shift's day is never further than this from the instant it counts at."""


async def snapshot(conn: AsyncConnection) -> AbstractAsyncContextManager[Any]:
    """A transaction in which all statements see the same state: `async with await snapshot(conn): …`."""
    return (await driver_of(conn)).transaction(isolation="repeatable_read", readonly=True)


def asked(question: Question, at: Column[Any], shift_on: Column[Any]) -> Iterator[ColumnElement[bool]]:
    """The conditions of a question on rows with these time columns, joined to their dimensions."""
    yield dimension_sets.c.kind == question.metric.kind.name
    yield _in_period(question.period, at, shift_on)
    for name, value in question.filters.items():
        yield dimension_sets.c[name].is_not_distinct_from(value)
    if not question.sight.everything:
        team = or_(*(dimension_sets.c[name].in_(question.sight.teams) for name in ("team", "team_name")))
        yield or_(dimension_sets.c.agent == question.sight.staff_no, team)


def inside(question: Question, part: Part) -> ColumnElement[bool]:
    """Whether a fact's value of a distribution lies within the asked cut."""
    assert part.cut is not None
    return facts.c[part.of] <= longest_ms(part.cut, question.settings)


def step(period: Period, at: Column[Any], shift_on: Column[Any]) -> ColumnElement[int]:
    """The number of the step, from 1, that a row lies in. Zones' rules are in the boundaries, not in the database."""
    clock = func.width_bucket(at, literal(list(period.starts), ARRAY(Moment)))
    if not period.by_shift:
        return clock
    shift = func.width_bucket(shift_on, literal(list(period.days), ARRAY(Date)))
    return case((shift_on.is_(None), clock), else_=shift)


def _in_period(period: Period, at: Column[Any], shift_on: Column[Any]) -> ColumnElement[bool]:
    inside = and_(at >= period.start, at < period.end)
    if not period.by_shift:
        return inside
    of_shift = shift_on.between(period.days[0], period.days[-1])
    nearby = and_(at >= period.start - NEAR, at < period.end + NEAR)
    return and_(nearby, or_(of_shift, and_(shift_on.is_(None), inside)))
