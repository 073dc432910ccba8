"""Leave as it is read."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.coverage import Coverage, Required, headcount
from services.roster.domain.headcount import interval_of
from services.roster.domain.leave import Leave, leave_from
from services.roster.domain.shift import Shift, shift_from
from services.roster.domain.team import Team
from services.roster.queries.people import paged, team_of
from services.roster.queries.sight import in_sight, of_agent, of_team, require_self_or_lead
from services.roster.tables import leave_requests, shifts
from shared.contracts.refusal import Refusal
from shared.platform.actor import Actor
from shared.platform.paging import Page

COVERED_DAYS = 62
"""Coverage is shown for so many days of one leave at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveView:
    """Leave, and `coverage`: the team without the agent, day by day, in UTC (`zone` is the team's).

    `change_ids` are the shift changes that its approval made.
    """

    leave_id: UUID
    agent_id: UUID
    staff_no: str
    agent_name: str
    team_id: UUID
    team_name: str
    zone: str
    kind: str
    from_on: date
    to_on: date
    starts_at: datetime | None
    ends_at: datetime | None
    note: str | None
    state: str
    requested_by: str
    requested_at: datetime
    decide_by: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    change_ids: tuple[UUID, ...]
    version: int
    updated_at: datetime
    coverage: list[Coverage]


async def list_leave(
    conn: AsyncConnection,
    *,
    actor: Actor,
    state: str | None,
    team: str | None,
    agent: str | None,
    from_on: date | None,
    to_on: date | None,
    updated_after: datetime | None,
    limit: int,
    after: str | None,
) -> Page[Leave]:
    """The leave that the caller sees; `from_on` and `to_on`: what touches that period."""
    table = leave_requests
    query = select(table).where(in_sight(actor, table.c.team_id, table.c.staff_no))
    if state:
        query = query.where(table.c.state == state)
    if team:
        query = query.where(of_team(table.c.team_id, team))
    if agent:
        query = query.where(of_agent(table.c.agent_id, table.c.staff_no, agent))
    if from_on:
        query = query.where(table.c.to_on >= from_on)
    if to_on:
        query = query.where(table.c.from_on <= to_on)
    return await paged(conn, query, table, leave_from, updated_after=updated_after, limit=limit, after=after)


async def leave_request(conn: AsyncConnection, *, actor: Actor, leave_id: UUID) -> LeaveView:
    """One leave request with its coverage; 404 when there is none."""
    row = (await conn.execute(select(leave_requests).where(leave_requests.c.leave_id == leave_id))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="leave request", what=leave_id)
    leave = leave_from(row._mapping)
    require_self_or_lead(actor, leave.staff_no, await team_of(conn, leave.team_id))
    return await leave_view(conn, leave)


async def leave_view(conn: AsyncConnection, leave: Leave) -> LeaveView:
    """Leave as it is shown."""
    team = await team_of(conn, leave.team_id)
    told: dict[str, Any] = {one.name: getattr(leave, one.name) for one in fields(leave)}
    return LeaveView(**told, team_name=team.name, zone=team.zone, coverage=await _coverage(conn, leave, team))


async def _coverage(conn: AsyncConnection, leave: Leave, team: Team) -> list[Coverage]:
    last = min(leave.to_on, leave.from_on + timedelta(days=COVERED_DAYS - 1))
    planned = await _planned(conn, leave.team_id, leave.from_on, last)
    away = await _away(conn, leave, last)
    return [_covered(leave, on, planned.get(on, ()), away, _required(team, on)) for on in _days(leave.from_on, last)]


def _covered(
    leave: Leave, on: date, planned: Iterable[Shift], away: Iterable[Leave], required: Iterable[Required]
) -> Coverage:
    own = next((one.planned for one in planned if one.agent_id == leave.agent_id), None)
    others = [one.planned for one in planned if one.agent_id != leave.agent_id and one.planned]
    intervals = headcount(others, own, required)
    return Coverage(
        on=on,
        agent_planned=own is not None,
        planned_count=len(others),
        on_leave_count=len({one.agent_id for one in away if one.from_on <= on <= one.to_on}),
        short=any(one.required_count is not None and one.planned_count < one.required_count for one in intervals),
        intervals=intervals,
    )


async def _planned(conn: AsyncConnection, team_id: UUID, from_on: date, to_on: date) -> dict[date, list[Shift]]:
    """The team's shifts with hours, by day."""
    table = shifts
    query = select(table).where(
        table.c.team_id == team_id,
        table.c.shift_on.between(from_on, to_on),
        table.c.planned_starts_at.is_not(None),
    )
    found: dict[date, list[Shift]] = {}
    for row in await conn.execute(query):
        found.setdefault(row.shift_on, []).append(shift_from(row._mapping))
    return found


async def _away(conn: AsyncConnection, leave: Leave, to_on: date) -> list[Leave]:
    table = leave_requests
    query = _touching(leave.from_on, to_on).where(
        table.c.team_id == leave.team_id, table.c.state == "approved", table.c.agent_id != leave.agent_id
    )
    return [leave_from(row._mapping) for row in await conn.execute(query)]


def _required(team: Team, on: date) -> list[Required]:
    """What the team needs on a day, and still needs from the day before."""
    needs = [(need, day) for need in team.settings.headcount for day in (on - timedelta(days=1), on)]
    return [
        Required(starts_at=span[0], ends_at=span[1], count=need.agents)
        for need, day in needs
        if day.isoweekday() in need.weekdays and (span := interval_of(need, day, team.tz))
    ]


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _touching(from_on: date, to_on: date) -> Select[Any]:
    table = leave_requests
    return select(table).where(table.c.from_on <= to_on, table.c.to_on >= from_on)


async def open_leave(conn: AsyncConnection, agent_id: UUID, from_on: date, to_on: date) -> list[Leave]:
    """An agent's leave that is asked for or granted and touches a period."""
    return await leave_of(conn, agent_id, from_on, to_on, states=("requested", "approved"))


async def leave_of(
    conn: AsyncConnection, agent_id: UUID, from_on: date, to_on: date, *, states: Collection[str]
) -> list[Leave]:
    """An agent's leave in any of these states that touches a period."""
    table = leave_requests
    query = _touching(from_on, to_on).where(table.c.agent_id == agent_id, table.c.state.in_(states))
    return [leave_from(row._mapping) for row in await conn.execute(query.order_by(table.c.from_on))]


async def rosters_of(conn: AsyncConnection, agent_id: UUID, from_on: date, to_on: date) -> list[UUID]:
    """The rosters that plan an agent within a period, in the order in which they are locked."""
    table = shifts
    query = select(table.c.roster_id).where(
        table.c.agent_id == agent_id, table.c.shift_on.between(from_on, to_on), table.c.roster_id.is_not(None)
    )
    return list((await conn.execute(query.distinct().order_by(table.c.roster_id))).scalars())


async def approved_leave(
    conn: AsyncConnection, agent_ids: Collection[UUID], from_on: date, to_on: date
) -> dict[UUID, list[Leave]]:
    """Agents' approved leave that touches a period; `domain.leave.keeps_from` says which shifts it concerns."""
    table = leave_requests
    query = _touching(from_on, to_on).where(
        table.c.agent_id == any_(bindparam("agent_ids", list(agent_ids), type_=ARRAY(Uuid))),
        table.c.state == "approved",
    )
    found: dict[UUID, list[Leave]] = {}
    for row in await conn.execute(query.order_by(table.c.from_on, table.c.leave_id)):
        found.setdefault(row.agent_id, []).append(leave_from(row._mapping))
    return found
