"""Events of the kpi service: which number moved, and who is above or below target."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.event import Event, event


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFact(Event):
    """A rule about one metric of one group. `value` and `threshold` are in the metric's `unit` (percent, seconds, …).

    `group_by` is centre, team, agent, topic, channel or queue and `group` its key (none for the centre); `n` is how
    many facts the value stands on. `direction` is above or below: on which side of the threshold it is bad.
    `metric_name_zh` and `metric_name_en` are what people call the metric; `zone` is whose clock is meant where no
    team's is.
    """

    alert_id: UUID
    rule_id: UUID
    rule_name: str
    metric: str
    unit: str
    group_by: str
    direction: str
    threshold: float
    n: int
    window_from: datetime
    window_to: datetime
    group: str | None = None
    group_name: str | None = None
    team_id: UUID | None = None
    staff_no: str | None = None
    value: float | None = None
    metric_name_zh: str | None = None
    metric_name_en: str | None = None
    zone: str | None = None


@event("kpi.alert.raised.v1", subject="alert_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRaised(AlertFact):
    """The metric has been on the bad side for as long as the rule says; told once until it is resolved."""

    raised_at: datetime
    ack_by: datetime


@event("kpi.alert.resolved.v1", subject="alert_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class AlertResolved(AlertFact):
    """The metric came back, past the rule's hysteresis."""

    raised_at: datetime
    resolved_at: datetime


@event("kpi.pattern.found.v1", subject="pattern_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class PatternFound(Event):
    """Something a lead should look at, as a proposal and never a verdict.

    `kind` is repeated_transfers, repeated_not_asked, plateau or missed_loops; `fact_count` facts stand behind it.
    """

    pattern_id: UUID
    kind: str
    staff_no: str
    agent_name: str
    fact_count: int
    window_from: datetime
    window_to: datetime
    found_at: datetime
    team_id: UUID | None = None
    team_name: str | None = None


@event("kpi.scorecard.published.v1", subject="scorecard_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ScorecardPublished(Event):
    """One agent's or team's scorecard of a period, or a revision of it after corrections.

    `score` is 0-200, the attainment of targets in percent. The period's days are those of `zone`.
    """

    scorecard_id: UUID
    revision: int
    definition_version: int
    period_from: datetime
    period_to: datetime
    published_at: datetime
    published_by: str
    staff_no: str | None = None
    agent_name: str | None = None
    team_id: UUID | None = None
    team_name: str | None = None
    score: float | None = None
    tier: str | None = None
    previous_score: float | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedFact:
    """One place in a ranking. `rank` is none when there are too few facts or the agent is too new."""

    key: str
    name: str
    n: int
    rank: int | None = None
    value: float | None = None
    lower_bound: float | None = None
    note: str | None = None


@event("kpi.ranking.published.v1", subject="ranking_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class RankingPublished(Event):
    """A ranking of agents or teams (`of`) by one metric over a period, whose days are those of `zone`."""

    ranking_id: UUID
    of: str
    metric: str
    definition_version: int
    period_from: datetime
    period_to: datetime
    published_at: datetime
    published_by: str
    places: tuple[RankedFact, ...]
    metric_name_zh: str | None = None
    metric_name_en: str | None = None
    zone: str | None = None
