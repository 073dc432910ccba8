"""The stages of a complaint: captured by an agent who is then free of it, and brought to its end step by step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.cases.commands.complaint_desk import desk_of, keep_complaint, on_my_desk, require_known
from services.cases.commands.ending import inform_customer, put_back
from services.cases.commands.handoffs import Asking, hand_off
from services.cases.commands.keeping import keep_case
from services.cases.commands.monitors import propose_monitor
from services.cases.domain import case_ownership
from services.cases.domain import complaint as rules
from services.cases.domain.case import Case, Person
from services.cases.domain.complaint import ACKNOWLEDGE_WITHIN, WORKING_DAYS, Complaint
from services.cases.domain.working_time import days_after
from services.cases.queries.complaints import ComplaintView
from services.cases.queries.handoffs import missed
from services.cases.queries.sight import person_of, require_sight
from services.cases.queries.working_hours import hours_of_team
from services.cases.store import complaints as store
from services.cases.store.cases import load_case
from shared.contracts.refusal import Fault, Refusal
from shared.platform.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A complaint as an agent takes it down. `support_for` is an agent who is upset."""

    said: str
    subjects: tuple[str, ...] = ()
    step: str | None = None
    support_wanted: bool = False
    support_for: str | None = None


async def raise_complaint(work: Work, *, case_id: UUID, capture: Capture, language: str) -> ComplaintView:
    """Take a complaint down: it goes to the duty manager's desk, and the agent is free of it and of its case.

    Where it follows missed steps (nobody accepted, asked, told), they are named with who held them.
    """
    case = await load_case(work.conn, case_id)
    await require_sight(work.conn, work.actor, case)
    if await store.find_complaint(work.conn, case_id):
        raise Refusal("complaint-exists", number=case.number)
    await require_known(work, capture.subjects)
    missed_steps = (await missed(work.conn, actor=work.actor, case_id=case_id, now=work.now)).steps
    if not case.is_active:
        case = await put_back(work, case, reason="complaint")
    me = person_of(work.actor)
    desk = await desk_of(work, case.team_id, but=capture.subjects)
    complaint = Complaint(
        case_id=case_id,
        said=capture.said,
        subjects=tuple(dict.fromkeys(capture.subjects)),
        step=capture.step or next((one.step for one in missed_steps), None),
        customer_id=case.customer_id,
        team_id=case.team_id,
        handler=desk.staff_no if desk else None,
        handler_name=desk.name if desk else None,
        raised_at=work.now,
        raised_by=me.staff_no,
        raised_by_name=me.name,
        due_at=work.now + ACKNOWLEDGE_WITHIN,
        support_wanted=capture.support_wanted or capture.support_for is not None,
        support_for=capture.support_for or (me.staff_no if capture.support_wanted else None),
        updated_at=work.now,
    )
    case = await _free_of(work, case, me, desk)
    work.record(rules.raised(complaint, case), sequence=complaint.version)
    evidence = {
        "said": capture.said,
        "subjects": complaint.subjects,
        "desk": complaint.handler,
        "missed_steps": missed_steps,
    }
    return await keep_complaint(work, complaint, case, what="raised", evidence=evidence, language=language)


async def _free_of(work: Work, case: Case, me: Person, desk: Person | None) -> Case:
    """The agent's case is the desk's from now on; where nobody is on duty it waits in its team's queue."""
    if case.owner != me.staff_no or (desk and desk.staff_no == me.staff_no):
        return case
    if desk is None:
        after, event = case_ownership.released(case, by=me.staff_no, now=work.now)
        return await keep_case(work, case, after, event)
    owned = case_ownership.assigned(case, desk, team=None, how="assigned", by=me.staff_no, now=work.now)
    return await keep_case(work, case, *owned)


async def acknowledge_complaint(work: Work, *, case_id: UUID, channel: str, text: str, language: str) -> ComplaintView:
    """The customer was told that their complaint was received and who has it."""
    complaint, case, me = await on_my_desk(work, case_id)
    due_at = await _due(work, case, rules.ACKNOWLEDGED)
    after, event = rules.acknowledged(complaint, case, by=me, due_at=due_at, now=work.now)
    work.record(event, sequence=after.version)
    return await keep_complaint(
        work, after, case, what="acknowledged", evidence={"channel": channel, "text": text}, language=language
    )


async def assess_complaint(
    work: Work,
    *,
    case_id: UUID,
    kind: str,
    loss: str | None,
    findings: str,
    subjects: tuple[str, ...] | None,
    step: str | None,
    language: str,
) -> ComplaintView:
    """Say what kind it is, what was found, and whom it is about."""
    complaint, case, me = await on_my_desk(work, case_id)
    about = complaint.subjects if subjects is None else subjects
    await require_known(work, about)
    due_at = await _due(work, case, rules.ASSESSED)
    after = rules.assessed(
        complaint,
        kind=kind,
        loss=loss,
        findings=findings,
        subjects=about,
        step=step,
        by=me,
        due_at=due_at,
        now=work.now,
    )
    evidence = {"kind": after.kind, "loss": after.loss, "findings": findings, "subjects": about, "step": after.step}
    view = await keep_complaint(work, after, case, what="assessed", evidence=evidence, language=language)
    await propose_monitor(work, after)
    return view


