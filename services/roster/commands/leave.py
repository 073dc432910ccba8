"""Leave: asked for, decided, and given back. Approval takes the agent's published shifts away, and tells them so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from services.roster.commands.duty import tell_stand_in
from services.roster.commands.leave_shifts import give_shifts_back, take_shifts_away
from services.roster.commands.settlement import settle_again
from services.roster.domain import leave as leaves
from services.roster.domain.decision import decide_by, deciders, next_reminder, reminder
from services.roster.domain.leave import Leave
from services.roster.domain.team import Team
from services.roster.queries.leave import LeaveView, leave_view, open_leave
from services.roster.queries.named import agent_named
from services.roster.queries.sight import name_of, require_lead, require_self_or_lead
from services.roster.store import leave as store
from services.roster.store import people
from services.roster.store.shifts import load_shifts
from shared.contracts.event import Event
from shared.contracts.refusal import Refusal
from shared.platform.ids import new_id
from shared.platform.timers import Timer, cancel_timers, set_timers
from shared.platform.work import Work

CHASE = "chase_leave"


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
        decide_by=work.now,
        updated_at=work.now,
    )
    leaves.require_sound(leave, team.tz)
    within = timedelta(minutes=team.settings.decide_within_minutes)
    leave = replace(leave, decide_by=decide_by(work.now, within, leaves.begins_at(leave, team.tz)))
    await people.load_agent(work.conn, agent.agent_id)  # one request at a time, or two could overlap
    leaves.require_apart(leave, await open_leave(work.conn, agent.agent_id, from_on, to_on))
    await store.save_leave(work.conn, leave)
    work.record(leaves.requested(leave, team, _deciders(leave, team)[:1]), sequence=leave.version)
    await _remind(work, leave)
    return await leave_view(work.conn, leave)


def _deciders(leave: Leave, team: Team) -> tuple[str, ...]:
    return deciders(team, leave.staff_no, leave.requested_by)


async def _remind(work: Work, leave: Leave) -> None:
    due = next_reminder(leave.requested_at, leave.decide_by, work.now)
    await set_timers(work, [Timer(kind=CHASE, subject_id=leave.leave_id, due_at=due)])


async def chase_leave(work: Work, timer: Timer) -> None:
    """Nobody has decided yet: those who should hear it, again and again, one more each time."""
    leave = await store.find_leave(work.conn, timer.subject_id)
    if leave is None or leave.state != "requested":
        return
    team = await people.load_team(work.conn, leave.team_id)
    told = reminder(_deciders(leave, team), leave.decide_by, timer.due_at)
    leave, event = leaves.undecided(leave, team, told, work.now)
    await store.save_leave(work.conn, leave)
    work.record(event, sequence=leave.version)
    await _remind(work, leave)


async def approve_leave(work: Work, *, leave_id: UUID, reason: str | None) -> LeaveView:
    """Grant leave. Published shifts yet to begin become shift changes; those that are settled are settled again.

    Approved once more, it answers the same.
    """
    leave, team = await _to_decide(work, leave_id)
    if leave.state == "approved":
        return await leave_view(work.conn, leave)
    leaves.require_open(leave)
    change_ids = await take_shifts_away(work, leave)
    leave, event = leaves.approved(
        leave, team, by=name_of(work.actor), now=work.now, reason=reason, change_ids=change_ids
    )
    await _keep_decided(work, leave, event)
    shifts = await load_shifts(work.conn, [leave.agent_id], leave.from_on, leave.to_on)
    await settle_again(work, shifts, reason="leave approved")
    await tell_stand_in(work, leave.staff_no)
    return await leave_view(work.conn, leave)


async def reject_leave(work: Work, *, leave_id: UUID, reason: str | None) -> LeaveView:
    """Do not grant leave; whoever asked for it hears so."""
    leave, team = await _to_decide(work, leave_id)
    if leave.state != "rejected":
        leave, event = leaves.rejected(leave, team, by=name_of(work.actor), now=work.now, reason=reason)
        await _keep_decided(work, leave, event)
    return await leave_view(work.conn, leave)


async def withdraw_leave(work: Work, *, leave_id: UUID) -> LeaveView:
    """Take a request back that nobody has decided yet."""
    leave, team = await _own(work, leave_id)
    if leave.state != "withdrawn":
        leave, event = leaves.withdrawn(leave, team, by=name_of(work.actor), now=work.now)
        await _keep_decided(work, leave, event)
    return await leave_view(work.conn, leave)


async def cancel_leave(work: Work, *, leave_id: UUID, reason: str | None) -> LeaveView:
    """Give approved leave back, as far as it has not begun. The shifts that it took away are planned and asked again.

    Cancelled once more, it answers the same.
    """
    leave, team = await _own(work, leave_id)
    if leave.state == "cancelled":
        return await leave_view(work.conn, leave)
    first, last = leaves.days_given_back(leave, team.tz, work.now)
    change_ids = await give_shifts_back(work, leave, first, last)
    leave, event = leaves.cancelled(
        leave,
        team,
        from_on=first,
        by=name_of(work.actor),
        now=work.now,
        reason=reason,
        change_id=change_ids[0] if change_ids else None,
    )
    leave = replace(leave, change_ids=(*leave.change_ids, *change_ids))
    await store.save_leave(work.conn, leave)
    work.record(event, sequence=leave.version)
    return await leave_view(work.conn, leave)


async def _own(work: Work, leave_id: UUID) -> tuple[Leave, Team]:
    leave = await store.load_leave(work.conn, leave_id)
    team = await people.load_team(work.conn, leave.team_id)
    require_self_or_lead(work.actor, leave.staff_no, team)
    return leave, team


async def _keep_decided(work: Work, leave: Leave, event: Event) -> None:
    await store.save_leave(work.conn, leave)
    await cancel_timers(work, CHASE, [leave.leave_id])
    work.record(event, sequence=leave.version)


async def _to_decide(work: Work, leave_id: UUID) -> tuple[Leave, Team]:
    leave = await store.load_leave(work.conn, leave_id)
    team = await people.load_team(work.conn, leave.team_id)
    require_lead(work.actor, team)
    if work.actor.staff_no == leave.staff_no:
        raise Refusal("decision-is-anothers")
    return leave, team
