"""SLA policies and calendars; and a case's clocks, with every stretch of time explained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain import sla_clock as clocks
from services.cases.domain.business_calendar import BusinessCalendar
from services.cases.domain.sla_clock import Clock, ClockStep, HoursOf, Interval
from services.cases.domain.sla_policy import Policy
from services.cases.domain.sla_stored import calendar_from, clock_from, policy_from
from services.cases.domain.working_time import whole_seconds
from services.cases.queries.cases import read_case
from services.cases.queries.sight import require_sight
from services.cases.queries.working_hours import hours_by_terms
from services.cases.tables import calendars, sla_clocks, sla_policies
from shared.contracts.refusal import Refusal
from shared.platform.actor import Actor
from shared.platform.paging import Page, page


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockView:
    """One clock: how much is counted of its target, when it runs out, what happened to it, and each stretch of time."""

    clock_id: UUID
    target: str
    cycle: int
    state: str
    policy: str
    policy_version: int
    calendar: str
    calendar_version: int
    zone: str
    target_seconds: int
    counted_seconds: int
    remaining_seconds: int
    activated_at: datetime
    due_at: datetime | None
    warned_percent: int | None
    breached: bool
    level: int
    met: bool | None
    log: list[ClockStep]
    intervals: list[Interval]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSla:
    """A case's clocks as of now."""

    case_id: UUID
    as_of: datetime
    due_at: datetime | None
    clocks: list[ClockView]


async def case_sla(conn: AsyncConnection, *, actor: Actor, case_id: UUID, now: datetime) -> CaseSla:
    """The clocks of a case in order of their start."""
    case = await read_case(conn, case_id)
    await require_sight(conn, actor, case)
    query = select(sla_clocks).where(sla_clocks.c.case_id == case_id)
    rows = await conn.execute(query.order_by(sla_clocks.c.activated_at, sla_clocks.c.clock_id))
    found = [clock_from(row._mapping) for row in rows]
    terms = {entry.terms for clock in found for entry in clock.log if entry.terms}
    hours_of = await hours_by_terms(conn, terms)
    return CaseSla(
        case_id=case_id, as_of=now, due_at=case.due_at, clocks=[_shown(clock, hours_of, now) for clock in found]
    )


async def list_policies(
    conn: AsyncConnection, *, code: str | None, all_versions: bool, limit: int, after: str | None
) -> Page[Policy]:
    """Policies by code, each in its newest version or in every one."""
    query = _versions(sla_policies, code, all_versions)
    return await page(conn, query, order=_ORDER[sla_policies.name], limit=limit, after=after, make=_policy)


async def list_calendars(
    conn: AsyncConnection, *, code: str | None, all_versions: bool, limit: int, after: str | None
) -> Page[BusinessCalendar]:
    """Calendars by code, each in its newest version or in every one."""
    query = _versions(calendars, code, all_versions)
    return await page(conn, query, order=_ORDER[calendars.name], limit=limit, after=after, make=_calendar)


async def get_policy(conn: AsyncConnection, *, policy_id: UUID) -> Policy:
    """A policy in its newest version."""
    return policy_from(await _newest(conn, sla_policies, "policy_id", policy_id))


async def get_calendar(conn: AsyncConnection, *, calendar_id: UUID) -> BusinessCalendar:
    """A calendar in its newest version."""
    return calendar_from(await _newest(conn, calendars, "calendar_id", calendar_id))


def _shown(clock: Clock, hours_of: HoursOf, now: datetime) -> ClockView:
    counted = clocks.counted_now(clock, hours_of(clock.terms), now)
    terms = clock.terms
    return ClockView(
        clock_id=clock.clock_id,
        target=clock.target,
        cycle=clock.cycle,
        state=clock.state,
        policy=terms.policy,
        policy_version=terms.policy_version,
        calendar=terms.calendar,
        calendar_version=terms.calendar_version,
        zone=terms.zone,
        target_seconds=terms.target_seconds,
        counted_seconds=whole_seconds(counted),
        remaining_seconds=terms.target_seconds - whole_seconds(counted),
        activated_at=clock.activated_at,
        due_at=clock.due_at,
        warned_percent=clock.warned or None,
        breached=clock.level > 0,
        level=clock.level,
        met=None if clock.is_open else clocks.is_met(clock),
        log=list(clock.log),
        intervals=list(clocks.intervals(clock, hours_of, now)),
    )


def _versions(table: Table, code: str | None, all_versions: bool) -> Select[Any]:
    query = select(table)
    if code is not None:
        query = query.where(table.c.code == code)
    if not all_versions:
        newer = table.alias("newer")
        newest = select(func.max(newer.c.version)).where(newer.c.code == table.c.code)
        query = query.where(table.c.version == newest.scalar_subquery())
    return query


async def _newest(conn: AsyncConnection, table: Table, key: str, value: UUID) -> Any:
    query = select(table).where(table.c[key] == value).order_by(table.c.version.desc()).limit(1)
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise Refusal("not-found", noun=key.removesuffix("_id"), what=value)
    return row._mapping


def _policy(row: Any) -> Policy:
    return policy_from(row._mapping)


def _calendar(row: Any) -> BusinessCalendar:
    return calendar_from(row._mapping)


_ORDER: dict[str, Any] = {table.name: (table.c.code, table.c.version) for table in (sla_policies, calendars)}
