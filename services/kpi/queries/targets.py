"""Targets, and how groups stand to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.catalogue import metric_named
from services.kpi.domain.question import Sight
from services.kpi.domain.standing import Tiers, TierShare, attainment, distribution, first_target, next_target
from services.kpi.domain.target import CENTRE, Target, in_force, stretch_reached, with_direction
from services.kpi.queries.values import Span, Value, asked, spared, values
from services.kpi.tables import targets
from shared.contracts.refusal import Refusal
from shared.platform.paging import Page, page


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One group against its target: attainment in percent of it, and the highest stretch that was reached."""

    group: str | None
    name: str | None
    value: float | None
    numerator: float
    denominator: int
    n: int
    target: float | None
    target_version: int | None
    attainment: float | None
    tier: str | None
    stretch: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """Every group against its target, and how they spread over the tiers."""

    metric: str
    unit: str
    definition_version: int
    group_by: str
    tz: str
    as_of: datetime | None
    items: list[Standing]
    tiers: list[TierShare]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Where a target could be set, from what the groups reached: for a start, or for the next round."""

    metric: str
    group_by: str
    value: float | None
    current: float | None
    group_count: int
    reached_count: int


async def target_list(
    conn: AsyncConnection, *, metric: str | None, group_by: str | None, limit: int, after: str | None
) -> Page[Target]:
    """Targets as they are now."""
    found = select(targets).where(targets.c.current)
    for name, value in (("metric", metric), ("group_by", group_by)):
        found = found.where(targets.c[name] == value) if value else found
    return await page(
        conn, found, order=(targets.c.set_at, targets.c.target_id), limit=limit, after=after, make=_target
    )


async def target_versions(conn: AsyncConnection, *, target_id: UUID) -> list[Target]:
    """Every version of a target, the oldest first; 404 `not-found`."""
    rows = await conn.execute(select(targets).where(targets.c.target_id == target_id).order_by(targets.c.version))
    found = [_target(row) for row in rows]
    if not found:
        raise Refusal("not-found", noun="target", what=target_id)
    return found


async def targets_of(conn: AsyncConnection, metric: str, group_by: str) -> list[Target]:
    """Every version of every target of a metric for one sort of groups."""
    mine = select(targets).where(targets.c.metric == metric, targets.c.group_by == group_by)
    return [_target(row) for row in await conn.execute(mine)]


async def targets_by_metric(conn: AsyncConnection, group_by: str) -> dict[str, list[Target]]:
    """Every version of every target for one sort of groups, by metric."""
    found: defaultdict[str, list[Target]] = defaultdict(list)
    for row in await conn.execute(select(targets).where(targets.c.group_by == group_by)):
        found[row.metric].append(_target(row))
    return found


async def standings(conn: AsyncConnection, *, metric: str, group_by: str, span: Span, sight: Sight) -> Standings:
    """Each group of a sort over a period, against the target that was in force at its end; newcomers not on speed."""
    known, versions = metric_named(metric), await targets_of(conn, metric, group_by)
    found = await values(conn, asked(metric, span, sight, group_by))
    without = await spared(conn, known, group_by, _day(span.from_))
    items = [
        _standing(value, None if value.group in without else _held_to(versions, group_by, value, _day(span.to)))
        for value in found
    ]
    return Standings(
        metric=metric,
        unit=known.unit,
        definition_version=known.version,
        group_by=group_by,
        tz=span.zone,
        as_of=max((value.point.as_of for value in found if value.point.as_of), default=None),
        items=items,
        tiers=distribution(item.tier for item in items),
    )


def _held_to(versions: Sequence[Target], group_by: str, value: Value, on: date) -> Target | None:
    """A group's target; what belongs to nobody is held to none."""
    return in_force(versions, group_by, value.group, on) if value.group or group_by == CENTRE else None


def _standing(value: Value, target: Target | None) -> Standing:
    point = value.point
    attained = attainment(point.value, target.value, metric_named(target.metric).better) if target else None
    return Standing(
        group=value.group,
        name=value.name,
        value=point.value,
        numerator=point.numerator,
        denominator=point.denominator,
        n=point.n,
        target=target.value if target else None,
        target_version=target.version if target else None,
        attainment=attained,
        tier=target.tiers.of(attained) if target else None,
        stretch=stretch_reached(target, attained) if target else None,
    )


async def suggestion(conn: AsyncConnection, *, metric: str, group_by: str, span: Span, sight: Sight) -> Suggestion:
    """A start that six in ten groups reach already; or, where there is a target, the next round.

    Refuses with `metric-without-direction` what has no target.
    """
    known = with_direction(metric_named(metric))
    found = await values(conn, asked(metric, span, sight, group_by))
    groups = [value for value in found if value.group or group_by == CENTRE]
    reached = [value.point.value for value in groups if value.point.value is not None]
    current = in_force(await targets_of(conn, metric, group_by), group_by, None, _day(span.to))
    proposed = next_target(current.value, reached, known.better) if current else first_target(reached, known.better)
    attained = [attainment(value, proposed, known.better) for value in reached] if proposed else []
    return Suggestion(
        metric=metric,
        group_by=group_by,
        value=proposed,
        current=current.value if current else None,
        group_count=len(reached),
        reached_count=sum(percent is not None and percent >= 100 for percent in attained),
    )


def _day(when: date | datetime) -> date:
    return when.date() if isinstance(when, datetime) else when


def _target(row: Row[Any]) -> Target:
    kept = {name: value for name, value in row._mapping.items() if name != "current"}
    return Target(**kept | {"tiers": Tiers(**row.tiers), "stretch": tuple(row.stretch)})
