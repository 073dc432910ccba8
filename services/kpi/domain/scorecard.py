"""Scorecards: what is weighed for a role and growth stage, and one agent's card of a period, every figure open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from services.kpi.domain.catalogue import metric_named
from services.kpi.domain.metric import Better
from services.kpi.domain.ranking import is_newcomer, is_speed
from services.kpi.domain.standing import Tiers, attainment
from shared.contracts.kpi import ScorecardPublished
from shared.contracts.refusal import Fault, Refusal

Stage = Literal["newcomer", "established"]
DAY = timedelta(days=1)
MOST_POINTS = 130.0
"""One line cannot make up for the others beyond its highest stretch."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """One metric of a card: its weight and what is aimed at."""

    metric: str
    weight: int
    target: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a card weighs, for agents of a role in a growth stage. Changed, it is a new version."""

    definition_id: UUID
    name: str
    role: str
    stage: Stage
    weighed: tuple[Weighed, ...]
    version: int
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A metric's value for one agent, with what it is made of."""

    value: float | None = None
    numerator: float = 0
    denominator: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a card. `change` is better, worse or same, against the agent's own previous period; none unknown."""

    metric: str
    name: dict[str, str]
    formula: dict[str, str]
    unit: str
    definition_version: int
    weight: int
    target: float
    value: float | None
    numerator: float
    denominator: int
    attainment: float | None
    points: float | None
    previous_value: float | None
    change: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One agent's scorecard of a period. `score` is the weighted mean of attainments, at most 130 each; none without
    data. `previous_score` is that of the period before, by the same weights."""

    scorecard_id: UUID
    revision: int
    definition_id: UUID
    definition_version: int
    definition_name: str
    stage: str
    staff_no: str
    agent_name: str
    team_id: UUID | None
    team_name: str | None
    period_from: date
    period_to: date
    tz: str
    lines: tuple[Line, ...]
    score: float | None
    tier: str | None
    previous_score: float | None
    published_at: datetime
    published_by: str


def define(definition: Definition) -> Definition:
    """Refuses weights that do not make 100, a metric twice or without direction, and speed asked of newcomers."""
    ids = [weighed.metric for weighed in definition.weighed]
    if len(set(ids)) < len(ids):
        raise _refused("metric-weighed-twice")
    if sum(weighed.weight for weighed in definition.weighed) != 100:
        raise _refused("weights-not-100")
    for weighed in definition.weighed:
        metric = metric_named(weighed.metric)
        if metric.better is Better.NEITHER:
            raise Refusal("metric-without-direction", metric=metric.id)
        if "agent" not in metric.kind.dimensions:
            raise Refusal("dimension-not-of-metric", metric=metric.id, what="agent")
        if definition.stage == "newcomer" and is_speed(metric):
            raise Refusal("speed-for-newcomers", metric=metric.id)
    return definition


def _refused(code: str) -> Refusal:
    return Refusal(code, faults=(Fault("weighed", code, {}),))


def stage_of(hired_on: date, period_from: date) -> Stage:
    """Whose first two months include any day of the period is a newcomer in it."""
    return "newcomer" if is_newcomer(hired_on, period_from) else "established"


def period_before(from_: date, to: date) -> tuple[date, date]:
    """The first and last day of the period before: of whole months as many whole months, else as many days."""
    last = from_ - DAY
    if from_.day > 1 or (to + DAY).day > 1:
        return last - (to - from_), last
    months = (to.year - from_.year) * 12 + to.month - from_.month + 1
    year, month = divmod(from_.year * 12 + from_.month - 1 - months, 12)
    return date(year, month + 1, 1), last


def lines_of(definition: Definition, now: Mapping[str, Measured], before: Mapping[str, Measured]) -> tuple[Line, ...]:
    """The lines of a card, from what was measured in the period and in the one before, by metric."""
    return tuple(_line(weighed, now.get(weighed.metric), before.get(weighed.metric)) for weighed in definition.weighed)


def _line(weighed: Weighed, now: Measured | None, before: Measured | None) -> Line:
    metric, found, earlier = metric_named(weighed.metric), now or Measured(), before or Measured()
    attained = attainment(found.value, weighed.target, metric.better)
    return Line(
        metric=metric.id,
        name=metric.name.by_language(),
        formula=metric.formula.by_language(),
        unit=metric.unit,
        definition_version=metric.version,
        weight=weighed.weight,
        target=weighed.target,
        value=found.value,
        numerator=found.numerator,
        denominator=found.denominator,
        attainment=attained,
        points=None if attained is None else min(attained, MOST_POINTS) * weighed.weight / 100,
        previous_value=earlier.value,
        change=_change(found.value, earlier.value, metric.better),
    )


def _change(value: float | None, before: float | None, better: str) -> str | None:
    if value is None or before is None:
        return None
    if value == before:
        return "same"
    return "better" if (value > before) == (better == Better.UP) else "worse"


def score(lines: Sequence[Line]) -> float | None:
    """The weighted mean of attainments over the lines that have a value; none when none has."""
    known = [(line.points, line.weight) for line in lines if line.points is not None]
    return sum(points for points, _ in known) * 100 / sum(weight for _, weight in known) if known else None


def tier_of(points: float | None) -> str | None:
    """The tier of a score."""
    return Tiers().of(points)


def same_figures(card: Card, other: Card) -> bool:
    """Whether a card says anything new: when and by whom it was published is nothing new."""
    return replace(card, revision=0, published_at=other.published_at, published_by=other.published_by) == replace(
        other, revision=0
    )


def published(card: Card, starts_at: datetime, ends_at: datetime) -> ScorecardPublished:
    """What is told of a published card."""
    return ScorecardPublished(
        scorecard_id=card.scorecard_id,
        revision=card.revision,
        definition_version=card.definition_version,
        period_from=starts_at,
        period_to=ends_at,
        published_at=card.published_at,
        published_by=card.published_by,
        staff_no=card.staff_no,
        agent_name=card.agent_name,
        team_id=card.team_id,
        team_name=card.team_name,
        score=card.score,
        tier=card.tier,
        previous_score=card.previous_score,
        zone=card.tz,
    )
