"""Everything that is known about shifts to be judged together, and judging those that something new belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.agent import Agent
from services.roster.domain.attendance import Interval, Punch
from services.roster.domain.change import ShiftChange
from services.roster.domain.correction import Correction
from services.roster.domain.excuse import Evidence
from services.roster.domain.leave import Leave
from services.roster.domain.punch_window import NEIGHBOURS, punch_window
from services.roster.domain.settlement import notice_of
from services.roster.domain.shift import Shift
from services.roster.domain.states import WORKING, AgentState, timeline, times_in, within
from services.roster.domain.team import Team
from services.roster.queries.attendance import days_between
from services.roster.queries.changes import changes_by_id
from services.roster.queries.leave import approved_leave
from services.roster.queries.sheets import agents_named
from services.roster.store import people
from services.roster.store.attendance import load_punches, load_states
from services.roster.store.corrections import load_approved
from shared.platform.ids import stable_id


def attendance_id(shift: Shift) -> UUID:
    """The id of an agent's settled day."""
    return stable_id("attendance", shift.agent_id, shift.on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known about shifts of one team."""

    team: Team
    agents: Mapping[UUID, Agent]
    windows: Mapping[tuple[UUID, date], Interval]
    punches: Mapping[UUID, Sequence[Punch]]
    states: Mapping[UUID, Sequence[AgentState]]
    changes: Mapping[UUID, ShiftChange]
    leave: Mapping[UUID, Sequence[Leave]]
    corrections: Mapping[UUID, Sequence[Correction]]

    def evidence_for(self, shift: Shift) -> Evidence:
        """What is known about one of the shifts."""
        starts_at, ends_at = self.windows[shift.agent_id, shift.on]
        change = self.changes.get(shift.change_id) if shift.change_id else None
        return Evidence(
            punches=[one for one in self.punches.get(shift.agent_id, ()) if starts_at <= one.at < ends_at],
            at_work=times_in(self.states_for(shift), WORKING),
            notice=notice_of(change),
            leave=self.leave.get(shift.agent_id, ()),
            corrections=self.corrections.get(attendance_id(shift), ()),
        )

    def states_for(self, shift: Shift) -> list[AgentState]:
        """The agent's states around one of the shifts, as one line."""
        return within(self.states.get(shift.agent_id, ()), self.windows[shift.agent_id, shift.on])


async def gather(conn: AsyncConnection, shifts: Sequence[Shift]) -> Known:
    """Everything about these shifts of one team."""
    agent_ids = {shift.agent_id for shift in shifts}
    team = await people.load_team(conn, shifts[0].team_id)
    first, last = min(shift.on for shift in shifts) - NEIGHBOURS, max(shift.on for shift in shifts) + NEIGHBOURS
    days = await days_between(conn, agent_ids, first, last)
    windows = {
        (shift.agent_id, shift.on): punch_window(shift.on, {**days.get(shift.agent_id, {}), shift.on: shift}, team.tz)
        for shift in shifts
    }
    starts_at, ends_at = min(one[0] for one in windows.values()), max(one[1] for one in windows.values())
    states = await load_states(conn, agent_ids, starts_at, ends_at)
    return Known(
        team=team,
        agents={agent.agent_id: agent for agent in await agents_named(conn, agent_ids=agent_ids)},
        windows=windows,
        punches=await load_punches(conn, agent_ids, starts_at, ends_at),
        states={agent_id: timeline(reports) for agent_id, reports in states.items()},
        changes=await changes_by_id(conn, {shift.change_id for shift in shifts if shift.change_id}),
        leave=await approved_leave(conn, agent_ids, first, last),
        corrections=await load_approved(conn, [attendance_id(shift) for shift in shifts]),
    )