async def dispatch_complaint(
    work: Work, *, case_id: UUID, asking: Asking | None, waived: str | None, language: str
) -> ComplaintView:
    """Ask a department, as a hand-off; or say why none has to be asked."""
    complaint, case, me = await on_my_desk(work, case_id)
    due_at = await _due(work, case, rules.DISPATCHED)
    if asking is None:
        after = rules.waived(complaint, why=waived or "", by=me, due_at=due_at, now=work.now)
        return await keep_complaint(work, after, case, what="waived", evidence={"why": waived}, language=language)
    await _require_impartial_receiver(complaint, asking)
    handoff = await hand_off(work, case, asking)
    case = await load_case(work.conn, case_id)
    after, event = rules.dispatched(
        complaint,
        case,
        handoff_id=handoff.handoff_id,
        team=(handoff.to_team_id, handoff.to_team_name),
        by=me,
        due_at=due_at,
        now=work.now,
    )
    work.record(event, sequence=after.version)
    evidence = {"handoff_id": handoff.handoff_id, "to_team": handoff.to_team_name, "request": asking.request}
    return await keep_complaint(work, after, case, what="dispatched", evidence=evidence, language=language)


async def _require_impartial_receiver(complaint: Complaint, asking: Asking) -> None:
    if asking.receiver in complaint.subjects:
        raise Refusal("invalid-value", faults=(Fault("receiver", "complaint-about-them", {}),))


async def decide_complaint(
    work: Work, *, case_id: UUID, decision: str, reasons: str, remedy: str, language: str
) -> ComplaintView:
    """Decide, once the department has answered (or given it back)."""
    complaint, case, me = await on_my_desk(work, case_id)
    state = await store.handoff_state(work.conn, complaint.handoff_id) if complaint.handoff_id else "closed"
    after, event = rules.decided(
        complaint,
        case,
        decision=decision,
        remedy=remedy,
        department_answered=state not in ("requested", "accepted"),
        by=me,
        due_at=await _due(work, case, rules.DECIDED),
        now=work.now,
    )
    work.record(event, sequence=after.version)
    evidence = {"decision": decision, "reasons": reasons, "remedy": remedy, "handoff_state": state}
    return await keep_complaint(work, after, case, what="decided", evidence=evidence, language=language)


async def take_response(
    work: Work, *, case_id: UUID, response: str, channel: str, said: str, language: str
) -> ComplaintView:
    """The customer was told the decision: they accepted, appealed, or (silent) said nothing in their time."""
    complaint, case, me = await on_my_desk(work, case_id)
    evidence = {"response": response, "channel": channel, "said": said}
    if response == "appealed":
        return await _appeal(work, complaint, case, evidence, language)
    accepted = True if response == "accepted" else None
    due_at = await _due(work, case, rules.RESPONDED)
    after = rules.responded(complaint, accepted=accepted, by=me, due_at=due_at, now=work.now)
    case = await inform_customer(
        work, case_id=case_id, channel=channel, text=complaint.remedy or "", handoff_id=complaint.handoff_id
    )
    return await keep_complaint(work, after, case, what="responded", evidence=evidence, language=language)


async def _appeal(
    work: Work, complaint: Complaint, case: Case, evidence: dict[str, Any], language: str
) -> ComplaintView:
    desk = await desk_of(work, case.team_id, but=(*complaint.subjects, *complaint.deciders))
    due_at = await _due(work, case, rules.DISPATCHED)
    after, event = rules.appealed(complaint, case, desk, due_at=due_at, now=work.now)
    work.record(event, sequence=after.version)
    return await keep_complaint(work, after, case, what="appealed", evidence=evidence, language=language)


async def close_complaint(
    work: Work, *, case_id: UUID, root_cause: str, step: str | None, note: str, language: str
) -> ComplaintView:
    """Close with the root cause and the step where it went wrong; refused while a stage lacks its evidence."""
    complaint, case, me = await on_my_desk(work, case_id)
    after, event = rules.closed(complaint, case, root_cause=root_cause, step=step, by=me, now=work.now)
    work.record(event, sequence=after.version)
    evidence = {"root_cause": root_cause, "step": after.step, "note": note}
    return await keep_complaint(work, after, case, what="closed", evidence=evidence, language=language)


async def _due(work: Work, case: Case, stage: str) -> datetime:
    """Until when a complaint of this case may stay in a stage, on the team's calendar."""
    hours = await hours_of_team(work.conn, case.team_id, case.zone)
    return days_after(hours, work.now, WORKING_DAYS[stage])
