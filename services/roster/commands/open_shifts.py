"""Open shifts: put up by who plans, claimed by whoever can work them, the first valid claim and no other."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from services.roster.commands.cells import publish_cells
from services.roster.commands.exchange import in_the_way, require_free, require_possible
from services.roster.domain import open_shift as open_shifts
from services.roster.domain.agent import Agent
from services.roster.domain.code import normal
from services.roster.domain.decision import next_reminder, reminder
from services.roster.domain.open_shift import OpenShift
from services.roster.domain.roster import Roster
from services.roster.domain.team import Team
from services.roster.queries.exchange import roster_covering
from services.roster.queries.named import agent_named, team_by_id
from services.roster.queries.sheets import codebook_of, find_roster
from services.roster.queries.sight import name_of, require_lead
from services.roster.store import exchange as store
from services.roster.store import people, rosters
from services.roster.store.shifts import load_shifts
from shared.contracts.event import Event
from shared.contracts.refusal import Fault, Refusal
from shared.contracts.roster import Cell
from shared.platform.ids import new_id
from shared.platform.timers import Timer, cancel_timers, set_timers
from shared.platform.work import Work

LAPSE, CHASE = "lapse_open_shift", "chase_open_shift"
CHAIN = ("opener", "lead", "supervisor")
"""Who hears, one after the other, that nobody has claimed a shift."""


async def open_shift(
    work: Work,
    *,
    roster_id: UUID | None,
    team_id: UUID | None,
    on: date,
    code: str,
    skills: tuple[str, ...],
    note: str | None,
) -> OpenShift:
    """Put up a shift of a published roster (named, or the team's that has the day)."""
    roster, team = await _roster(work, roster_id, team_id, on)
    require_lead(work.actor, team)
    if not roster.covers(on):
        raise Refusal("invalid-value", faults=(Fault("on", "day-outside-roster", {"on": str(on)}),))
    if not roster.number:
        raise Refusal("roster-not-published")
    cell = await _hours(work, team, on, normal(code))
    assert cell.starts_at
    assert cell.ends_at
    shift = OpenShift(
        open_shift_id=new_id(),
        roster_id=roster.roster_id,
        team_id=team.team_id,
        team_name=team.name,
        zone=team.zone,
        shift_on=on,
        code=cell.code,
        starts_at=cell.starts_at,
        ends_at=cell.ends_at,
        skills=skills,
        note=note,
        opened_by=name_of(work.actor),
        opened_at=work.now,
        updated_at=work.now,
    )
    await store.save_open_shift(work.conn, shift)
    await set_timers(work, [Timer(kind=LAPSE, subject_id=shift.open_shift_id, due_at=shift.starts_at)])
    await _remind(work, shift, team)
    work.record(open_shifts.opened(shift), sequence=shift.version)
    return shift


def _claim_by(shift: OpenShift, team: Team) -> datetime:
    return open_shifts.claim_by(shift, timedelta(minutes=team.settings.decide_within_minutes))


async def _remind(work: Work, shift: OpenShift, team: Team) -> None:
    """Once it has begun there is nothing left to remind of: it lapses."""
    due = next_reminder(shift.opened_at, _claim_by(shift, team), work.now)
    if due < shift.starts_at:
        await set_timers(work, [Timer(kind=CHASE, subject_id=shift.open_shift_id, due_at=due)])


async def chase_open_shift(work: Work, timer: Timer) -> None:
    """Nobody has claimed it yet: who put it up hears so, then those above."""
    shift = await store.find_open_shift(work.conn, timer.subject_id)
    if shift is None or shift.state != "open":
        return
    team = await people.load_team(work.conn, shift.team_id)
    told = reminder(CHAIN, _claim_by(shift, team), timer.due_at)
    shift, event = open_shifts.unclaimed(shift, told, work.now)
    await store.save_open_shift(work.conn, shift)
    work.record(event, sequence=shift.version)
    await _remind(work, shift, team)


async def _roster(work: Work, roster_id: UUID | None, team_id: UUID | None, on: date) -> tuple[Roster, Team]:
    if roster_id is None:
        if team_id is None:
            raise Refusal("invalid-value", faults=(Fault("roster_id", "field-required", {}),))
        roster_id = await roster_covering(work.conn, (await team_by_id(work.conn, team_id)).team_id, on)
    if roster_id is None:
        raise Refusal("invalid-value", faults=(Fault("on", "roster-missing", {"on": str(on)}),))
    roster = await find_roster(work.conn, roster_id)
    return roster, await people.load_team(work.conn, roster.team_id)


async def _hours(work: Work, team: Team, on: date, code: str) -> Cell:
    codebook = await codebook_of(work.conn, team)
    if not codebook.knows(code):
        raise Refusal("invalid-value", faults=(Fault("code", "shift-code-unknown", {"shift_code": code}),))
    cell = codebook.cell(code, on)
    if cell is None or cell.starts_at is None:
        raise Refusal("invalid-value", faults=(Fault("code", "open-shift-needs-hours", {}),))
    if cell.starts_at <= work.now:
        raise Refusal("invalid-value", faults=(Fault("on", "open-shift-past", {}),))
    return cell


async def claim_open_shift(work: Work, *, open_shift_id: UUID, staff_no: str | None) -> OpenShift:
    """Claim a shift. The first who can work it has it, in a version that they have confirmed by claiming.

    Claimed once more by the same person it answers the same.
    """
    shift = await store.load_open_shift(work.conn, open_shift_id)
    agent = await agent_named(work.conn, staff_no or work.actor.staff_no)
    if work.actor.staff_no != agent.staff_no and not work.actor.sees_all:
        raise Refusal("not-yours")
    if shift.claimed_by == agent.agent_id:
        return shift
    open_shifts.require_open(shift, work.now)
    roster = await rosters.load_roster(work.conn, shift.roster_id)
    team = await people.load_team(work.conn, shift.team_id)
    before = await _fit(work, shift, agent, team)
    cells = {agent.agent_id: {shift.shift_on: shift.cell}}
    made = await publish_cells(work, roster=roster, team=team, cells=cells, note=shift.note, agreed=True)
    shift, event = open_shifts.claimed(shift, agent, number=made.number, before=before, now=work.now)
    return await _keep_over(work, shift, event)


async def _fit(work: Work, shift: OpenShift, agent: Agent, team: Team) -> Cell | None:
    """Refuse who cannot work it; what they have that day otherwise (at most a day off)."""
    if agent.team_id != team.team_id:
        raise Refusal("agent-not-in-team", staff_no=agent.staff_no, name=agent.name, team=agent.team_name)
    own = await load_shifts(work.conn, [agent.agent_id], shift.shift_on, shift.shift_on)
    before = own[0].planned if own else None
    require_free(agent, shift.shift_on, before)
    cells = {agent.agent_id: {shift.shift_on: shift.cell}}
    require_possible(await in_the_way(work, team, [agent], cells, skills=shift.skills), warnings_too=True)
    return before


async def withdraw_open_shift(work: Work, *, open_shift_id: UUID, reason: str | None) -> OpenShift:
    """Take a shift back that nobody has claimed."""
    shift = await store.load_open_shift(work.conn, open_shift_id)
    require_lead(work.actor, await people.load_team(work.conn, shift.team_id))
    if shift.state == "withdrawn":
        return shift
    open_shifts.require_open(shift, work.now)
    by = name_of(work.actor)
    return await _keep_over(work, *open_shifts.closed(shift, "withdrawn", now=work.now, by=by, reason=reason))


async def lapse_open_shift(work: Work, timer: Timer) -> None:
    """It begins, and nobody has claimed it."""
    shift = await store.find_open_shift(work.conn, timer.subject_id)
    if shift and shift.state == "open" and shift.starts_at <= work.now:
        await _keep_over(work, *open_shifts.closed(shift, "lapsed", now=work.now))


async def _keep_over(work: Work, shift: OpenShift, event: Event) -> OpenShift:
    """Nobody is to claim it any more, and whoever put it up hears why."""
    await store.save_open_shift(work.conn, shift)
    for kind in (LAPSE, CHASE):
        await cancel_timers(work, kind, [shift.open_shift_id])
    work.record(event, sequence=shift.version)
    return shift
