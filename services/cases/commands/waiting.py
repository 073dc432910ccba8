"""Waiting for the customer or for another team, and going on."""

from __future__ import annotations

from services.cases.commands.keeping import keep_case
from services.cases.domain import case as rules
from services.cases.domain.case import Case
from services.cases.store.cases import add_entry
from shared.platform.timers import cancel_timers
from shared.platform.work import Work

WAIT = "case_wait"


async def resume(work: Work, case: Case, *, why: str | None = None) -> Case:
    """The case waits no longer; its owner goes on."""
    after, event = rules.resumed(case, now=work.now)
    await keep_case(work, case, after, event)
    await add_entry(work, after, "resumed", "internal", {"why": why} if why else {})
    await cancel_timers(work, WAIT, [case.case_id])
    return after
