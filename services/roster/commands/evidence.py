"""Everything that is known about shifts to be judged together, and judging those that something new belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.agent import Agent
from services.roster.domain.attendance import Interval
from services.roster.domain.change import ShiftChange
from services.roster.domain.excuse import Evidence
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
    return _attendance_id(shift.agent_id, shift.on)


@lru_cache(maxsize=20_000)
def _attendance_id(agent_id: UUID, on: date) -> UUID:
    """Asked for many times on the way of one settlement."""
    return stable_id("attendance", agent_id, on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known about shifts of one team: evidence, and agent states as one line, by settled day."""

    team: Team
    agents: Mapping[UUID, Agent]
    changes: Mapping[UUID, ShiftChange]
    evidence: Mapping[UUID, Evidence]
    states: Mapping[UUID, Sequence[AgentState]]

    def change_of(self, shift: Shift) -> ShiftChange | None:
        """The change that asked about the shift as it is planned."""
        return self.changes.get(shift.change_id) if shift.change_id else None


async def gather(conn: AsyncConnection, shifts: Sequence[Shift]) -> Known:
    """Everything about these shifts of one team."""
    agent_ids = {shift.agent_id for shift in shifts}
    team = await people.load_team(conn, shifts[0].team_id)
    windows = await _windows(conn, shifts, team)
    starts_at, ends_at = min(one[0] for one in windows.values()), max(one[1] for one in windows.values())
    reports = await load_states(conn, agent_ids, starts_at, ends_at)
    lines = {agent_id: timeline(found) for agent_id, found in reports.items()}
    states = {attendance_id(one): within(lines.get(one.agent_id, ()), windows[attendance_id(one)]) for one in shifts}
    changes = await changes_by_id(conn, {shift.change_id for shift in shifts if shift.change_id})
    punches = await load_punches(conn, agent_ids, starts_at, ends_at)
    leave = await approved_leave(conn, agent_ids, min(one.on for one in shifts), max(one.on for one in shifts))
    corrections = await load_approved(conn, list(windows))

    def evidence(shift: Shift) -> Evidence:
        since, until = windows[attendance_id(shift)]
        return Evidence(
            punches=[one for one in punches.get(shift.agent_id, ()) if since <= one.at < until],
            at_work=times_in(states[attendance_id(shift)], WORKING),
            notice=notice_of(changes.get(shift.change_id) if shift.change_id else None),
            leave=leave.get(shift.agent_id, ()),
            corrections=corrections.get(attendance_id(shift), ()),
        )

    return Known(
        team=team,
        agents={agent.agent_id: agent for agent in await agents_named(conn, agent_ids=agent_ids)},
        changes=changes,
        evidence={attendance_id(shift): evidence(shift) for shift in shifts},
        states=states,
    )


async def _windows(conn: AsyncConnection, shifts: Sequence[Shift], team: Team) -> dict[UUID, Interval]:
    """From when until when punches and states belong to each of the shifts."""
    first, last = min(shift.on for shift in shifts) - NEIGHBOURS, max(shift.on for shift in shifts) + NEIGHBOURS
    days = await days_between(conn, {shift.agent_id for shift in shifts}, first, last)
    return {
        attendance_id(shift): punch_window(shift.on, {**days.get(shift.agent_id, {}), shift.on: shift}, team.tz)
        for shift in shifts
    }
