"""The end of a case: resolved, told, closed by the customer's word or silence; reopened when it was not over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.cases.commands.closing import open_loops
from services.cases.commands.keeping import keep_case
from services.cases.commands.surveys import request_survey
from services.cases.commands.waiting import WAIT
from services.cases.domain import case_ending as rules
from services.cases.domain.case import Case
from services.cases.domain.fields import completeness_of, missing_fields
from services.cases.domain.working_time import counted, days_after, whole_seconds
from services.cases.queries.sight import person_of, require_worker
from services.cases.queries.working_hours import hours_of_team
from services.cases.store.case_types import load_case_type
from services.cases.store.cases import add_entry, find_case, load_case
from services.cases.store.people import lead_of
from shared.platform.ids import new_id
from shared.platform.timers import Timer, cancel_timers, set_timers
from shared.platform.work import Work

SILENCE = "case_silence"


async def resolve_case(work: Work, *, case_id: UUID, resolution: str | None) -> Case:
    """Settled by the word of whoever works on it."""
    case = await load_case(work.conn, case_id)
    await require_worker(work.conn, work.actor, case)
    return await settle_case(work, case, resolution=resolution)


async def settle_case(work: Work, case: Case, *, resolution: str | None) -> Case:
    """Resolve a loaded case: its customer is invited to say how it was, and may say "no" for some working days."""
    case_type = await load_case_type(work.conn, case.case_type, case.type_version)
    hours = await hours_of_team(work.conn, case.team_id, case.zone)
    after, event = rules.resolved(
        case,
        resolution=resolution,
        by=person_of(work.actor).staff_no,
        silence_until=days_after(hours, work.now, case_type.silence_days),
        working_seconds=whole_seconds(counted(hours, case.opened_at, work.now)),
        completeness=completeness_of(case_type.fields, case.fields),
        now=work.now,
    )
    after = await keep_case(work, case, after, event)
    await add_entry(work, after, "resolved", "shared", {"resolution": resolution})
    await cancel_timers(work, WAIT, [case.case_id])
    await _listen(work, after)
    await request_survey(work, after)
    return after


async def inform_customer(work: Work, *, case_id: UUID, channel: str, text: str, handoff_id: UUID | None) -> Case:
    """The customer was told, with the channel and what was said."""
    case = await load_case(work.conn, case_id)
    await require_worker(work.conn, work.actor, case)
    case_type = await load_case_type(work.conn, case.case_type, case.type_version)
    hours = await hours_of_team(work.conn, case.team_id, case.zone)
    notice_id = new_id()
    after, event = rules.informed(
        case,
        notice_id=notice_id,
        by=person_of(work.actor).staff_no,
        channel=channel,
        silence_until=days_after(hours, work.now, case_type.silence_days),
        handoff_id=handoff_id,
        now=work.now,
    )
    after = await keep_case(work, case, after, event)
    told = {"notice_id": notice_id, "channel": channel, "text": text, "handoff_id": handoff_id}
    await add_entry(work, after, "customer_informed", "shared", told)
    await _listen(work, after)
    return after


async def close_case(work: Work, *, case_id: UUID, confirmed: bool | None, note: str | None) -> Case:
    """Close by the customer's confirmation or their silence; their "no" reopens."""
    case = await load_case(work.conn, case_id)
    await require_worker(work.conn, work.actor, case)
    if confirmed is False:
        return await put_back(work, case, reason=note or "customer_said_no")
    return await finish_case(work, case, how="confirmed" if confirmed else "silence", note=note)


async def finish_case(work: Work, case: Case, *, how: str, note: str | None = None) -> Case:
    """Close a loaded case when nothing stands against it."""
    loops = await open_loops(work.conn, case.case_id)
    rules.require_closable(case, how=how, open_loops=loops, now=work.now)
    case_type = await load_case_type(work.conn, case.case_type, case.type_version)
    complete = completeness_of(case_type.fields, case.fields)
    after, event = rules.closed(case, how=how, completeness=complete, now=work.now)
    after = await keep_case(work, case, after, event)
    await add_entry(work, after, "closed", "shared", {"how": how, "note": note})
    await cancel_timers(work, SILENCE, [case.case_id])
    return after


async def reopen_case(work: Work, *, case_id: UUID, reason: str) -> Case:
    """It was not over."""
    case = await load_case(work.conn, case_id)
    await require_worker(work.conn, work.actor, case)
    return await put_back(work, case, reason=reason)


async def put_back(work: Work, case: Case, *, reason: str) -> Case:
    """Reopen a loaded case; from the second time on it is the lead's."""
    lead = await lead_of(work.conn, case.team_id) if case.team_id and case.reopen_count >= 1 else None
    after, event = rules.reopened(case, reason=reason, lead=lead, now=work.now)
    after = await keep_case(work, case, after, event)
    await add_entry(work, after, "reopened", "shared", {"reason": reason, "count": after.reopen_count})
    await cancel_timers(work, SILENCE, [case.case_id])
    return after


async def close_silent(work: Work, timer: Timer) -> None:
    """The customer had time to say "no". What still stands against closing is looked at again the next working day."""
    case = await find_case(work.conn, timer.subject_id)
    if case is None or case.state != "resolved" or case.silence_until is None or case.silence_until > work.now:
        return
    case_type = await load_case_type(work.conn, case.case_type, case.type_version)
    unasked = missing_fields(case_type.fields, case.fields, "closed")
    if unasked or any((await open_loops(work.conn, case.case_id)).values()):
        hours = await hours_of_team(work.conn, case.team_id, case.zone)
        await _listen(work, case, again_at=days_after(hours, work.now, 1))
    else:
        await finish_case(work, case, how="silence")


async def _listen(work: Work, case: Case, *, again_at: datetime | None = None) -> None:
    """A timer for the end of the customer's time to say "no", once they know and it is resolved."""
    due_at = again_at or case.silence_until
    if case.state == "resolved" and due_at is not None:
        await set_timers(work, [Timer(kind=SILENCE, subject_id=case.case_id, due_at=due_at)])
