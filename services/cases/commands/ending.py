"""The end of a case: resolved, told, closed by the customer's word or silence; reopened when it was not over."""

from __future__ import annotations

from services.cases.commands.keeping import keep_case
from services.cases.domain.case import Case
from services.cases.domain.case_ending import reopened
from services.cases.store.cases import add_entry
from services.cases.store.people import lead_of
from shared.platform.timers import cancel_timers
from shared.platform.work import Work

SILENCE = "case_silence"


async def put_back(work: Work, case: Case, *, reason: str) -> Case:
    """It was not over: in progress again; from the second time on it is the lead's."""
    lead = await lead_of(work.conn, case.team_id) if case.team_id and case.reopen_count >= 1 else None
    after, event = reopened(case, reason=reason, lead=lead, now=work.now)
    await keep_case(work, case, after, event)
    await add_entry(work, after, "reopened", "shared", {"reason": reason, "count": after.reopen_count})
    await cancel_timers(work, SILENCE, [case.case_id])
    return after
