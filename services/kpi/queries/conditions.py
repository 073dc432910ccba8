"""What a question asks of facts and rollups alike, so that a point and the facts behind it can never differ."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from enum import Enum
from typing import Any

from asyncpg import Connection
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    and_,
    cast,
    func,
    literal,
    literal_column,
    not_,
    or_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.cuts import longest_ms
from services.kpi.domain.metric import Part
from services.kpi.domain.period import Period, first_of_next_month
from services.kpi.domain.question import Question, Sight
from services.kpi.tables import dimension_sets
from shared.platform.db import driver_of
from shared.platform.kernel import Moment

FEW_OF_MANY = (
    "SET LOCAL random_page_cost = 1.1; SET LOCAL work_mem = '32MB'; SET LOCAL enable_sort = off; "
    "SET LOCAL plan_cache_mode = force_custom_plan"
)
"""Questions read the rows of a few sets out of large rollups, at their places and not the rollup from end to end; and
what they sum is hashed in memory: the planner takes those few sets to have few rows, and would sort the many. Each is
planned for its own period: the plan for any period, which a session goes over to after a while, took twice as long."""


async def snapshot(conn: AsyncConnection) -> AbstractAsyncContextManager[None]:
    """A transaction in which all statements see the same state: `async with await snapshot(conn): …`."""
    return _snapshot(await driver_of(conn))


@asynccontextmanager
async def _snapshot(driver: Connection[Any]) -> AsyncIterator[None]:
    async with driver.transaction(isolation="repeatable_read", readonly=True):
        await driver.execute(FEW_OF_MANY)
        yield


def belonging(question: Question) -> Iterator[ColumnElement[bool]]:
    """Whether rows belong to whom and what is asked, and to whom the asker may see."""
    for name, value in question.filters.items():
        yield dimension_sets.c[name].is_not_distinct_from(value)
    yield from in_sight(question.sight)


def in_sight(sight: Sight) -> Iterator[ColumnElement[bool]]:
    """Whether rows are the asker's own or of their teams. What belongs to no agent is nobody's own."""
    if sight.everything:
        return
    of_teams = [dimension_sets.c[name].in_(sight.teams) for name in ("team", "team_name")]
    own = [] if sight.staff_no is None else [dimension_sets.c.agent == sight.staff_no]
    yield or_(*own, *of_teams)


def counts_by_own_day(question: Question) -> bool:
    """Whether facts count on the day that they call theirs, wherever that is: say, the day of their shift."""
    return question.period.own_days or (question.period.by_shift and question.kind.on_shift)


class When(Enum):
    """How rows lie in time: at an instant; on a day, anywhere or outside the whole months of the period; in a month."""

    INSTANT = "instant"
    DAY = "day"
    AROUND_MONTHS = "around months"
    MONTH = "month"


def in_period(period: Period, rows: FromClause, when: When) -> ColumnElement[bool]:
    """Whether rows lie in the period."""
    match when:
        case When.INSTANT:
            at = _instant_of(rows)
            return and_(at >= period.start, at < period.end)
        case When.DAY:
            return rows.c.day_on.between(period.days[0], period.last_on)
        case When.MONTH if "month_on" in rows.c:
            return rows.c.month_on.between(period.months[0], period.months[-1])
        case When.MONTH:
            return _in_months(period, rows)
        case When.AROUND_MONTHS:
            return and_(rows.c.day_on.between(period.days[0], period.last_on), not_(_in_months(period, rows)))


def step(period: Period, rows: FromClause, when: When) -> ColumnElement[int]:
    """The number of the step, from 1, that a row lies in. Zones' rules are in the boundaries, not in the database."""
    if len(period.starts) == 1:
        return cast(literal_column("1"), Integer)
    if when is When.INSTANT and (seconds := period.step_seconds):
        since = func.date_part("epoch", _instant_of(rows)) - period.start.timestamp()
        return cast(func.floor(since / seconds), Integer) + 1
    if when is When.INSTANT:
        return func.width_bucket(_instant_of(rows), literal(list(period.starts), ARRAY(Moment)))
    day = rows.c.month_on if "month_on" in rows.c else rows.c.day_on
    return func.width_bucket(day, literal(list(period.days), ARRAY(Date)))


def _in_months(period: Period, rows: FromClause) -> ColumnElement[bool]:
    """Whether days lie in the whole months of a period."""
    first, last = period.months[0], period.months[-1]
    return rows.c.day_on.between(first, first_of_next_month(last) - timedelta(days=1))


def inside(question: Question, part: Part, facts: FromClause) -> ColumnElement[bool]:
    """Whether a fact's duration lies within the asked cut."""
    assert part.cut is not None
    return facts.c[part.of] <= longest_ms(part.cut, question.settings)


def _instant_of(rows: FromClause) -> Any:
    return rows.c.bucket_at if "bucket_at" in rows.c else rows.c.happened_at
