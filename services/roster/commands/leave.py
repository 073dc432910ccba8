"""Leave: asked for, and decided. Approval takes the agent's published shifts away, and tells them so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from services.roster.commands.cells import publish_cells
from services.roster.commands.duty import tell_stand_in
from services.roster.commands.settlement import settle_again
from services.roster.domain import leave as leaves
from services.roster.domain.leave import Leave
from services.roster.domain.shift import Shift
from services.roster.domain.team import Team
from services.roster.queries.leave import LeaveView, leave_view, open_leave, rosters_of
from services.roster.queries.named import agent_named
from services.roster.queries.sheets import codebook_of
from services.roster.queries.sight import name_of, require_lead, require_self_or_lead
from services.roster.store import leave as store
from services.roster.store import people, rosters
from services.roster.store.shifts import load_shifts
from shared.contracts.refusal import Refusal
from shared.contracts.roster import Cell
from shared.platform.ids import new_id
from shared.platform.work import Work


async def request_leave(
    work: Work,
    *,
    staff_no: str | None,
    kind: str,
    from_on: date,
    to_on: date,
    starts_at: datetime | None,
    ends_at: datetime | None,
    note: str | None,
) -> LeaveView:
    """Ask for leave, for oneself or (as lead) for somebody on the team."""
    agent = await agent_named(work.conn, staff_no or work.actor.staff_no)
    team = await people.load_team(work.conn, agent.team_id)
    require_self_or_lead(work.actor, agent.staff_no, team)
    leave = Leave(
        leave_id=new_id(),
        agent_id=agent.agent_id,
        staff_no=agent.staff_no,
        agent_name=agent.name,
        team_id=team.team_id,
        kind=kind,
        from_on=from_on,
        to_on=to_on,
        starts_at=starts_at,
        ends_at=ends_at,
        note=note,
        requested_by=name_of(work.actor),
        requested_at=work.now,
        updated_at=work.now,
    )
    leaves.require_sound(leave, team.tz)
    await people.load_agent(work.conn, agent.agent_id)  # one request at a time, or two could overlap
    leaves.require_apart(leave, await open_leave(work.conn, agent.agent_id, from_on, to_on))
    await store.save_leave(work.conn, leave)
    return await leave_view(work.conn, leave)


async def approve_leave(work: Work, *, leave_id: UUID, reason: str | None) -> LeaveView:
    """Grant leave. Published shifts yet to begin become shift changes; those that are settled are settled again.

    Approved once more, it answers the same.
    """
    leave, team = await _to_decide(work, leave_id)
    if leave.state == "approved":
        return await leave_view(work.conn, leave)
    leaves.require_open(leave)
    change_ids = await _take_shifts_away(work, leave)
    leave, event = leaves.approved(
        leave,
        by=name_of(work.actor),
        now=work.now,
        reason=reason,
        change_ids=change_ids,
        team_name=team.name,
        zone=team.zone,
    )
    await store.save_leave(work.conn, leave)
    work.record(event, sequence=leave.version)
    shifts = await load_shifts(work.conn, [leave.agent_id], leave.from_on, leave.to_on)
    await settle_again(work, shifts, reason="leave approved")
    await tell_stand_in(work, leave.staff_no)
    return await leave_view(work.conn, leave)


async def reject_leave(work: Work, *, leave_id: UUID, reason: str | None) -> LeaveView:
    """Do not grant leave."""
    leave, _ = await _to_decide(work, leave_id)
    if leave.state != "rejected":
        leave = leaves.rejected(leave, by=name_of(work.actor), now=work.now, reason=reason)
        await store.save_leave(work.conn, leave)
    return await leave_view(work.conn, leave)


async def withdraw_leave(work: Work, *, leave_id: UUID) -> LeaveView:
    """Take a request back that nobody has decided yet."""
    leave = await store.load_leave(work.conn, leave_id)
    require_self_or_lead(work.actor, leave.staff_no, await people.load_team(work.conn, leave.team_id))
    if leave.state != "withdrawn":
        leave = leaves.withdrawn(leave, by=name_of(work.actor), now=work.now)
        await store.save_leave(work.conn, leave)
    return await leave_view(work.conn, leave)


async def _to_decide(work: Work, leave_id: UUID) -> tuple[Leave, Team]:
    leave = await store.load_leave(work.conn, leave_id)
    team = await people.load_team(work.conn, leave.team_id)
    require_lead(work.actor, team)
    if work.actor.staff_no == leave.staff_no:
        raise Refusal("decision-is-anothers")
    return leave, team


async def _take_shifts_away(work: Work, leave: Leave) -> tuple[UUID, ...]:
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
