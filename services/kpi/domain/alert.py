"""Alerts: a rule raises once when a metric has been bad for long enough, and resolves once when it is well again.

Between the threshold and `clear_at` nothing changes (hysteresis), so that a value on the edge does not ring all day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.kpi.domain.catalogue import metric_named
from services.kpi.domain.metric import Better, Unit
from services.kpi.domain.period import HOME_ZONE
from services.kpi.domain.question import dimension_not_of
from services.kpi.domain.target import CENTRE, require_sort
from shared.contracts.kpi import AlertRaised, AlertResolved
from shared.contracts.refusal import Fault, Refusal

ACK_WITHIN = timedelta(minutes=30)
CLEAR_PAST = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Watch `metric` of each group (or one, or the centre) over the last `window_minutes`.

    `direction`: bad is `above` or `below` the threshold. It has to be bad for `for_minutes`, on at least `least_n`
    facts. It is well again past `clear_at`.
    """

    rule_id: UUID
    name: str
    metric: str
    group_by: str
    direction: str
    threshold: float
    clear_at: float
    for_minutes: int
    window_minutes: int
    least_n: int
    active: bool
    version: int
    group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One group under one rule: `pending` (bad, not yet for long enough), `raised`, `resolved`.

    `value` was read over `window_from` (included) to `window_to` (excluded); none where that was not kept yet.
    """

    alert_id: UUID
    rule_id: UUID
    group: str | None
    group_name: str | None
    state: str
    since: datetime
    version: int
    value: float | None = None
    n: int = 0
    window_from: datetime | None = None
    window_to: datetime | None = None
    raised_at: datetime | None = None
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the metric said of a group over a window."""

    group: str | None
    name: str | None
    value: float | None
    n: int
    window: tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Ring:
    """That an alert changed, and how it is now; `told` is `raised`, `resolved` or none."""

    alert: Alert
    told: str | None = None


def set_rule(rule: Rule) -> Rule:
    """Refuses a rule whose metric has no such groups, or that would be well again while it is still bad."""
    metric = metric_named(rule.metric)
    if rule.group_by != CENTRE and rule.group_by not in metric.kind.dimensions:
        raise dimension_not_of(metric, "group_by", rule.group_by)
    require_sort(rule.group_by, rule.group)
    if (rule.direction == "above" and rule.clear_at > rule.threshold) or (
        rule.direction == "below" and rule.clear_at < rule.threshold
    ):
        raise Refusal("clear-at-beyond-threshold", faults=(Fault("clear_at", "clear-at-beyond-threshold", {}),))
    return rule


def default_clear_at(threshold: float, direction: str, unit: Unit) -> float:
    """Five percent of the threshold past it; of a rate not more than everything, which it could never be."""
    past = abs(threshold) * CLEAR_PAST
    if direction == "above":
        return threshold - past
    return min(threshold + past, max(threshold, 100.0)) if unit is Unit.PERCENT else threshold + past


def judge(rule: Rule, alert: Alert | None, reading: Reading, now: datetime, make_id: Callable[[], UUID]) -> Ring | None:
    """What a reading does to a group's alert; none when nothing changes. Too few facts say nothing either way."""
    enough = reading.value is not None and reading.n >= rule.least_n
    if alert is None:
        if not (enough and _is_bad(rule, reading.value)):
            return None
        alert = Alert(
            alert_id=make_id(),
            rule_id=rule.rule_id,
            group=reading.group,
            group_name=reading.name,
            state="pending",
            since=now,
            version=0,
        )
    elif not enough:
        return None
    from_, to = reading.window
    seen = replace(alert, value=reading.value, n=reading.n, window_from=from_, window_to=to, version=alert.version + 1)
    return _next(rule, seen, now)


def _next(rule: Rule, alert: Alert, now: datetime) -> Ring | None:
    if alert.state == "raised":
        well = _is_well(rule, alert.value)
        return Ring(replace(alert, state="resolved", resolved_at=now), "resolved") if well else None
    if not _is_bad(rule, alert.value):
        return Ring(replace(alert, state="resolved", resolved_at=now))
    if now - alert.since >= timedelta(minutes=rule.for_minutes):
        return Ring(replace(alert, state="raised", raised_at=now), "raised")
    return Ring(alert)


def let_go(alert: Alert, now: datetime) -> Ring:
    """Nobody watches any more: what was raised is resolved, and said to be."""
    told = "resolved" if alert.state == "raised" else None
    return Ring(replace(alert, state="resolved", resolved_at=now, version=alert.version + 1), told)


def _is_bad(rule: Rule, value: float | None) -> bool:
    return value is not None and (value > rule.threshold if rule.direction == "above" else value < rule.threshold)


def _is_well(rule: Rule, value: float | None) -> bool:
    return value is not None and (value <= rule.clear_at if rule.direction == "above" else value >= rule.clear_at)


def told(rule: Rule, ring: Ring, window_from: datetime, window_to: datetime) -> AlertRaised | AlertResolved:
    """The event of a raised or resolved alert; the window given is for one that did not keep its own yet."""
    alert = ring.alert
    assert alert.raised_at is not None
    metric = metric_named(rule.metric)
    fact = {
        "alert_id": alert.alert_id,
        "rule_id": rule.rule_id,
        "rule_name": rule.name,
        "metric": rule.metric,
        "unit": str(metric.unit),
        "group_by": rule.group_by,
        "direction": rule.direction,
        "threshold": rule.threshold,
        "n": alert.n,
        "window_from": alert.window_from or window_from,
        "window_to": alert.window_to or window_to,
        "group": alert.group,
        "group_name": alert.group_name,
        "team_id": UUID(alert.group) if rule.group_by == "team" and alert.group else None,
        "staff_no": alert.group if rule.group_by == "agent" else None,
        "value": alert.value,
        "raised_at": alert.raised_at,
        "metric_name_zh": metric.name.zh,
        "metric_name_en": metric.name.en,
        "zone": None if rule.group_by == "team" else HOME_ZONE,
    }
    if ring.told == "raised":
        return AlertRaised(**fact, ack_by=alert.raised_at + ACK_WITHIN)  # type: ignore[arg-type]
    assert alert.resolved_at is not None
    return AlertResolved(**fact, resolved_at=alert.resolved_at)  # type: ignore[arg-type]


def default_direction(better: str) -> str:
    """Bad is below where more is better, else above."""
    return "below" if better == Better.UP else "above"
