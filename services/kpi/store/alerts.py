"""Alert rules, alerts, and patterns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.alert import Alert, Rule
from services.kpi.domain.pattern import Pattern
from services.kpi.tables import alert_rules, alerts, patterns
from shared.contracts.refusal import Refusal


async def load_rule(conn: AsyncConnection, rule_id: UUID) -> Rule:
    """A rule, locked; 404 `not-found`."""
    row = (await conn.execute(select(alert_rules).where(alert_rules.c.rule_id == rule_id).with_for_update())).first()
    if row is None:
        raise Refusal("not-found", noun="alert rule", what=rule_id)
    return Rule(**row._mapping)


async def save_rule(conn: AsyncConnection, rule: Rule) -> None:
    """Keep a rule, new or changed."""
    new = insert(alert_rules).values({alert_rules.c[name]: value for name, value in asdict(rule).items()})
    again = {name: new.excluded[name] for name in asdict(rule) if name != "rule_id"}
    await conn.execute(new.on_conflict_do_update(index_elements=["rule_id"], set_=again))


async def open_alerts(conn: AsyncConnection, rule_id: UUID) -> Sequence[Alert]:
    """What is pending or raised under a rule."""
    found = select(alerts).where(alerts.c.rule_id == rule_id, alerts.c.state != "resolved")
    return [Alert(**row._mapping) for row in await conn.execute(found)]


async def save_alert(conn: AsyncConnection, alert: Alert) -> None:
    """Keep an alert, new or changed."""
    new = insert(alerts).values({alerts.c[name]: value for name, value in asdict(alert).items()})
    again = {name: new.excluded[name] for name in asdict(alert) if name != "alert_id"}
    await conn.execute(new.on_conflict_do_update(index_elements=["alert_id"], set_=again))


async def add_pattern(conn: AsyncConnection, pattern: Pattern) -> bool:
    """Keep a pattern unless it was found before; whether it is new."""
    new = insert(patterns).values(asdict(pattern)).on_conflict_do_nothing().returning(patterns.c.pattern_id)
    return (await conn.execute(new)).scalar() is not None


async def load_pattern(conn: AsyncConnection, pattern_id: UUID) -> Pattern:
    """A pattern, locked; 404 `not-found`."""
    row = (await conn.execute(select(patterns).where(patterns.c.pattern_id == pattern_id).with_for_update())).first()
    if row is None:
        raise Refusal("not-found", noun="pattern", what=pattern_id)
    return Pattern(**row._mapping)


async def save_pattern(conn: AsyncConnection, pattern: Pattern) -> None:
    """Keep what was decided about a pattern."""
    values = asdict(pattern)
    await conn.execute(patterns.update().where(patterns.c.pattern_id == pattern.pattern_id).values(values))
