"""Alert rules, alerts and patterns, to look at; and the readings that rules and patterns are judged by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.alert import Alert, Reading, Rule
from services.kpi.domain.fact import BUCKET_MINUTES
from services.kpi.domain.pattern import Pattern
from services.kpi.domain.question import Sight
from services.kpi.queries.values import Span, asked, ids_among, values
from services.kpi.tables import alert_rules, alerts, patterns
from shared.platform.paging import Page, page


def window_of(rule: Rule, now: datetime) -> tuple[datetime, datetime]:
    """The quarter hours that a rule looks at: so many minutes, the one under way included."""
    quarter = timedelta(minutes=BUCKET_MINUTES)
    begun = now.replace(minute=now.minute - now.minute % BUCKET_MINUTES, second=0, microsecond=0)
    whole = -(-rule.window_minutes // BUCKET_MINUTES)
    return begun + quarter - whole * quarter, begun + quarter


async def readings(conn: AsyncConnection, rule: Rule, window: tuple[datetime, datetime]) -> Sequence[Reading]:
    """What the rule's metric says of each of its groups in a window."""
    span = Span(*window, "UTC")
    found = await values(conn, asked(rule.metric, span, Sight(), rule.group_by, rule.group))
    return [Reading(value.group, value.name, value.point.value, value.point.n) for value in found]


async def rule_list(conn: AsyncConnection, *, limit: int, after: str | None) -> Page[Rule]:
    """Every rule, by name."""
    order = (alert_rules.c.name, alert_rules.c.rule_id)
    return await page(
        conn, select(alert_rules), order=order, limit=limit, after=after, make=lambda row: Rule(**row._mapping)
    )


async def alert_list(
    conn: AsyncConnection, *, state: str | None, rule_id: UUID | None, limit: int, after: str | None
) -> Page[Alert]:
    """Alerts, oldest first; without a state the raised and resolved ones."""
    wanted = alerts.c.state == state if state else alerts.c.raised_at.is_not(None)
    found = select(alerts).where(wanted)
    if rule_id:
        found = found.where(alerts.c.rule_id == rule_id)
    order = (alerts.c.since, alerts.c.alert_id)
    return await page(conn, found, order=order, limit=limit, after=after, make=lambda row: Alert(**row._mapping))


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
