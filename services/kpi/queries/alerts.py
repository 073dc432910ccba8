"""Alert rules, alerts and patterns, to look at; and the readings that rules and patterns are judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.alert import Alert, Reading, Rule
from services.kpi.domain.fact import BUCKET_MINUTES
from services.kpi.domain.pattern import Pattern
from services.kpi.domain.question import Sight
from services.kpi.domain.target import CENTRE
from services.kpi.queries.facts import facts_at
from services.kpi.queries.values import Span, asked, ids_among, values
from services.kpi.tables import agents, alert_rules, alerts, patterns
from shared.platform.paging import Page, page


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView(Alert):
    """An alert with what its rule says now: of which metric, and what is bad. `facts`: where its value opens."""

    rule_name: str
    metric: str
    group_by: str
    direction: str
    threshold: float
    facts: str | None


def window_of(rule: Rule, now: datetime) -> tuple[datetime, datetime]:
    """The quarter hours that a rule looks at: so many minutes, the one under way included."""
    quarter = timedelta(minutes=BUCKET_MINUTES)
    begun = now.replace(minute=now.minute - now.minute % BUCKET_MINUTES, second=0, microsecond=0)
    whole = -(-rule.window_minutes // BUCKET_MINUTES)
    return begun + quarter - whole * quarter, begun + quarter


async def readings(conn: AsyncConnection, rule: Rule, window: tuple[datetime, datetime]) -> Sequence[Reading]:
    """What the rule's metric says of each of its groups in a window; what belongs to nobody is no group."""
    span = Span(*window, "UTC")
    found = await values(conn, asked(rule.metric, span, Sight(), rule.group_by, rule.group))
    judged = [value for value in found if value.group is not None or rule.group_by == CENTRE]
    return [Reading(value.group, value.name, value.point.value, value.point.n, window) for value in judged]


async def rule_list(conn: AsyncConnection, *, limit: int, after: str | None) -> Page[Rule]:
    """Every rule, by name."""
    order = (alert_rules.c.name, alert_rules.c.rule_id)
    return await page(
        conn, select(alert_rules), order=order, limit=limit, after=after, make=lambda row: Rule(**row._mapping)
    )


async def alert_list(
    conn: AsyncConnection, *, sight: Sight, state: str | None, rule_id: UUID | None, limit: int, after: str | None
) -> Page[AlertView]:
    """Alerts, oldest first; without a state the raised and resolved ones."""
    wanted = alerts.c.state == state if state else alerts.c.raised_at.is_not(None)
    of_rule = [alert_rules.c[name] for name in ("metric", "group_by", "direction", "threshold")]
    found = select(alerts, alert_rules.c.name.label("rule_name"), *of_rule).join(alert_rules, _RULED)
    found = found.where(wanted, *_in_sight(sight))
    if rule_id:
        found = found.where(alerts.c.rule_id == rule_id)
    order = (alerts.c.since, alerts.c.alert_id)
    return await page(conn, found, order=order, limit=limit, after=after, make=_alert_view)


def _alert_view(row: Row[Any]) -> AlertView:
    return AlertView(**row._mapping, facts=_facts_of(row) if row.window_from else None)


def _facts_of(alert: Row[Any]) -> str:
    window = {"from": alert.window_from.isoformat(), "to": alert.window_to.isoformat()}
    whom = {alert.group_by: alert.group} if alert.group else {}
    return facts_at(alert.metric, window | whom)


async def open_alert_count(conn: AsyncConnection, *, sight: Sight, team: str | None) -> int:
    """How many alerts are raised now, as far as they are to be seen; of one team, those of it and its agents."""
    found = select(func.count()).select_from(alerts).join(alert_rules, _RULED).where(alerts.c.state == "raised")
    if team:
        found = found.where(_of_teams([team]))
    return (await conn.execute(found.where(*_in_sight(sight)))).scalar_one()


_RULED = alert_rules.c.rule_id == alerts.c.rule_id


def _in_sight(sight: Sight) -> list[ColumnElement[bool]]:
    """Everybody may see what is wrong with the centre; with a team or agent only who may see their figures."""
    if sight.everything:
        return []
    shared = alert_rules.c.group_by.not_in(("team", "agent"))
    own = and_(alert_rules.c.group_by == "agent", alerts.c.group == sight.staff_no)
    return [or_(shared, own, _of_teams(sight.teams))]


def _of_teams(teams: Sequence[str]) -> ColumnElement[bool]:
    theirs = select(agents.c.staff_no).where(agents.c.team_id.in_(ids_among(teams)))
    of_team = and_(alert_rules.c.group_by == "team", alerts.c.group.in_(teams))
    return or_(of_team, and_(alert_rules.c.group_by == "agent", alerts.c.group.in_(theirs)))


async def pattern_list(
    conn: AsyncConnection, *, sight: Sight, state: str | None, limit: int, after: str | None
) -> Page[Pattern]:
    """Patterns that somebody may look at: the own teams'; nobody sees one about themselves as a verdict."""
    found = select(patterns)
    if state:
        found = found.where(patterns.c.state == state)
    if not sight.everything:
        found = found.where(patterns.c.team_id.in_(ids_among(sight.teams)))
    order = (patterns.c.found_at, patterns.c.pattern_id)
    return await page(conn, found, order=order, limit=limit, after=after, make=lambda row: Pattern(**row._mapping))
