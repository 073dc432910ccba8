"""Proposals to invite a customer, who claims again and again without a loss, as a service monitor."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from services.cases.domain import complaint as rules
from services.cases.domain import monitor
from services.cases.domain.complaint import Complaint
from services.cases.domain.monitor import MonitorProposal
from services.cases.queries.sight import person_of
from services.cases.store import complaints as store
from shared.platform.ids import new_id
from shared.platform.timers import Timer, cancel_timers, set_timers
from shared.platform.work import Work

PROPOSAL_DUE = "monitor-proposal"


async def propose_monitor(work: Work, complaint: Complaint) -> None:
    """Claims without loss, again and again by the same customer: propose to invite them."""
    if complaint.customer_id is None or (complaint.kind, complaint.loss) != ("compensation", "no"):
        return
    since = work.now - timedelta(days=365)
    claims = await store.claims_without_loss(work.conn, complaint.customer_id, since=since)
    if len(claims) < rules.CLAIMS_BEFORE_PROPOSAL:
        return
    proposal = MonitorProposal(
        proposal_id=new_id(),
        customer_id=complaint.customer_id,
        case_ids=tuple(claims),
        proposed_at=work.now,
        due_at=work.now + monitor.DECIDE_WITHIN,
        updated_at=work.now,
    )
    if await store.add_proposal(work.conn, proposal):
        timer = Timer(kind=PROPOSAL_DUE, subject_id=proposal.proposal_id, due_at=proposal.due_at)
        await set_timers(work, [timer])


async def decide_proposal(work: Work, *, proposal_id: UUID, decision: str, note: str | None) -> MonitorProposal:
    """Invite the customer as a service monitor, or decline to."""
    work.actor.require_team(*work.actor.teams)
    proposal = await store.load_proposal(work.conn, proposal_id)
    by = person_of(work.actor).staff_no
    after = monitor.decided(proposal, state=decision, note=note, by=by, now=work.now)
    await store.save_proposal(work.conn, after)
    await cancel_timers(work, PROPOSAL_DUE, [proposal_id])
    return after


async def lapse_proposal(work: Work, timer: Timer) -> None:
    """Nobody decided in time; it may still be decided."""
    proposal = await store.load_proposal(work.conn, timer.subject_id)
    if proposal.state == "open":
        lapsed = monitor.decided(proposal, state=monitor.LAPSED, note=None, by=work.actor.sub, now=work.now)
        await store.save_proposal(work.conn, lapsed)
