"""Corrections of settled days: asked for, decided by somebody else, then settled again beside what stood before."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from services.roster.commands.settlement import settle_again
from services.roster.domain import correction as corrections
from services.roster.domain.correction import Correction
from services.roster.queries.sight import name_of, require_lead, require_self_or_lead
from services.roster.store import corrections as store
from services.roster.store import people
from services.roster.store.attendance import load_settlements
from services.roster.store.shifts import load_shifts
from shared.contracts.refusal import Refusal
from shared.platform.ids import new_id
from shared.platform.work import Work


async def request_correction(
    work: Work, *, attendance_id: UUID, reason: str, came_at: datetime | None, went_at: datetime | None
) -> Correction:
    """Ask that a settled day be corrected, for oneself or (as lead) for somebody on the team."""
    settled = (await load_settlements(work.conn, [attendance_id])).get(attendance_id)
    if settled is None:
        raise Refusal("not-found", what=f"attendance {attendance_id}")
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
        updated_at=work.now,
    )
    corrections.require_sound(correction, datetime.combine(fact.shift_on, time(), team.tz), work.now)
    await store.save_correction(work.conn, correction)
    return correction


async def approve_correction(work: Work, *, correction_id: UUID, decision: str | None) -> Correction:
    """Grant a correction: the day is settled again as a new revision, and what still deviates is excused."""
    correction = await _to_decide(work, correction_id)
    if correction.state == "approved":
        return correction
    correction = await _decide(work, correction, "approved", decision)
    shifts = await load_shifts(work.conn, [correction.agent_id], correction.shift_on, correction.shift_on)
    await settle_again(work, shifts, reason=correction.reason)
    return correction


async def reject_correction(work: Work, *, correction_id: UUID, decision: str | None) -> Correction:
    """Do not grant a correction: what was settled stands."""
    correction = await _to_decide(work, correction_id)
    return correction if correction.state == "rejected" else await _decide(work, correction, "rejected", decision)


async def _to_decide(work: Work, correction_id: UUID) -> Correction:
    """A dispute goes to somebody else: not to who asks for it, and not to whom it is about."""
    correction = await store.load_correction(work.conn, correction_id)
    require_lead(work.actor, await people.load_team(work.conn, correction.team_id))
    if name_of(work.actor) in (correction.requested_by, correction.staff_no):
        raise Refusal("decision-is-anothers")
    return correction


async def _decide(work: Work, correction: Correction, state: str, decision: str | None) -> Correction:
    after = corrections.decided(correction, state, by=name_of(work.actor), now=work.now, decision=decision)
    await store.save_correction(work.conn, after)
    return after
