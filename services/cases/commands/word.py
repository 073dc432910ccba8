"""The word that is owed to the customer: promised when an answer comes, kept when the customer was told."""

from __future__ import annotations

from uuid import UUID

from services.cases.domain import handoff_moves as hops
from services.cases.domain import promise as promises
from services.cases.domain.case import Case, facts_of
from services.cases.domain.handoff import Handoff
from services.cases.domain.promise import Promise
from services.cases.queries.sight import person_of
from services.cases.store import handoffs as store
from services.cases.store.cases import add_entry
from shared.contracts.event import Event
from shared.platform.ids import new_id
from shared.platform.timers import Timer, cancel_timers, set_timers
from shared.platform.work import Work

PROMISE = "promise"
HANDOFF = "handoff"


async def owe_word(work: Work, case: Case, handoff: Handoff, text: str) -> Promise:
    """The sender of a hand-off promises the customer to tell what came of it."""
    assert handoff.word_due_at
    promise = Promise(
        promise_id=new_id(),
        case_id=case.case_id,
        handoff_id=handoff.handoff_id,
        promised_by=case.owner or handoff.sender,
        promised_by_name=(case.owner_name if case.owner else None) or handoff.sender_name,
        text=text,
        made_at=work.now,
        due_at=handoff.word_due_at,
        updated_at=work.now,
    )
    return await keep_made(work, case, promise)


async def keep_made(work: Work, case: Case, promise: Promise) -> Promise:
    """Store a new promise, tell it, and watch its time."""
    await keep_promise(work, *promises.made(promise, facts_of(case)))
    data = {"promise_id": promise.promise_id, "text": promise.text, "due_at": promise.due_at}
    await add_entry(work, case, "promise_made", "internal", data | {"by": promise.promised_by})
    await set_timers(work, [Timer(kind=PROMISE, subject_id=promise.promise_id, due_at=promise.warn_at)])
    return promise


async def keep_promise(work: Work, promise: Promise, event: Event) -> None:
    """Store a promise and tell what became of it."""
    await store.save_promise(work.conn, promise)
    work.record(event, sequence=promise.version)


async def fulfil_promise(work: Work, case: Case, promise: Promise, *, contact_id: UUID | None = None) -> Promise:
    """A promise is kept, by whoever does it."""
    by = person_of(work.actor).staff_no
    after, event = promises.kept(promise, facts_of(case), by=by, contact_id=contact_id, now=work.now)
    await keep_promise(work, after, event)
    await cancel_timers(work, PROMISE, [promise.promise_id])
    data = {"promise_id": promise.promise_id, "in_time": work.now <= promise.due_at, "contact_id": contact_id}
    await add_entry(work, case, "promise_kept", "internal", data)
    return after


async def customer_told(work: Work, case: Case, handoff_id: UUID | None) -> None:
    """The customer heard how it stands: words owed are kept, and answered hand-offs close (the named one, else all)."""
    for promise in await store.promises_of(work.conn, case.case_id):
        owed = promise.handoff_id is not None and promise.state in ("open", "broken")
        if owed and handoff_id in (None, promise.handoff_id):
            await fulfil_promise(work, case, promise)
    for handoff in await store.handoffs_of(work.conn, case.case_id):
        if handoff.state == "answered" and handoff_id in (None, handoff.handoff_id):
            by = person_of(work.actor).staff_no
            await close_told(work, case, hops.told(handoff, by=by, now=work.now), by=by)


async def close_told(work: Work, case: Case, handoff: Handoff, *, by: str) -> Handoff:
    """A hop is over: answered, and the customer told."""
    after, events = hops.closed(handoff, facts_of(case), by=by, now=work.now)
    await store.save_handoff(work.conn, after)
    for event in events:
        work.record(event, sequence=after.version)
    await cancel_timers(work, HANDOFF, [after.handoff_id])
    await add_entry(work, case, "handoff_closed", "shared", {"handoff_id": after.handoff_id, "hop": after.hop})
    return after
