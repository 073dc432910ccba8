"""Patterns in somebody's figures that a lead should look at: proposals, never verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.kpi.domain.metric import Better
from services.kpi.domain.standing import attainment
from shared.contracts.kpi import PatternFound

WINDOW_DAYS = 28
LEAST_TIMES = 5
LEAST_MISSED = 3
TIMES_THE_CENTRE = 2.0
PLATEAU_WEEKS = 6
PLATEAU_SPREAD = 0.02
"""Weekly values within two percent of their mean move nowhere."""

REPEATED_TRANSFERS = "repeated_transfers"
REPEATED = {"transfer_when_bad": REPEATED_TRANSFERS, "not_asked": "repeated_not_asked"}
"""Metrics whose numerator counts what somebody did again and again."""
PASSED_ON = "case_transfers"
"""The metric that shows transfers of cases, also of those that turned bad."""
MISSED = ("promise_kept", "closed_loop")
"""Metrics whose missing numerator is a loop that was not closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A metric of one agent or of the centre."""

    value: float | None
    numerator: float
    denominator: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """What was found about an agent; `state` is proposed, taken_up or dismissed, by the lead who looked."""

    pattern_id: UUID
    kind: str
    staff_no: str
    agent_name: str
    team_id: UUID | None
    team_name: str | None
    metric: str
    fact_count: int
    window_from: datetime
    window_to: datetime
    found_at: datetime
    version: int
    state: str = "proposed"
    decided_by: str | None = None
    note: str | None = None


def repeated(kind: str, agent: Figure, centre: Figure) -> tuple[str, int] | None:
    """At least five times, and twice as often as in the whole centre: the kind and how many facts."""
    if agent.value is None or centre.value is None or agent.numerator < LEAST_TIMES:
        return None
    return (kind, int(agent.numerator)) if agent.value >= centre.value * TIMES_THE_CENTRE else None


def missed(figures: Iterable[Figure]) -> tuple[str, int] | None:
    """Three or more promises or hand-offs that did not end with the customer: the kind and how many."""
    count = sum(figure.denominator - int(figure.numerator) for figure in figures)
    return ("missed_loops", count) if count >= LEAST_MISSED else None


def plateau(weekly: Sequence[float | None], target: float, better: str) -> bool:
    """Six weeks below target that move nowhere."""
    values = [value for value in weekly if value is not None]
    if len(values) < PLATEAU_WEEKS or len(values) < len(weekly):
        return False
    mean = sum(values) / len(values)
    flat = all(abs(value - mean) <= abs(mean) * PLATEAU_SPREAD for value in values)
    attained = attainment(mean, target, better if better != Better.NEITHER else Better.UP)
    return flat and attained is not None and attained < 100


def strongest(by_metric: Mapping[str, tuple[str, int]]) -> list[tuple[str, str, int]]:
    """What was found by metric, as (metric, kind, facts), most facts first."""
    return sorted(((metric, kind, facts) for metric, (kind, facts) in by_metric.items()), key=lambda one: -one[2])


def found(pattern: Pattern) -> PatternFound:
    """What is told of a pattern."""
    return PatternFound(
        pattern_id=pattern.pattern_id,
        kind=pattern.kind,
        staff_no=pattern.staff_no,
        agent_name=pattern.agent_name,
        fact_count=pattern.fact_count,
        window_from=pattern.window_from,
        window_to=pattern.window_to,
        found_at=pattern.found_at,
        team_id=pattern.team_id,
        team_name=pattern.team_name,
    )
