"""Rules that watch metrics, and what they raise; patterns, found and decided about."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.kpi.domain import alert as rules
from services.kpi.domain.alert import Alert, Reading, Ring, Rule
from services.kpi.domain.catalogue import metric_named
from services.kpi.domain.pattern import Pattern, found
from services.kpi.queries.alerts import readings, window_of
from services.kpi.queries.patterns import patterns_now
from services.kpi.queries.teams import named_group
from services.kpi.store.alerts import (
    add_pattern,
    load_pattern,
    load_rule,
    open_alerts,
    save_alert,
    save_pattern,
    save_rule,
)
from shared.contracts.refusal import Refusal
from shared.platform.ids import new_id
from shared.platform.timers import Timer, cancel_timers, set_timers
from shared.platform.work import Work

WATCH = "watch_metric"
SEARCH = "search_patterns"
EVERY = timedelta(minutes=5)
DAILY = timedelta(days=1)


async def add_rule(work: Work, *, clear_at: float | None, direction: str | None, **given: Any) -> Rule:
    """Watch a metric from now on."""
    metric = metric_named(given["metric"])
    direction = direction or rules.default_direction(metric.better)
    if clear_at is None:
        clear_at = rules.default_clear_at(given["threshold"], direction, metric.unit)
    given["group"] = await named_group(work.conn, given["group_by"], given["group"])
    rule = Rule(rule_id=new_id(), direction=direction, clear_at=clear_at, active=True, version=1, **given)
    return await _keep(work, rule)


async def change_rule(work: Work, *, rule_id: UUID, seen: int, changes: dict[str, Any]) -> Rule:
    """Watch otherwise; or, with `active` false, no more."""
    rule = await load_rule(work.conn, rule_id)
    if rule.version != seen:
        raise Refusal("stale-version", current=rule.version)
    return await _keep(work, replace(rule, **changes, version=rule.version + 1))


async def _keep(work: Work, rule: Rule) -> Rule:
    await save_rule(work.conn, rules.set_rule(rule))
    if rule.active:
        await set_timers(work, [_next_look(work, rule.rule_id)])
    else:
        await cancel_timers(work, WATCH, [rule.rule_id])
        for alert in await open_alerts(work.conn, rule.rule_id):
            await _tell(work, rule, rules.let_go(alert, work.now))
    return rule


def _next_look(work: Work, rule_id: UUID, *, after: timedelta = timedelta()) -> Timer:
    return Timer(kind=WATCH, subject_id=rule_id, due_at=work.now + after)


async def watch_metric(work: Work, timer: Timer) -> None:
    """Read a rule's metric, raise and resolve what there is, and look again in five minutes."""
    rule = await load_rule(work.conn, timer.subject_id)
    if not rule.active:
        return
    window = window_of(rule, work.now)
    read = {reading.group: reading for reading in await readings(work.conn, rule, window)}
    known = {alert.group: alert for alert in await open_alerts(work.conn, rule.rule_id)}
    for group in read.keys() | known.keys():
        ring = rules.judge(rule, known.get(group), read.get(group) or _nothing(known[group], window), work.now, new_id)
        if ring:
            await _tell(work, rule, ring)
    await set_timers(work, [_next_look(work, rule.rule_id, after=EVERY)])


async def _tell(work: Work, rule: Rule, ring: Ring) -> None:
    await save_alert(work.conn, ring.alert)
    if ring.told:
        work.record(rules.told(rule, ring, *window_of(rule, work.now)), sequence=ring.alert.version)


def _nothing(alert: Alert, window: tuple[datetime, datetime]) -> Reading:
    return Reading(alert.group, alert.group_name, None, 0, window)


async def search_patterns(work: Work, timer: Timer) -> None:
    """Once a day: what is new about anybody is proposed to their lead."""
    for pattern in await patterns_now(work.conn, work.now):
        if await add_pattern(work.conn, pattern):
            work.record(found(pattern), sequence=pattern.version)
    await set_timers(work, [Timer(kind=SEARCH, subject_id=timer.subject_id, due_at=work.now + DAILY)])


async def decide_pattern(work: Work, *, pattern_id: UUID, state: str, note: str | None) -> Pattern:
    """A lead takes a proposal up, or dismisses it."""
    pattern = await load_pattern(work.conn, pattern_id)
    work.actor.require_team(pattern.team_id, pattern.team_name)
    if pattern.state != "proposed":
        raise Refusal("pattern-decided", state=pattern.state)
    decided = replace(pattern, state=state, note=note, decided_by=work.actor.sub, version=pattern.version + 1)
    await save_pattern(work.conn, decided)
    return decided
