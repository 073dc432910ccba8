"""Settled shifts with their evidence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.correction import Correction
from services.roster.domain.settlement import settlement_from
from services.roster.domain.shift import Shift, shift_from
from services.roster.queries.adherence import AdherenceView, adherence_of
from services.roster.queries.corrections import corrections_of
from services.roster.queries.people import team_of
from services.roster.queries.sight import in_sight, of_agent, of_team, require_self_or_lead
from services.roster.tables import attendance, attendance_corrections, shifts
from shared.contracts.refusal import Refusal
from shared.contracts.roster import Cell
from shared.platform.actor import Actor
from shared.platform.paging import Page, page


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceView:
    """One settled day, and the `evidence` it rests on: versions, change, answer, deliveries, leave, corrections.

    `why_different`: why planned and accountable differ (`unanswered`, `refused`, `expired`, …), where they do.
    `can_ground_error_slip`: only what is in force, caused by the agent, and not disputed at the moment.
    """

    attendance_id: UUID
    revision: int
    current: bool
    agent_id: UUID
    staff_no: str
    agent_name: str
    team_id: UUID
    team_name: str
    zone: str
    shift_on: date
    planned: Cell | None
    accountable: Cell | None
    planned_number: int | None
    accountable_number: int | None
    change_id: UUID | None
    came_at: datetime | None
    went_at: datetime | None
    deviation: str
    deviation_minutes: int
    cause: str | None
    scheduled_seconds: int
    worked_seconds: int
    leave_id: UUID | None
    correction_id: UUID | None
    reason: str | None = None
    evidence: dict[str, Any]
    why_different: str | None
    settled_at: datetime
    disputed: bool
    can_ground_error_slip: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceHistory:
    """All revisions of one settled day, the one in force last; its corrections, and its measured adherence."""

    attendance_id: UUID
    items: list[AttendanceView]
    corrections: list[Correction]
    adherence: list[AdherenceView]


async def list_attendance(
    conn: AsyncConnection,
    *,
    actor: Actor,
    team: str | None,
    on: date | None,
    agent: str | None,
    cause: str | None,
    deviation: str | None,
    limit: int,
    after: str | None,
) -> Page[AttendanceView]:
    """The revisions in force that the caller sees, by day."""
    table = attendance
    query = select(table, _disputed()).where(table.c.current, in_sight(actor, table.c.team_id, table.c.staff_no))
    if team:
        query = query.where(of_team(table.c.team_id, team))
    if on:
        query = query.where(table.c.shift_on == on)
    if agent:
        query = query.where(of_agent(table.c.agent_id, table.c.staff_no, agent))
    if cause:
        query = query.where(table.c.cause == cause)
    if deviation:
        query = query.where(table.c.deviation == deviation)
    order = (table.c.shift_on, table.c.attendance_id)
    return await page(conn, query, order=order, limit=limit, after=after, make=lambda row: _view(row._mapping))


async def attendance_history(conn: AsyncConnection, *, actor: Actor, attendance_id: UUID) -> AttendanceHistory:
    """One settled day with all its revisions; 404 when there is none."""
    table = attendance
    query = select(table, _disputed()).where(table.c.attendance_id == attendance_id).order_by(table.c.revision)
    rows = (await conn.execute(query)).all()
    if not rows:
        raise Refusal("not-found", noun="attendance", what=attendance_id)
    require_self_or_lead(actor, rows[0].staff_no, await team_of(conn, rows[0].team_id))
    return AttendanceHistory(
        attendance_id=attendance_id,
        items=[_view(row._mapping) for row in rows],
        corrections=await corrections_of(conn, attendance_id),
        adherence=await adherence_of(conn, attendance_id),
    )


def _disputed() -> ColumnElement[bool]:
    table = attendance_corrections
    waiting = select(table.c.correction_id).where(
        table.c.attendance_id == attendance.c.attendance_id, table.c.state == "requested"
    )
    return exists(waiting.correlate(attendance)).label("disputed")


async def days_between(
    conn: AsyncConnection, agent_ids: Collection[UUID], from_on: date, to_on: date
) -> dict[UUID, dict[date, Shift]]:
    """Agents' days within a period, not locked."""
    query = select(shifts).where(shifts.c.agent_id.in_(agent_ids), shifts.c.shift_on.between(from_on, to_on))
    found: dict[UUID, dict[date, Shift]] = {}
    for row in await conn.execute(query):
        shift = shift_from(row._mapping)
        found.setdefault(shift.agent_id, {})[shift.on] = shift
    return found


def _view(record: Any) -> AttendanceView:
    settlement = settlement_from(record)
    fact = settlement.fact
    told = {one.name: getattr(fact, one.name) for one in fields(fact)}
    disputed = record["disputed"] and settlement.current
    return AttendanceView(
        **told,
        evidence=settlement.evidence,
        why_different=settlement.evidence.get("why_different"),
        settled_at=settlement.settled_at,
        current=settlement.current,
        disputed=disputed,
        can_ground_error_slip=settlement.current and fact.cause == "agent" and not disputed,
    )
