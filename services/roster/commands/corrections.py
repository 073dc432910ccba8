"""Corrections of settled days: asked for, decided by somebody else, then settled again beside what stood before."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from services.roster.commands.settlement import settle_again
from services.roster.domain import correction as corrections
from services.roster.domain.correction import Correction
from services.roster.domain.decision import decide_by, deciders, next_reminder, reminder
from services.roster.domain.team import Team
from services.roster.queries.sight import name_of, require_lead, require_self_or_lead
from services.roster.store import corrections as store
from services.roster.store import people
from services.roster.store.attendance import load_settlements
from services.roster.store.shifts import load_shifts
from shared.contracts.event import Event
from shared.contracts.refusal import Refusal
from shared.platform.ids import new_id
from shared.platform.timers import Timer, cancel_timers, set_timers
from shared.platform.work import Work

CHASE = "chase_correction"


async def request_correction(
    work: Work, *, attendance_id: UUID, reason: str, came_at: datetime | None, went_at: datetime | None
) -> Correction:
    """Ask that a settled day be corrected, for oneself or (as lead) for somebody on the team."""
    settled = (await load_settlements(work.conn, [attendance_id])).get(attendance_id)
    if settled is None:
        raise Refusal("not-found", noun="attendance", what=attendance_id)
    fact = settled.fact
    team = await people.load_team(work.conn, fact.team_id)
    require_self_or_lead(work.actor, fact.staff_no, team)
    if await store.has_open(work.conn, attendance_id):
        raise Refusal("correction-open")
    correction = Correction(
        correction_id=new_id(),
        attendance_id=attendance_id,
        revision=fact.revision,
        agent_id=fact.agent_id,
        staff_no=fact.staff_no,
        agent_name=fact.agent_name,
        team_id=fact.team_id,
        shift_on=fact.shift_on,
        came_at=came_at,
        went_at=went_at,
        reason=reason,
        requested_by=name_of(work.actor),
        requested_at=work.now,
        decide_by=decide_by(work.now, timedelta(minutes=team.settings.decide_within_minutes)),
        updated_at=work.now,
    )
    corrections.require_sound(correction, datetime.combine(fact.shift_on, time(), team.tz), work.now)
    await store.save_correction(work.conn, correction)
    work.record(corrections.requested(correction, team, _deciders(correction, team)[:1]), sequence=correction.version)
    await _remind(work, correction)
    return correction


def _deciders(correction: Correction, team: Team) -> tuple[str, ...]:
    return deciders(team, correction.staff_no, correction.requested_by)


async def _remind(work: Work, correction: Correction) -> None:
    due = next_reminder(correction.requested_at, correction.decide_by, work.now)
    await set_timers(work, [Timer(kind=CHASE, subject_id=correction.correction_id, due_at=due)])


async def chase_correction(work: Work, timer: Timer) -> None:
    """Nobody has decided yet: those who should hear it, again and again, one more each time."""
    correction = await store.find_correction(work.conn, timer.subject_id)
    if correction is None or correction.state != "requested":
        return
    team = await people.load_team(work.conn, correction.team_id)
    told = reminder(_deciders(correction, team), correction.decide_by, timer.due_at)
    correction, event = corrections.undecided(correction, team, told, work.now)
    await store.save_correction(work.conn, correction)
    work.record(event, sequence=correction.version)
    await _remind(work, correction)


async def approve_correction(work: Work, *, correction_id: UUID, decision: str | None) -> Correction:
    """Grant a correction: the day is settled again as a new revision, and what still deviates is excused."""
    correction, team = await _to_decide(work, correction_id)
    if correction.state == "approved":
        return correction
    by = name_of(work.actor)
    correction = await _keep(work, *corrections.approved(correction, team, by=by, now=work.now, decision=decision))
    shifts = await load_shifts(work.conn, [correction.agent_id], correction.shift_on, correction.shift_on)
    await settle_again(work, shifts, reason=correction.reason)
    return correction


async def reject_correction(work: Work, *, correction_id: UUID, decision: str | None) -> Correction:
    """Do not grant a correction: what was settled stands."""
    correction, team = await _to_decide(work, correction_id)
    if correction.state == "rejected":
        return correction
    by = name_of(work.actor)
    return await _keep(work, *corrections.rejected(correction, team, by=by, now=work.now, decision=decision))


async def _to_decide(work: Work, correction_id: UUID) -> tuple[Correction, Team]:
    """A dispute goes to somebody else: not to who asks for it, and not to whom it is about."""
    correction = await store.load_correction(work.conn, correction_id)
    team = await people.load_team(work.conn, correction.team_id)
    require_lead(work.actor, team)
    if name_of(work.actor) in (correction.requested_by, correction.staff_no):
        raise Refusal("decision-is-anothers")
    return correction, team


async def _keep(work: Work, correction: Correction, event: Event) -> Correction:
    await store.save_correction(work.conn, correction)
    await cancel_timers(work, CHASE, [correction.correction_id])
    work.record(event, sequence=correction.version)
    return correction
