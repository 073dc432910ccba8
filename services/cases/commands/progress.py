"""Progress requests: the customer asked again, and the handler of the open hand-off says where it stands."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from services.cases.commands.word import owe_word
from services.cases.domain import handoff as hops
from services.cases.domain import progress as rules
from services.cases.domain.case import Case, facts_of
from services.cases.domain.handoff import Handoff
from services.cases.domain.handoff_chase import PROGRESS, ChaseStep, overdue, told_at
from services.cases.domain.progress import ProgressRequest
from services.cases.domain.working_time import minutes_after
from services.cases.queries.sight import person_of, require_worker, sight_of
from services.cases.queries.working_hours import hours_of_team
from services.cases.store import handoffs as store
from services.cases.store.cases import add_entry, find_case, load_case
from shared.contracts.refusal import Refusal
from shared.platform.ids import new_id
from shared.platform.timers import Timer, cancel_timers, set_timers
from shared.platform.work import Work

CHASE = "progress"


async def request_progress(
    work: Work, *, case_id: UUID, request: str | None, contact_id: UUID | None
) -> ProgressRequest:
    """Ask the handler of a case's open hand-off where it stands; 409 when nobody has been asked to act."""
    case = await load_case(work.conn, case_id)
    await require_worker(work.conn, work.actor, case)
    asked = await ask_where_it_stands(work, case, request=request, contact_id=contact_id)
    if asked is None:
        raise Refusal("progress-nobody-asked")
    return asked


async def ask_where_it_stands(
    work: Work, case: Case, *, request: str | None, contact_id: UUID | None
) -> ProgressRequest | None:
    """The customer asks again about a case (loaded locked): its handler is asked; none while no team is at work."""
    hop = next((one for one in await store.handoffs_of(work.conn, case.case_id) if one.state in hops.OPEN[:2]), None)
    if hop is None:
        return None
    hours = await hours_of_team(work.conn, hop.to_team_id)
    earlier = [one for one in await store.progress_of(work.conn, case.case_id) if one.handoff_id == hop.handoff_id]
    due_at = minutes_after(hours, work.now, hop.terms.progress_minutes)
    progress = ProgressRequest(
        progress_id=new_id(),
        case_id=case.case_id,
        handoff_id=hop.handoff_id,
        nth=len(earlier) + 1,
        to_team_id=hop.to_team_id,
        to_team_name=hop.to_team_name,
        handler=(case.owner or hop.sender) if hop.external else hop.receiver if hop.state == "accepted" else None,
        sender=case.owner or hop.sender,
        request=request or case.subject,
        contact_id=contact_id,
        requested_by=person_of(work.actor).staff_no,
        requested_at=work.now,
        due_at=due_at,
        next_step_at=due_at,
        updated_at=work.now,
    )
    progress, event = rules.requested(progress, facts_of(case) | {"external": hop.external})
    await store.save_progress(work.conn, progress)
    work.record(event, sequence=progress.version)
    await set_timers(work, [Timer(kind=CHASE, subject_id=progress.progress_id, due_at=due_at)])
    data = {"progress_id": progress.progress_id, "handoff_id": hop.handoff_id, "nth": progress.nth, "due_at": due_at}
    await add_entry(work, case, "progress_requested", "shared", data | {"contact_id": contact_id})
    return progress


