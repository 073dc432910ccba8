"""The duty manager's desk: who has a complaint, who may act on it, how it is kept, chased, and agents looked after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.cases.domain import complaint as rules
from services.cases.domain.case import Case, Person
from services.cases.domain.complaint import Complaint
from services.cases.queries.complaints import ComplaintView, sees_complaint, view_complaint
from services.cases.queries.duty import duty_manager_at
from services.cases.queries.sight import person_of, sight_of
from services.cases.store import complaints as store
from services.cases.store.cases import add_entry, load_case
from services.cases.store.people import find_member
from shared.contracts.notify import AcknowledgementGiven
from shared.contracts.refusal import Fault, Refusal
from shared.platform.timers import Timer, cancel_timers, set_timers
from shared.platform.work import Work

SUBJECT = "cases.complaint"
STAGE_DUE = "complaint-stage"


async def on_my_desk(work: Work, case_id: UUID) -> tuple[Complaint, Case, Person]:
    """A complaint that the caller may do something about."""
    complaint, case = await seen_complaint(work, case_id)
    await _require_desk(work, complaint, case)
    return complaint, case, person_of(work.actor)


async def seen_complaint(work: Work, case_id: UUID) -> tuple[Complaint, Case]:
    """A complaint that the caller may see, and its case; 404 otherwise, 403 for whom it is about."""
    case = await load_case(work.conn, case_id)
    complaint = await store.load_complaint(work.conn, case_id)
    me = person_of(work.actor).staff_no
    if me in complaint.subjects:
        raise Refusal("complaint-about-you")
    if not sees_complaint(await sight_of(work.conn, work.actor), complaint, case):
        raise Refusal("not-found", noun="complaint of case", what=case_id)
    return complaint, case


async def _require_desk(work: Work, complaint: Complaint, case: Case) -> None:
    """Whoever has it, whoever is duty manager now, and who leads the case's team."""
    sight = await sight_of(work.conn, work.actor)
    if sight.sees_all or sight.leads(case) or complaint.handler == sight.staff_no:
        return
    manager = await duty_manager_at(work.conn, case.team_id, work.now)
    if manager is None or manager.staff_no != sight.staff_no:
        raise Refusal("not-yours")


async def desk_of(work: Work, team_id: UUID | None, *, but: Sequence[str]) -> Person | None:
    """Who decides now: the duty manager, or where that is one of those, the team's supervisor."""
    for person in (
        await duty_manager_at(work.conn, team_id, work.now),
        await store.supervisor_of(work.conn, team_id),
    ):
        if person is not None and person.staff_no not in but:
            return person
    return None


async def require_known(work: Work, staff_nos: Sequence[str], field: str = "subjects") -> None:
    """Refuse staff numbers that nobody has."""
    faults = [
        Fault(f"{field}.{place}", "staff-no-unknown", {"staff_no": staff_no})
        for place, staff_no in enumerate(staff_nos)
        if await find_member(work.conn, staff_no) is None
    ]
    if faults:
        raise Refusal("invalid-value", faults=tuple(faults))


async def keep_complaint(
    work: Work, complaint: Complaint, case: Case, *, what: str, evidence: dict[str, Any], language: str
) -> ComplaintView:
    """Store a complaint with the evidence of what was done, and watch its time."""
    await store.save_complaint(work.conn, complaint)
    await store.add_step(work.conn, complaint.case_id, what, person_of(work.actor), evidence, at=work.now)
    await add_entry(work, case, f"complaint_{what}", "leads", evidence)
    await _watch(work, complaint)
    return await view_complaint(work.conn, complaint, number=case.number, subject=case.subject, language=language)


async def ask_support(
    work: Work, *, case_id: UUID, staff_no: str | None, note: str | None, language: str
) -> ComplaintView:
    """Mark an agent (oneself, when nobody is named) whom the complaint has upset: the lead is to look after them."""
    complaint, case = await seen_complaint(work, case_id)
    me = person_of(work.actor)
    if staff_no is not None:
        await require_known(work, [staff_no], "staff_no")
    after = rules.asking_support(complaint, staff_no=staff_no or me.staff_no, now=work.now)
    return await keep_complaint(
        work, after, case, what="support_wanted", evidence={"for": after.support_for, "note": note}, language=language
    )


async def give_support(work: Work, *, case_id: UUID, note: str, language: str) -> ComplaintView:
    """The agent was looked after."""
    complaint, case = await seen_complaint(work, case_id)
    await _require_desk(work, complaint, case)
    me = person_of(work.actor)
    after = rules.supported(complaint, by=me, now=work.now)
    return await keep_complaint(
        work, after, case, what="support_given", evidence={"for": after.support_for, "note": note}, language=language
    )


async def take_onto_desk(work: Work, event: AcknowledgementGiven) -> None:
    """The duty manager said in notify that they have it."""
    complaint = await store.find_complaint(work.conn, event.subject_id)
    member = await find_member(work.conn, event.staff_no)
    if complaint is None or member is None or complaint.stage != rules.RAISED or event.staff_no in complaint.subjects:
        return
    after = rules.taken(complaint, member.person, now=work.now)
    if after != complaint:
        await _watch(work, after)
        await store.save_complaint(work.conn, after)
        await store.add_step(work.conn, after.case_id, "taken", member.person, {"channel": event.channel}, at=work.now)


async def chase_complaint(work: Work, timer: Timer) -> None:
    """A stage should be over: remind whoever has it and the duty manager, then those above."""
    complaint = await store.find_complaint(work.conn, timer.subject_id)
    if complaint is None or not complaint.is_open or complaint.version != timer.version:
        return
    case = await load_case(work.conn, complaint.case_id)
    desk = await desk_of(work, case.team_id, but=complaint.subjects)
    if complaint.stage == rules.RAISED and desk:
        complaint = rules.taken(complaint, desk, now=work.now)
    told, told_staff = await _whom_to_tell(work, complaint, desk)
    after, event = rules.overdue(complaint, case, told=told, told_staff=told_staff, now=work.now)
    await store.save_complaint(work.conn, after)
    work.record(event, sequence=after.version)
    await add_entry(work, case, "complaint_overdue", data={"stage": after.stage, "reminder": after.reminder_count})
    await _watch(work, after)


async def _whom_to_tell(
    work: Work, complaint: Complaint, desk: Person | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    number = complaint.reminder_count + 1
    supervisor = await store.supervisor_of(work.conn, complaint.team_id)
    roles = {"handler": complaint.handler, "duty_manager": desk.staff_no if desk else None}
    if number >= rules.SUPERVISOR_FROM:
        roles["supervisor"] = supervisor.staff_no if supervisor else None
    if number >= rules.MANAGER_FROM:
        roles["manager"] = None
    known = dict.fromkeys(staff_no for staff_no in roles.values() if staff_no and staff_no not in complaint.subjects)
    return tuple(roles), tuple(known)


async def _watch(work: Work, complaint: Complaint) -> None:
    if complaint.due_at is None:
        await cancel_timers(work, STAGE_DUE, [complaint.case_id])
        return
    due_at = complaint.due_at if complaint.due_at > work.now else work.now + rules.REMIND_EVERY
    timer = Timer(kind=STAGE_DUE, subject_id=complaint.case_id, due_at=due_at, version=complaint.version)
    await set_timers(work, [timer])
