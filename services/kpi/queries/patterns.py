"""What stands out in agents' figures of the last weeks."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.catalogue import metric_named
from services.kpi.domain.kinds import COMPLAINT, SURVEY, TRANSFER
from services.kpi.domain.pattern import (
    MISSED,
    PASSED_ON,
    PLATEAU_WEEKS,
    REPEATED,
    REPEATED_TRANSFERS,
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
from services.kpi.queries.points import Point, series_within
from services.kpi.queries.targets import targets_of
from services.kpi.queries.values import Span, Value, asked, spared, values
from services.kpi.tables import LEDGERS, agents, counts_for, dimension_sets, targets
from shared.platform.ids import stable_id

Found = dict[str, dict[str, tuple[str, int]]]
"""By staff number and metric: the kind of pattern and how many facts."""


async def patterns_now(conn: AsyncConnection, now: datetime) -> list[Pattern]:
    """Everything that stands out, each once for agent, metric and month."""
    today = now.date()
    span = Span(today - timedelta(days=WINDOW_DAYS), today, "UTC")
    found: Found = defaultdict(dict)
    for metric, kind in REPEATED.items():
        await _repeated(conn, metric, kind, span, found)
    await _passed_on(conn, now, found)
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


async def _repeated(conn: AsyncConnection, metric: str, kind: str, span: Span, found: Found) -> None:
    [centre] = await values(conn, asked(metric, span, Sight()))
    for value in await values(conn, asked(metric, span, Sight(), "agent")):
        if value.group and (told := repeated(kind, _figure(value), _figure(centre))):
            found[value.group][metric] = told


async def _passed_on(conn: AsyncConnection, now: datetime, found: Found) -> None:
    """Among the cases that an agent gave away, those whose customer complained or rated them badly."""
    rows = (await conn.execute(_transfers(now - timedelta(days=WINDOW_DAYS)))).all()
    centre = _share(sum(row.bad for row in rows), sum(row.transfers for row in rows))
    for row in rows:
        if row.agent and (told := repeated(REPEATED_TRANSFERS, _share(row.bad, row.transfers), centre)):
            found[row.agent][PASSED_ON] = told


def _transfers(since: datetime) -> Select[Any]:
    """By agent: cases given to another since then, and how many of them turned bad, whenever that became known."""
    given, complaints, surveys = (LEDGERS[kind.name].facts for kind in (TRANSFER, COMPLAINT, SURVEY))
    complained = select(complaints.c.case_id).where(counts_for(COMPLAINT, complaints, "complaints"))
    rated_badly = select(surveys.c.case_id).where(
        counts_for(SURVEY, surveys, "survey_bad"), surveys.c.happened_at >= since
    )
    turned_bad = given.c.case_id.in_(complained) | given.c.case_id.in_(rated_badly)
    counts = (func.count().label("transfers"), func.count().filter(turned_bad).label("bad"))
    by_agent = select(dimension_sets.c.agent, *counts).group_by(dimension_sets.c.agent)
    of_set = given.join(dimension_sets, dimension_sets.c.set_id == given.c.set_id)
    return by_agent.select_from(of_set).where(given.c.happened_at >= since)


def _share(bad: int, transfers: int) -> Figure:
    return Figure(value=100 * bad / transfers if transfers else None, numerator=bad, denominator=transfers)


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
    """Against every target that agents have; newcomers not on speed."""
    with_target = select(targets.c.metric).where(targets.c.group_by == "agent", targets.c.current).distinct()
    monday = today - timedelta(days=today.weekday())
    begin = monday - timedelta(weeks=PLATEAU_WEEKS)
    for metric in (await conn.execute(with_target)).scalars().all():
        known = await targets_of(conn, metric, "agent")
        weekly = question(
            metric_id=metric,
            sight=Sight(),
            zone="UTC",
            from_=begin,
            to=monday - timedelta(days=1),
            by="agent",
            grain=Grain.WEEK,
        )
        [series] = await series_within(conn, [weekly])
        without = await spared(conn, weekly.metric, "agent", begin)
        held = [point for point in series.points if point.group and point.group["agent"] not in without]
        _note_plateaus(metric, held, known, today, found)


def _note_plateaus(metric: str, points: list[Point], known: list[Target], today: date, found: Found) -> None:
    weeks: defaultdict[str, list[float | None]] = defaultdict(list)
    facts: defaultdict[str, int] = defaultdict(int)
    for point in points:
        if point.group and (staff_no := point.group["agent"]):
            weeks[staff_no].append(point.value)
            facts[staff_no] += point.n
    for staff_no, values_ in weeks.items():
        target = in_force(known, "agent", staff_no, today)
        if target and plateau(values_, target.value, metric_named(metric).better):
            found[staff_no][metric] = ("plateau", facts[staff_no])


def _figure(value: Value) -> Figure:
    point = value.point
    return Figure(value=point.value, numerator=point.numerator, denominator=point.denominator)
