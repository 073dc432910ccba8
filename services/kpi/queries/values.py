"""A metric's value for each group of a sort over a period: what targets, cards, rankings and alerts are judged by."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.metric import Metric
from services.kpi.domain.period import require_zone
from services.kpi.domain.question import Question, Sight, question
from services.kpi.domain.ranking import Contender, is_newcomer, is_speed
from services.kpi.domain.target import CENTRE
from services.kpi.queries.points import Point, Series, series_within
from services.kpi.tables import agents


@dataclass(frozen=True, slots=True)
class Span:
    """A period and the zone whose days it has; dates (the last included) or quarter hours (the last excluded)."""

    from_: date | datetime
    to: date | datetime
    zone: str

    def __post_init__(self) -> None:
        require_zone(self.zone)


@dataclass(frozen=True, slots=True)
class Value:
    """A group with its value; the centre as a whole has no group."""

    group: str | None
    name: str | None
    point: Point


def asked(metric_id: str, span: Span, sight: Sight, group_by: str = CENTRE, group: str | None = None) -> Question:
    """The question behind the values of one sort of groups, or of one group of it."""
    return question(
        metric_id=metric_id,
        sight=sight,
        zone=span.zone,
        from_=span.from_,
        to=span.to,
        by=None if group_by == CENTRE else group_by,
        filters={group_by: group} if group and group_by != CENTRE else {},
    )


async def values(conn: AsyncConnection, what: Question) -> list[Value]:
    """Everything that one question answers."""
    [series] = await series_within(conn, [what])
    return values_of(series, what)


def values_of(series: Series, what: Question) -> list[Value]:
    """The groups of a series."""
    by = what.by
    if by is None:
        return [Value(None, None, point) for point in series.points]
    found = [(point.group or {}, point) for point in series.points]
    return [Value(group.get(by), group.get(f"{by}_name") or group.get(by), point) for group, point in found]


async def newcomers(conn: AsyncConnection, on: date) -> set[str]:
    """The staff numbers of those whose first two months are not over before a day."""
    hired = (await conn.execute(select(agents.c.staff_no, agents.c.hired_on))).all()
    return {row.staff_no for row in hired if is_newcomer(row.hired_on, on)}


async def spared(conn: AsyncConnection, metric: Metric, group_by: str, on: date) -> set[str]:
    """Who is held to no target in a period that begins on a day: newcomers, where a metric asks for speed."""
    return await newcomers(conn, on) if group_by == "agent" and is_speed(metric) else set()


async def hired_on(conn: AsyncConnection, staff_no: str) -> date | None:
    """The day on which somebody was hired; none of somebody unknown."""
    day: date | None = (await conn.execute(select(agents.c.hired_on).where(agents.c.staff_no == staff_no))).scalar()
    return day


def contenders(found: Sequence[Value], new: set[str]) -> list[Contender]:
    """Groups as a ranking takes them; what belongs to nobody is left out."""
    return [
        Contender(
            key=value.group,
            name=value.name or value.group,
            value=value.point.value,
            numerator=_successes(value.point),
            n=value.point.n,
            newcomer=value.group in new,
        )
        for value in found
        if value.group is not None
    ]


def _successes(point: Point) -> float:
    """Of so many facts, those that the numerator is worth: of four shifts of eight hours, sixteen kept ones are two."""
    return point.numerator if point.n == point.denominator else point.numerator * point.n / point.denominator


def ids_among(teams: Sequence[str]) -> list[UUID]:
    """Those of a token's teams that are ids, as teams are known here."""
    found = []
    for team in teams:
        with suppress(ValueError):
            found.append(UUID(team))
    return found
