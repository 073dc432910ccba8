"""Promises to customers: made, kept, cancelled; warned and broken by time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.cases.commands.word import PROMISE, fulfil_promise, keep_made, keep_promise
from services.cases.domain import promise as rules
from services.cases.domain.case import Case, Person, facts_of, require_not_closed
from services.cases.domain.promise import Promise
from services.cases.queries.sight import person_of, require_worker
from services.cases.store import handoffs as store
from services.cases.store.cases import add_entry, add_entry_at, find_case, load_case
from services.cases.store.people import person_named
from shared.contracts.refusal import Fault, Refusal
from shared.platform.ids import new_id
from shared.platform.timers import Timer, cancel_timers, set_timers
from shared.platform.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Pledge:
    """What somebody wants to promise: until when, what, and (`owner`) who does it if it is not the case's owner."""

    due_at: datetime
    text: str
    owner: str | None = None


async def make_promise(work: Work, *, case_id: UUID, pledge: Pledge) -> Promise:
    """Promise a customer something; 422 when it would be due already."""
    case = await load_case(work.conn, case_id)
    await require_worker(work.conn, work.actor, case)
    require_not_closed(case)
    rules.require_future(pledge.due_at, work.now)
    who = await _owner(work, case, pledge.owner)
    promise = Promise(
        promise_id=new_id(),
        case_id=case_id,
        promised_by=who.staff_no,
        promised_by_name=who.name,
        text=pledge.text,
        made_at=work.now,
        due_at=pledge.due_at,
        updated_at=work.now,
    )
    return await keep_made(work, case, promise)


async def keep(work: Work, *, promise_id: UUID, contact_id: UUID | None) -> Promise:
    """A promise is kept, with the contact that kept it; said once more it answers the same."""
    case, promise = await _loaded(work, promise_id)
    if promise.state == "kept":
        return promise
    return await fulfil_promise(work, case, promise, contact_id=contact_id)


async def cancel(work: Work, *, promise_id: UUID, reason: str) -> Promise:
    """A promise is taken back."""
    case, promise = await _loaded(work, promise_id)
    if promise.handoff_id is not None:
        raise Refusal("promise-owed-to-customer")
    by = person_of(work.actor).staff_no
    after, event = rules.cancelled(promise, facts_of(case), by=by, why=reason, now=work.now)
    await keep_promise(work, after, event)
    await cancel_timers(work, PROMISE, [promise_id])
    await add_entry(work, case, "promise_cancelled", "internal", {"promise_id": promise_id, "reason": reason})
    return after


async def watch_promise(work: Work, timer: Timer) -> None:
    """Three quarters of its time have passed: it warns. All has passed: it is broken."""
    case_id = await store.case_of(work.conn, "promise", timer.subject_id)
    case = await find_case(work.conn, case_id) if case_id else None
    promise = await store.find_promise(work.conn, timer.subject_id)
    if case is None or promise is None or not promise.is_open:
        return
    if promise.due_at <= work.now:
        await keep_promise(work, *rules.broken(promise, facts_of(case), now=work.now))
        await _note(work, case, promise, "promise_broken", promise.due_at)
        return
    if promise.warned_at is None and promise.warn_at <= work.now:
        await store.save_promise(work.conn, rules.warned(promise, now=work.now))
        await _note(work, case, promise, "promise_warned", work.now)
    await set_timers(work, [Timer(kind=PROMISE, subject_id=promise.promise_id, due_at=promise.due_at)])


async def _note(work: Work, case: Case, promise: Promise, kind: str, at: datetime) -> None:
    data = {"promise_id": promise.promise_id, "text": promise.text, "due_at": promise.due_at, "by": promise.promised_by}
    await add_entry_at(work.conn, case.case_id, kind, "internal", data, at=at, by=None, by_name=None)


async def _loaded(work: Work, promise_id: UUID) -> tuple[Case, Promise]:
    case_id = await store.case_of(work.conn, "promise", promise_id)
    if case_id is None:
        raise Refusal("not-found", noun="promise", what=promise_id)
    case = await load_case(work.conn, case_id)
    await require_worker(work.conn, work.actor, case)
    promise = await store.find_promise(work.conn, promise_id)
    assert promise
    return case, promise


async def _owner(work: Work, case: Case, named: str | None) -> Person:
    if named is not None:
        found = await person_named(work.conn, named)
        if found is None:
            raise Refusal("invalid-value", faults=(Fault("owner", "staff-no-unknown", {"staff_no": named}),))
        return found
    if work.actor.staff_no is None and case.owner is not None:
        return Person(case.owner, case.owner_name or case.owner)
    return person_of(work.actor)
