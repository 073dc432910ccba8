"""Measured adherence as it is shown."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain import adherence as rules
from services.roster.domain.adherence import SECONDS, Figures
from services.roster.domain.measure import measure_from
from services.roster.queries.people import team_of
from services.roster.queries.sight import in_sight, of_agent, of_team, require_self_or_lead
from services.roster.tables import adherence
from shared.contracts.refusal import Refusal
from shared.contracts.roster import AdherenceInterval
from shared.platform.actor import Actor
from shared.platform.paging import Page, page


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Percent; none where there is nothing to divide by.

    `adherence` = max(0, 1 - exception / scheduled); `adherence_outside_counts` = max(0, 1 - (exception + outside) /
    (scheduled + outside)); `conformance` = worked / scheduled; `break_adherence` = max(0, 1 - break exception / break);
    `occupancy` = busy / (busy + ready).
    """

    adherence: float | None
    adherence_outside_counts: float | None
    conformance: float | None
    break_adherence: float | None
    occupancy: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalView(AdherenceInterval):
    """A quarter hour with its rates."""

    rates: Rates


@dataclass(frozen=True, slots=True, kw_only=True)
class AdherenceView:
    """One figure of one agent's day, in seconds and in percent, in all and by quarter hours (UTC).

    `basis`: `in_force`, against the version in force while the shift ran; `edited`, against version `planned_number`,
    published when the day was over.
    """

    measure_id: UUID
    attendance_id: UUID
    revision: int
    current: bool
    basis: str
    agent_id: UUID
    staff_no: str
    agent_name: str
    team_id: UUID
    team_name: str
    zone: str
    shift_on: date
    shift_code: str | None
    planned_number: int | None
    source: str
    scheduled_seconds: int
    worked_seconds: int
    exception_seconds: int
    outside_seconds: int
    break_seconds: int
    break_exception_seconds: int
    busy_seconds: int
    ready_seconds: int
    rates: Rates
    intervals: list[IntervalView]
    measured_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AdherenceHistory:
    """All revisions of one figure, the one that holds last."""

    measure_id: UUID
    items: list[AdherenceView]


async def list_adherence(
    conn: AsyncConnection,
    *,
    actor: Actor,
    team: str | None,
    on: date | None,
    agent: str | None,
    basis: str | None,
    limit: int,
    after: str | None,
) -> Page[AdherenceView]:
    """The figures that hold and that the caller sees, by day."""
    table = adherence
    query = select(table).where(table.c.current, in_sight(actor, table.c.team_id, table.c.staff_no))
    if team:
        query = query.where(of_team(table.c.team_id, team))
    if on:
        query = query.where(table.c.shift_on == on)
    if agent:
        query = query.where(of_agent(table.c.agent_id, table.c.staff_no, agent))
    if basis:
        query = query.where(table.c.basis == basis)
    order = (table.c.shift_on, table.c.measure_id)
    return await page(conn, query, order=order, limit=limit, after=after, make=lambda row: _view(row._mapping))


async def adherence_history(conn: AsyncConnection, *, actor: Actor, measure_id: UUID) -> AdherenceHistory:
    """One figure with all its revisions; 404 when there is none."""
    table = adherence
    rows = (await conn.execute(select(table).where(table.c.measure_id == measure_id).order_by(table.c.revision))).all()
    if not rows:
        raise Refusal("not-found", noun="adherence", what=measure_id)
    require_self_or_lead(actor, rows[0].staff_no, await team_of(conn, rows[0].team_id))
    return AdherenceHistory(measure_id=measure_id, items=[_view(row._mapping) for row in rows])


async def adherence_of(conn: AsyncConnection, attendance_id: UUID) -> list[AdherenceView]:
    """The figures of one settled day that hold: the one in force first, then later versions'."""
    table = adherence
    query = select(table).where(table.c.attendance_id == attendance_id, table.c.current)
    found = [_view(row._mapping) for row in await conn.execute(query)]
    return sorted(found, key=lambda one: (one.basis != "in_force", one.planned_number or 0))


def _view(record: Any) -> AdherenceView:
    fact = measure_from(record).fact
    told = {one.name: getattr(fact, one.name) for one in fields(fact) if one.name != "intervals"}
    return AdherenceView(
        **told, current=record["current"], rates=_rates(fact), intervals=[_interval(one) for one in fact.intervals]
    )


def _interval(interval: AdherenceInterval) -> IntervalView:
    told = {one.name: getattr(interval, one.name) for one in fields(interval)}
    return IntervalView(**told, rates=_rates(interval))


def _rates(found: Any) -> Rates:
    figures = Figures(**{name: getattr(found, name) for name in SECONDS})
    return Rates(
        adherence=_percent(rules.adherence(figures)),
        adherence_outside_counts=_percent(rules.adherence(figures, outside_counts=True)),
        conformance=_percent(rules.conformance(figures)),
        break_adherence=_percent(rules.break_adherence(figures)),
        occupancy=_percent(rules.occupancy(figures)),
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 2)
