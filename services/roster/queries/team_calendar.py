"""A team's calendar: every agent's days, planned beside accountable and why they differ, with leave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.agent import Agent, agent_from
from services.roster.domain.diff import Wording
from services.roster.domain.leave import Leave
from services.roster.domain.shift import Shift
from services.roster.domain.team import Team
from services.roster.queries.attendance import days_between
from services.roster.queries.changes import Difference, ShiftView, changes_by_id, shift_view, why_different
from services.roster.queries.leave import approved_leave
from services.roster.queries.named import team_named
from services.roster.queries.people import AGENTS
from services.roster.queries.sight import in_sight
from services.roster.tables import agents
from shared.contracts.refusal import Fault, Refusal
from shared.platform.actor import Actor

LONGEST_DAYS = 62


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveMark:
    """Approved leave on a day; with instants for a part of it."""

    leave_id: UUID
    kind: str
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarCell(ShiftView):
    """A day of the calendar."""

    leave: list[LeaveMark]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarLine:
    """One agent's days, those with a shift or leave."""

    agent_id: UUID
    staff_no: str
    name: str
    days: list[CalendarCell]


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamCalendar:
    """A team's days, in its local time. An agent sees their own line, who leads the team all of them."""

    team_id: UUID
    code: str
    name: str
    zone: str
    agents: list[CalendarLine]


async def team_calendar(
    conn: AsyncConnection, *, actor: Actor, team: str, from_on: date, to_on: date, language: str
) -> TeamCalendar:
    """The calendar of a team within a period of at most 62 days."""
    if (to_on - from_on).days >= LONGEST_DAYS:
        raise Refusal("invalid-value", faults=(Fault("to", "period-too-long", {"days": LONGEST_DAYS}),))
    named = await team_named(conn, team)
    people = await _people(conn, actor, named)
    ids = [agent.agent_id for agent in people]
    days = await days_between(conn, ids, from_on, to_on)
    leave = await approved_leave(conn, ids, from_on, to_on)
    asked = await changes_by_id(
        conn, {one.change_id for line in days.values() for one in line.values() if one.change_id and not one.agreed}
    )
    wording = Wording(named.tz)

    def line(agent: Agent) -> CalendarLine:
        own, away = days.get(agent.agent_id, {}), leave.get(agent.agent_id, [])
        found = {on: own.get(on) for on in sorted({*own, *_days_of(away, from_on, to_on)})}
        cells = [
            _cell(on, shift, away, wording, why_different(shift, asked, language) if shift else None)
            for on, shift in found.items()
        ]
        return CalendarLine(agent_id=agent.agent_id, staff_no=agent.staff_no, name=agent.name, days=cells)

    return TeamCalendar(
        team_id=named.team_id,
        code=named.code,
        name=named.name,
        zone=named.zone,
        agents=[line(agent) for agent in people],
    )


async def _people(conn: AsyncConnection, actor: Actor, team: Team) -> list[Agent]:
    query = AGENTS.where(agents.c.team_id == team.team_id, in_sight(actor, agents.c.team_id, agents.c.staff_no))
    return [agent_from(row._mapping) for row in await conn.execute(query.order_by(agents.c.staff_no))]


def _days_of(leave: Iterable[Leave], from_on: date, to_on: date) -> set[date]:
    found = set()
    for one in leave:
        first, last = max(one.from_on, from_on), min(one.to_on, to_on)
        found |= {first + timedelta(days=number) for number in range((last - first).days + 1)}
    return found


def _cell(
    on: date, shift: Shift | None, leave: Iterable[Leave], wording: Wording, why: Difference | None
) -> CalendarCell:
    view = shift_view(shift, wording, why) if shift else None
    return CalendarCell(
        on=on,
        same=view.same if view else True,
        planned=view.planned if view else None,
        planned_number=view.planned_number if view else None,
        accountable=view.accountable if view else None,
        accountable_number=view.accountable_number if view else None,
        why=view.why if view else None,
        leave=[
            LeaveMark(leave_id=one.leave_id, kind=one.kind, starts_at=one.starts_at, ends_at=one.ends_at)
            for one in leave
            if one.from_on <= on <= one.to_on
        ],
    )