async def answer_progress(work: Work, *, progress_id: UUID, standing: str, eta_at: datetime) -> ProgressRequest:
    """Say where it stands and until when; the sender promises the customer to tell. "Please wait" is refused."""
    case_id = await store.case_of(work.conn, "progress", progress_id)
    if case_id is None:
        raise Refusal("not-found", noun="progress request", what=progress_id)
    case = await load_case(work.conn, case_id)
    progress = await store.find_progress(work.conn, progress_id)
    assert progress
    handoff = await store.find_handoff(work.conn, progress.handoff_id)
    assert handoff
    await _require_handler(work, case, handoff)
    rules.require_open(progress)
    rules.require_answer(standing, eta_at, now=work.now)
    promise = await owe_word(work, case, await _with_word_due(work, case, handoff), standing)
    by = person_of(work.actor).staff_no
    after, event = rules.answered(
        progress,
        facts_of(case) | {"external": handoff.external},
        by=by,
        standing=standing,
        eta_at=eta_at,
        promise_id=promise.promise_id,
        now=work.now,
    )
    await store.save_progress(work.conn, after)
    work.record(event, sequence=after.version)
    await cancel_timers(work, CHASE, [progress_id])
    data = {"progress_id": progress_id, "standing": standing, "eta_at": eta_at, "promise_id": promise.promise_id}
    await add_entry(work, case, "progress_answered", "shared", data)
    return after


async def overtake_progress(work: Work, handoff_id: UUID, case_id: UUID) -> None:
    """A hand-off ended: nobody is asked where it stands any more."""
    for progress in await store.progress_of(work.conn, case_id):
        if progress.is_open and progress.handoff_id == handoff_id:
            await store.save_progress(work.conn, rules.overtaken(progress, now=work.now))
            await cancel_timers(work, CHASE, [progress.progress_id])


async def chase_progress(work: Work, timer: Timer) -> None:
    """The handler did not say where it stands in time: those above hear of it, again and again until it does."""
    case_id = await store.case_of(work.conn, "progress", timer.subject_id)
    case = await find_case(work.conn, case_id) if case_id else None
    progress = await store.find_progress(work.conn, timer.subject_id)
    if case is None or progress is None or not progress.is_open or progress.next_step_at is None:
        return
    handoff = await store.find_handoff(work.conn, progress.handoff_id)
    assert handoff
    if progress.next_step_at <= work.now:
        progress = await _chased(work, case, handoff, progress)
    assert progress.next_step_at
    await set_timers(work, [Timer(kind=CHASE, subject_id=progress.progress_id, due_at=progress.next_step_at)])


async def _chased(work: Work, case: Case, handoff: Handoff, progress: ProgressRequest) -> ProgressRequest:
    hours = await hours_of_team(work.conn, handoff.to_team_id)
    number = progress.chased + 1
    step = ChaseStep(clock=PROGRESS, number=number, told=told_at(PROGRESS, number, external=handoff.external))
    next_at = minutes_after(hours, work.now, handoff.terms.progress_minutes)
    after = rules.chased(progress, next_step_at=max(next_at, work.now + timedelta(minutes=1)), now=work.now)
    await store.save_progress(work.conn, after)
    details = {"clock": PROGRESS, "step": number, "told": list(step.told), "progress_id": str(progress.progress_id)}
    noted = hops.noted(handoff, "overdue", at=work.now, details=details)
    await store.save_handoff(work.conn, noted)
    work.record(overdue(noted, facts_of(case), step, now=work.now), sequence=noted.version)
    data = {"handoff_id": handoff.handoff_id, "clock": PROGRESS, "step": number, "told": list(step.told)}
    await add_entry(work, case, "handoff_overdue", "shared", data | {"progress_id": progress.progress_id})
    return after


async def _with_word_due(work: Work, case: Case, handoff: Handoff) -> Handoff:
    own = await hours_of_team(work.conn, case.team_id, case.zone)
    return hops.owing_word(handoff, minutes_after(own, work.now, handoff.terms.word_minutes))


async def _require_handler(work: Work, case: Case, handoff: Handoff) -> None:
    """The receiver answers for itself; of a partner's words the sender keeps record."""
    sight = await sight_of(work.conn, work.actor)
    if handoff.is_receiver(sight.teams, work.actor.teams) or sight.sees_all:
        return
    if not handoff.external:
        if not sight.sees(case):
            raise Refusal("not-found", noun="case", what=case.case_id)
        raise Refusal("handoff-not-for-you", team=handoff.to_team_name)
    await require_worker(work.conn, work.actor, case)
