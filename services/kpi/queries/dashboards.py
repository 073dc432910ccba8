"""One answer for each picture that a dashboard needs, each of one moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.bins import LOWEST
from services.kpi.domain.catalogue import metric_named
from services.kpi.domain.metric import Metric, Unit
from services.kpi.domain.period import require_zone
from services.kpi.domain.question import Question, Sight, question
from services.kpi.domain.ranking import is_newcomer, is_speed
from services.kpi.domain.standing import Tiers, attainment
from services.kpi.domain.target import CENTRE, Target, in_force
from services.kpi.queries.alerts import open_alert_count
from services.kpi.queries.conditions import snapshot
from services.kpi.queries.facts import facts_at
from services.kpi.queries.found import read
from services.kpi.queries.points import Point, Series, as_of_now, series_within
from services.kpi.queries.targets import targets_by_metric, targets_of
from services.kpi.queries.values import hired_on
from shared.contracts.refusal import Refusal

GLANCE = (
    "answer_rate",
    "service_level",
    "asa",
    "aht",
    "abandon_rate",
    "csat",
    "sla_attainment",
    "backlog",
    "promise_kept",
    "closed_loop",
    "change_ack_rate",
    "adherence",
)
"""What a supervisor looks at first."""

STANDING = frozenset({"backlog"})
"""What stands today whenever it came: the cases that are open, and not only those opened today."""

HOURS = 24
BARS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """One figure of today. `exception`: it is below its tier `ok`; then it comes first. `facts`: where it opens."""

    metric: str
    name: dict[str, str]
    unit: str
    better: str
    value: float | None
    numerator: float
    denominator: int
    n: int
    target: float | None
    attainment: float | None
    tier: str | None
    exception: bool
    facts: str
    definition_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """Today at a glance, exceptions first."""

    on: date
    tz: str
    as_of: datetime | None
    open_alert_count: int
    items: list[Glance]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One hour of one weekday (1 Monday to 7 Sunday), over all such hours of the period."""

    weekday: int
    hour: int
    value: float | None
    numerator: float
    denominator: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heatmap:
    """A metric by weekday and hour of the local clock: always 168 cells."""

    metric: str
    unit: str
    tz: str
    as_of: datetime | None
    cells: list[Cell]
    definition_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """How many durations lie from one second mark (included) to another (excluded)."""

    from_seconds: float
    to_seconds: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """How the durations behind a percentile spread; bars get wider by the same factor."""

    metric: str
    tz: str
    as_of: datetime | None
    count: int
    bars: list[Bar]
    definition_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """One step of a trend, with the target that was in force then."""

    at: datetime | None
    on: date | None
    value: float | None
    numerator: float
    denominator: int
    n: int
    target: float | None
    maturing_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A metric step by step beside its target."""

    metric: str
    unit: str
    better: str
    definition_version: int
    tz: str
    as_of: datetime | None
    points: list[TrendPoint]


async def today(conn: AsyncConnection, *, now: datetime, zone: str, sight: Sight, team: str | None) -> Today:
    """The figures of today so far, with their targets and what is out of order."""
    require_zone(zone)
    day = now.astimezone(ZoneInfo(zone)).date()
    async with await snapshot(conn):
        questions = [_of_today(metric, day, zone, sight, team) for metric in GLANCE]
        found = await series_within(conn, questions)
        group_by = "team" if team else CENTRE
        targets = await targets_by_metric(conn, group_by)
        in_force_now = {metric: in_force(known, group_by, team, day) for metric, known in targets.items()}
        items = [_glance(series, in_force_now.get(series.metric), team, day) for series in found]
        return Today(
            on=day,
            tz=zone,
            as_of=await as_of_now(conn),
            open_alert_count=await open_alert_count(conn, sight=sight, team=team),
            items=sorted(items, key=lambda item: not item.exception),
        )


def _of_today(metric: str, day: date, zone: str, sight: Sight, team: str | None) -> Question:
    from_, filters = None if metric in STANDING else day, {"team": team} if team else {}
    return question(metric_id=metric, sight=sight, zone=zone, from_=from_, to=day, filters=filters)


def _facts_of(metric: str, day: date, zone: str, team: str | None) -> str:
    """Where the facts behind a figure of today are."""
    since = {} if metric in STANDING else {"from": str(day)}
    asked = since | {"to": str(day), "tz": zone} | ({"team": team} if team else {})
    return facts_at(metric, asked)


def _glance(series: Series, target: Target | None, team: str | None, day: date) -> Glance:
    metric, [point] = series.metric, series.points
    known = metric_named(metric)
    attained = attainment(point.value, target.value, known.better) if target else None
    tier = (target.tiers if target else Tiers()).of(attained)
    return Glance(
        metric=metric,
        name=known.name.by_language(),
        unit=known.unit,
        better=known.better,
        value=point.value,
        numerator=point.numerator,
        denominator=point.denominator,
        n=point.n,
        target=target.value if target else None,
        attainment=attained,
        tier=tier,
        exception=tier == "below",
        facts=_facts_of(metric, day, series.tz, team),
        definition_version=known.version,
    )


async def heatmap(conn: AsyncConnection, *, what: Question) -> Heatmap:
    """A metric by weekday and hour. Refuses percentiles, which do not add up over hours, and what lasts."""
    metric = what.metric
    if metric.percent or metric.aged or (metric.unit is Unit.COUNT and metric.per):
        raise Refusal("metric-not-additive", metric=metric.id)
    async with await snapshot(conn):
        [series] = await series_within(conn, [what])
        as_of = await as_of_now(conn)
    zone = ZoneInfo(what.period.zone)
    tops: defaultdict[tuple[int, int], float] = defaultdict(float)
    beneath: defaultdict[tuple[int, int], int] = defaultdict(int)
    for point in series.points:
        assert point.at is not None
        local = point.at.astimezone(zone)
        tops[local.isoweekday(), local.hour] += point.numerator
        beneath[local.isoweekday(), local.hour] += point.denominator
    cells = [
        _cell(metric, weekday, hour, tops[weekday, hour], beneath[weekday, hour])
        for weekday in range(1, 8)
        for hour in range(HOURS)
    ]
    return Heatmap(
        metric=metric.id,
        unit=metric.unit,
        tz=what.period.zone,
        as_of=as_of,
        cells=cells,
        definition_version=metric.version,
    )


def _cell(metric: Metric, weekday: int, hour: int, top: float, beneath: int) -> Cell:
    return Cell(weekday=weekday, hour=hour, value=_value(metric, top, beneath), numerator=top, denominator=beneath)


def _value(metric: Metric, top: float, beneath: int) -> float | None:
    """A fraction of sums in the metric's unit; the numerator of seconds is in seconds already."""
    if not beneath:
        return None
    factor = {Unit.PERCENT: 100, Unit.PER_THOUSAND: 1000}.get(metric.unit, 1)
    return top if metric.unit is Unit.COUNT else top * factor / beneath


