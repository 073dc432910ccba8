"""What one agent refused goes to another: a new version in which the substitute is planned, and asked."""

from __future__ import annotations

from datetime import date

from services.roster.commands.cells import publish_cells
from services.roster.domain.agent import Agent
from services.roster.domain.change import ShiftChange, handed_to, still_to_work
from services.roster.domain.fitness import Obstacle, faults
from services.roster.domain.roster import Roster
from services.roster.domain.shift import is_over
from services.roster.domain.team import Team
from services.roster.queries.candidates import hindrances
from services.roster.queries.checks import reachable
from services.roster.queries.named import agent_named
from services.roster.store import changes as store
from services.roster.store.shifts import load_shifts
from shared.contracts.refusal import Refusal
from shared.contracts.roster import Cell
from shared.platform.work import Work


async def hand_over(work: Work, roster: Roster, team: Team, change: ShiftChange, staff_no: str) -> ShiftChange:
    """Publish a reassigned change's shifts for somebody else; the agent goes back to what they had confirmed."""
    substitute = await agent_named(work.conn, staff_no, field="substitute")
    cells = still_to_work(change, work.now)
    if not cells:
        raise Refusal("nothing-to-reassign")
    await _require_fit(work, change, team, substitute, cells)
    published = await publish_cells(
        work,
        roster=roster,
        team=team,
        cells={change.agent_id: await _confirmed_before(work, change, team), substitute.agent_id: cells},
        note=change.resolution.reason if change.resolution else None,
        agreed=False,
    )
    [asked] = [one for one in published.changes if one.agent_id == substitute.agent_id]
    handed = handed_to(change, substitute=staff_no, asked_in=asked.change_id)
    await store.save_changes(work.conn, [handed])
    return handed


async def _confirmed_before(work: Work, change: ShiftChange, team: Team) -> dict[date, Cell | None]:
    days = [day.on for day in change.days]
    found = await load_shifts(work.conn, [change.agent_id], min(days), max(days))
    return {
        shift.on: shift.accountable
        for shift in found
        if shift.change_id == change.change_id and not is_over(shift.on, shift.cells, work.now, team.tz)
    }


async def _require_fit(work: Work, change: ShiftChange, team: Team, substitute: Agent, cells: dict[date, Cell]) -> None:
    found = (await hindrances(work.conn, change, team, [substitute], cells))[substitute.agent_id]
    first = min(cells)
    if substitute.agent_id == change.agent_id:
        found.append(_obstacle("substitute-is-the-same", substitute, first))
    if substitute.team_id != team.team_id and team.settings.checks.team == "error":
        found.append(_obstacle("agent-not-in-team", substitute, first))
    known = await reachable(work.conn, [substitute.staff_no])
    if not known and team.settings.checks.contact == "error":
        found.append(_obstacle("contact-missing", substitute, first))
    errors = [one for one in found if one.level == "error"]
    if errors:
        raise Refusal("substitute-unfit", faults=faults(errors), name=substitute.name)


def _obstacle(code: str, agent: Agent, on: date) -> Obstacle:
    told = {"staff_no": agent.staff_no, "name": agent.name, "on": str(on), "team": agent.team_name}
    return Obstacle(code=code, on=on, level="error", params=told)
