"""What stands out in agents' figures of the last weeks."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.catalogue import metric_named
from services.kpi.domain.metric import Better
from services.kpi.domain.pattern import (
    MISSED,
    PLATEAU_WEEKS,
    REPEATED,
    WINDOW_DAYS,
    Figure,
    Pattern,
    missed,
    plateau,
    repeated,
    strongest,
)
from services.kpi.domain.period import Grain
from services.kpi.domain.question import Sight, question
from services.kpi.domain.target import Target, in_force
from services.kpi.queries.points import Series, series_within
from services.kpi.queries.targets import targets_of
from services.kpi.queries.values import Span, Value, asked, values
from services.kpi.tables import agents, targets
from shared.platform.ids import stable_id

Found = dict[str, dict[str, tuple[str, int]]]
"""By staff number and metric: the kind of pattern and how many facts."""


async def patterns_now(conn: AsyncConnection, now: datetime) -> list[Pattern]:
    """Everything that stands out, each once for agent, metric and month."""
    today = now.date()
    span = Span(today - timedelta(days=WINDOW_DAYS), today, "UTC")
    found: Found = defaultdict(dict)
    for metric in REPEATED:
        await _repeated(conn, metric, span, found)
    await _missed(conn, span, found)
    await _plateaus(conn, today, found)
    people = {row.staff_no: row for row in await conn.execute(select(agents))}
    return [
        Pattern(
            pattern_id=stable_id("pattern", kind, metric, staff_no, f"{today:%Y-%m}"),
            kind=kind,
            staff_no=staff_no,
            agent_name=people[staff_no].name,
            team_id=people[staff_no].team_id,
            team_name=people[staff_no].team_name,
            metric=metric,
            fact_count=facts,
            window_from=now - timedelta(days=WINDOW_DAYS),
            window_to=now,
            found_at=now,
            version=1,
        )
        for staff_no, by_metric in sorted(found.items())
        if staff_no in people
        for metric, kind, facts in strongest(by_metric)
    ]


async def _repeated(conn: AsyncConnection, metric: str, span: Span, found: Found) -> None:
    [centre] = await values(conn, asked(metric, span, Sight()))
    for value in await values(conn, asked(metric, span, Sight(), "agent")):
        if value.group and (told := repeated(metric, _figure(value), _figure(centre))):
            found[value.group][metric] = told


async def _missed(conn: AsyncConnection, span: Span, found: Found) -> None:
    figures: defaultdict[str, list[Figure]] = defaultdict(list)
    for metric in MISSED:
        for value in await values(conn, asked(metric, span, Sight(), "agent")):
            if value.group:
                figures[value.group].append(_figure(value))
    for staff_no, of_agent in figures.items():
        if told := missed(of_agent):
            found[staff_no][MISSED[0]] = told


async def _plateaus(conn: AsyncConnection, today: date, found: Found) -> None:
    """Against every target that agents have."""
    with_target = select(targets.c.metric).where(targets.c.group_by == "agent", targets.c.current).distinct()
    monday = today - timedelta(days=today.weekday())
    for metric in (await conn.execute(with_target)).scalars().all():
        known = await targets_of(conn, metric, "agent")
        weekly = question(
            metric_id=metric,
            sight=Sight(),
            zone="UTC",
            from_=monday - timedelta(weeks=PLATEAU_WEEKS),
            to=monday - timedelta(days=1),
            by="agent",
            grain=Grain.WEEK,
        )
        [series] = await series_within(conn, [weekly])
        _note_plateaus(series, known, metric_named(metric).better, today, found)


def _note_plateaus(series: Series, known: list[Target], better: Better, today: date, found: Found) -> None:
    weeks: defaultdict[str, list[float | None]] = defaultdict(list)
    facts: defaultdict[str, int] = defaultdict(int)
    for point in series.points:
        if point.group and (staff_no := point.group["agent"]):
            weeks[staff_no].append(point.value)
            facts[staff_no] += point.n
    for staff_no, values_ in weeks.items():
        target = in_force(known, "agent", staff_no, today)
        if target and plateau(values_, target.value, better):
            found[staff_no][series.metric] = ("plateau", facts[staff_no])


def _figure(value: Value) -> Figure:
    point = value.point
    return Figure(value=point.value, numerator=point.numerator, denominator=point.denominator)