async def distribution(conn: AsyncConnection, *, what: Question) -> Distribution:
    """How durations spread. Refuses a metric that is no percentile."""
    if not what.metric.percent:
        raise Refusal("metric-without-distribution", metric=what.metric.id)
    async with await snapshot(conn):
        as_of = await as_of_now(conn)
        found = await read(conn, what, as_of)
    counts: defaultdict[int, int] = defaultdict(int)
    for known in found.bins.values():
        for bin_, number in known.items():
            counts[bin_] += number
    bars = _bars({bin_: number for bin_, number in counts.items() if number})
    return Distribution(
        metric=what.metric.id,
        tz=what.period.zone,
        as_of=as_of,
        count=sum(bar.count for bar in bars),
        bars=bars,
        definition_version=what.metric.version,
    )


def _bars(counts: dict[int, int]) -> list[Bar]:
    """At most forty bars from the first bin that holds something to the last."""
    if not counts:
        return []
    first, last = min(counts), max(counts)
    width = -(-(last - first + 1) // BARS)
    bars = []
    for begin in range(first, last + 1, width):
        number = sum(counts.get(bin_, 0) for bin_ in range(begin, begin + width))
        bars.append(Bar(from_seconds=_low(begin), to_seconds=_low(begin + width), count=number))
    return bars


def _low(bin_: int) -> float:
    return LOWEST[min(bin_, len(LOWEST)) - 1] / 1000


async def trend(conn: AsyncConnection, *, what: Question, group_by: str | None, group: str | None) -> Trend:
    """A metric step by step, with the target of each step, a newcomer's not of speed; none without a sort of groups."""
    async with await snapshot(conn):
        [series] = await series_within(conn, [what])
        targets = await targets_of(conn, what.metric.id, group_by) if group_by else []
        spared_since = await hired_on(conn, group) if group and group_by == "agent" and is_speed(what.metric) else None
        as_of = await as_of_now(conn)
    zone = ZoneInfo(what.period.zone)
    return Trend(
        metric=what.metric.id,
        unit=what.metric.unit,
        better=what.metric.better,
        definition_version=what.metric.version,
        tz=what.period.zone,
        as_of=as_of,
        points=[_trend_point(point, targets, group, spared_since, zone) for point in series.points],
    )


def _trend_point(
    point: Point, targets: Sequence[Target], group: str | None, spared_since: date | None, zone: ZoneInfo
) -> TrendPoint:
    """`targets` are all of one sort of groups; none holds in the first two months after `spared_since`."""
    assert point.at is not None
    on = point.on or point.at.astimezone(zone).date()
    held = bool(targets) and not (spared_since and is_newcomer(spared_since, on))
    target = in_force(targets, targets[0].group_by, group, on) if held else None
    return TrendPoint(
        at=point.at,
        on=point.on,
        value=point.value,
        numerator=point.numerator,
        denominator=point.denominator,
        n=point.n,
        target=target.value if target else None,
        maturing_until=point.maturing_until,
    )
