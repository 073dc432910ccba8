"""The shifts that leave takes away, and those that come back when it is given back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from services.roster.commands.cells import publish_cells
from services.roster.domain import leave as leaves
from services.roster.domain.leave import Leave
from services.roster.domain.schedule import taken_away
from services.roster.domain.shift import Shift
from services.roster.domain.team import Team
from services.roster.queries.leave import rosters_of
from services.roster.queries.schedules import planned_history
from services.roster.queries.sheets import codebook_of
from services.roster.store import people, rosters
from services.roster.store.shifts import load_shifts
from shared.contracts.roster import Cell
from shared.platform.work import Work


async def take_shifts_away(work: Work, leave: Leave) -> tuple[UUID, ...]:
    """Publish the agent's days without these shifts, in each roster concerned; the changes that tell them."""
    agent_id, change_ids = leave.agent_id, []
    for roster_id in await rosters_of(work.conn, agent_id, leave.from_on, leave.to_on):
        roster = await rosters.load_roster(work.conn, roster_id)
        team = await people.load_team(work.conn, roster.team_id)
        shifts = await load_shifts(work.conn, [agent_id], leave.from_on, leave.to_on)
        own = [one for one in shifts if one.roster_id == roster_id]
        cells = _cells_without(leave, own, team, code=await _leave_code(work, team), now=work.now)
        if cells:
            made = await publish_cells(
                work, roster=roster, team=team, cells={agent_id: cells}, note=leave.note, agreed=False
            )
            change_ids += [change.change_id for change in made.changes]
    return tuple(change_ids)


async def _leave_code(work: Work, team: Team) -> str | None:
    """What the sheet says for a day of leave; none when the team has no such code (any more)."""
    code = team.settings.leave_code
    return code if code and (await codebook_of(work.conn, team)).knows(code) else None


def _cells_without(
    leave: Leave, shifts: Sequence[Shift], team: Team, *, code: str | None, now: datetime
) -> dict[date, Cell | None]:
    """The days that change. A shift that has begun stays as it is: leave excuses who is missing from it."""
    cells = {}
    for shift in shifts:
        if shift.planned is None or shift.planned.starts_at is None or shift.planned.starts_at <= now:
            continue
        left = leaves.without_leave(leave, shift.on, shift.planned, team.tz, code)
        if left != shift.planned:
            cells[shift.on] = left
    return cells


async def give_shifts_back(work: Work, leave: Leave, from_on: date, to_on: date) -> tuple[UUID, ...]:
    """Plan again what the approval took away from these days and nobody has planned otherwise since; the changes that
    ask about it."""
    agent_id, change_ids = leave.agent_id, []
    for roster_id in await rosters_of(work.conn, agent_id, from_on, to_on):
        roster = await rosters.load_roster(work.conn, roster_id)
        team = await people.load_team(work.conn, roster.team_id)
        shifts = await load_shifts(work.conn, [agent_id], from_on, to_on)
        history = await planned_history(work.conn, [agent_id], [roster_id], {one.on for one in shifts})
        code = await _leave_code(work, team)
        cells: dict[date, Cell | None] = {}
        for shift in shifts:
            versions = history.get((agent_id, roster_id, shift.on), [])
            taken = taken_away(leave, shift.on, versions, team.tz, code)
            if shift.roster_id == roster_id and taken and taken[1] == shift.planned and _is_ahead(taken[0], work.now):
                cells[shift.on] = taken[0]
        if cells:
            made = await publish_cells(
                work, roster=roster, team=team, cells={agent_id: cells}, note=leave.note, agreed=False
            )
            change_ids += [change.change_id for change in made.changes]
    return tuple(change_ids)


def _is_ahead(cell: Cell, now: datetime) -> bool:
    return cell.starts_at is not None and cell.starts_at > now
