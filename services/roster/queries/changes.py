"""Shift changes, and an agent's shifts: planned beside accountable."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.change import OPEN, UNRESOLVED, ShiftChange
from services.roster.domain.change_record import change_from
from services.roster.domain.diff import LocalCell, Wording
from services.roster.domain.difference import WORDS, reason_of
from services.roster.domain.leave import Leave
from services.roster.domain.shift import Shift, shift_from
from services.roster.domain.team import Team
from services.roster.domain.unresolved import Undecided
from services.roster.queries import people
from services.roster.queries.leave import approved_leave
from services.roster.queries.people import paged, team_of
from services.roster.queries.sight import in_sight, of_agent, of_team, require_self_or_lead
from services.roster.tables import shift_changes, shifts
from shared.contracts.refusal import Refusal
from shared.platform.actor import Actor
from shared.platform.db import Hot
from shared.platform.paging import Page

_BY_ID = Hot(select(shift_changes).where(shift_changes.c.change_id == any_(bindparam("change_ids", type_=ARRAY(Uuid)))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Why an agent does not answer for what is planned, in words; the change that asked, and what became of it."""

    reason: str
    message: str
    change_id: UUID | None = None
    state: str | None = None
    number: int | None = None
    confirm_by: datetime | None = None
    resolution: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftView:
    """A day of an agent, in the team's local time. `why` is there when the two sides differ."""

    on: date
    same: bool
    planned: LocalCell | None
    planned_number: int | None
    accountable: LocalCell | None
    accountable_number: int | None
    why: Difference | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentShifts:
    """An agent's shifts, and their approved leave."""

    agent_id: UUID
    staff_no: str
    name: str
    zone: str
    shifts: list[ShiftView]
    leave: list[Leave]


async def list_changes(
    conn: AsyncConnection,
    *,
    actor: Actor,
    states: Collection[str],
    team: str | None,
    agent: str | None,
    roster_id: UUID | None,
    updated_after: datetime | None,
    limit: int,
    after: str | None,
) -> Page[ShiftChange]:
    """The confirmation board: the changes that the caller sees, the oldest first."""
    table = shift_changes
    query = select(table).where(in_sight(actor, table.c.team_id, table.c.staff_no))
    if states:
        query = query.where(table.c.state.in_(states))
    if team:
        query = query.where(of_team(table.c.team_id, team))
    if agent:
        query = query.where(of_agent(table.c.agent_id, table.c.staff_no, agent))
    if roster_id:
        query = query.where(table.c.roster_id == roster_id)
    return await paged(conn, query, table, change_from, updated_after=updated_after, limit=limit, after=after)


async def shift_change(conn: AsyncConnection, *, actor: Actor, change_id: UUID) -> ShiftChange:
    """One shift change with its history."""
    change = await peek_change(conn, change_id)
    require_self_or_lead(actor, change.staff_no, await team_of(conn, change.team_id))
    return change


async def undecided_changes(conn: AsyncConnection, roster_id: UUID, number: int) -> list[Undecided]:
    """The changes of one publication that wait for their agent or for a supervisor."""
    table = shift_changes
    query = select(table.c.state, table.c.confirm_by, table.c.first_start_at).where(
        table.c.roster_id == roster_id,
        table.c.number == number,
        table.c.state.in_([*OPEN, *UNRESOLVED]),
        table.c.resolution.is_(None),
    )
    return [Undecided(**row._mapping) for row in await conn.execute(query)]


async def peek_change(conn: AsyncConnection, change_id: UUID) -> ShiftChange:
    """A shift change without locking it; 404 when there is none."""
    found = await changes_by_id(conn, [change_id])
    if not found:
        raise Refusal("not-found", noun="shift change", what=change_id)
    return found[change_id]


async def changes_by_id(conn: AsyncConnection, change_ids: Collection[UUID]) -> dict[UUID, ShiftChange]:
    """Shift changes by id."""
    return {row["change_id"]: change_from(row) for row in await _BY_ID.run(conn, change_ids=list(change_ids))}


async def what_holds_now(conn: AsyncConnection, change: ShiftChange, team: Team) -> dict[str, Any]:
    """For who answers a question that is over: the question now open, and the days as they stand."""
    table = shift_changes
    latest = (
        select(table)
        .where(table.c.agent_id == change.agent_id, table.c.roster_id == change.roster_id)
        .order_by(table.c.number.desc(), table.c.change_id.desc())
        .limit(1)
    )
    row = (await conn.execute(latest)).one()
    current = change_from(row._mapping)
    days = {day.on for day in (*change.days, *current.days)}
    found = await _shifts(conn, change.agent_id, min(days), max(days))
    return {
        "current_change": current if current.change_id != change.change_id else None,
        "shifts": [shift_view(shift, Wording(team.tz), None) for shift in found if shift.on in days],
    }


async def agent_shifts(
    conn: AsyncConnection, *, actor: Actor, agent_id: UUID, from_on: date, to_on: date, language: str
) -> AgentShifts:
    """An agent's days within a period."""
    agent = await people.agent(conn, actor=actor, agent_id=agent_id)
    team = await team_of(conn, agent.team_id)
    found = await _shifts(conn, agent_id, from_on, to_on)
    asked = await changes_by_id(conn, {one.change_id for one in found if one.change_id and not one.agreed})
    wording = Wording(team.tz)
    return AgentShifts(
        agent_id=agent_id,
        staff_no=agent.staff_no,
        name=agent.name,
        zone=team.zone,
        shifts=[shift_view(shift, wording, why_different(shift, asked, language)) for shift in found],
        leave=(await approved_leave(conn, [agent_id], from_on, to_on)).get(agent_id, []),
    )


def shift_view(shift: Shift, wording: Wording, why: Difference | None) -> ShiftView:
    """A day as it is shown."""
    return ShiftView(
        on=shift.on,
        same=shift.agreed,
        planned=wording.local(shift.planned),
        planned_number=shift.planned_number,
        accountable=wording.local(shift.accountable),
        accountable_number=shift.accountable_number,
        why=why,
    )


def why_different(shift: Shift, asked: dict[UUID, ShiftChange], language: str) -> Difference | None:
    """Why an agent does not answer for what is planned; none when they do."""
    if shift.agreed:
        return None
    change = asked.get(shift.change_id) if shift.change_id else None
    reason = reason_of(change)
    message = WORDS[reason][language]
    if change is None:
        return Difference(reason=reason, message=message)
    return Difference(
        reason=reason,
        message=message,
        change_id=change.change_id,
        state=change.state,
        number=change.number,
        confirm_by=change.confirm_by,
        resolution=change.resolution.action if change.resolution else None,
    )


async def _shifts(conn: AsyncConnection, agent_id: UUID, from_on: date, to_on: date) -> list[Shift]:
    query = select(shifts).where(shifts.c.agent_id == agent_id, shifts.c.shift_on.between(from_on, to_on))
    return [shift_from(row._mapping) for row in await conn.execute(query.order_by(shifts.c.shift_on))]
