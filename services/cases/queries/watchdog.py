"""Cases' open loops and the timers that move them, for the watchdog."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.case_look import LOOK
from services.cases.domain.handoff import OPEN
from services.cases.tables import (
    bulletins,
    cases,
    complaints,
    handoffs,
    kernel,
    monitor_proposals,
    problems,
    progress_requests,
    promises,
    surges,
)
from shared.platform.watchdog import Kept, LoopWatch
from shared.platform.watchdog import watch as watch_loops

_OPEN: dict[str, Kept] = {
    "case": Kept(cases.c.case_id, (cases.c.state != "closed") & ~cases.c.historic, LOOK),
    "handoff": Kept(handoffs.c.handoff_id, handoffs.c.state.in_(OPEN), "handoff"),
    "progress_request": Kept(progress_requests.c.progress_id, progress_requests.c.state == "open", "progress"),
    "promise": Kept(promises.c.promise_id, promises.c.state == "open", "promise"),
    "complaint": Kept(complaints.c.case_id, complaints.c.due_at.is_not(None), "complaint-stage"),
    "bulletin": Kept(bulletins.c.bulletin_id, bulletins.c.state == "open", "bulletin-expiry"),
    "problem": Kept(problems.c.problem_id, problems.c.state == "open", "problem-word-due"),
    "surge": Kept(surges.c.surge_id, surges.c.acted_at.is_(None) & ~surges.c.historic, "surge-deadline"),
    "monitor_proposal": Kept(
        monitor_proposals.c.proposal_id,
        monitor_proposals.c.state == "open",
        "monitor-proposal",
    ),
}


async def watch(conn: AsyncConnection, *, now: datetime) -> LoopWatch:
    """Look at every open loop of cases and every timer."""
    return await watch_loops(conn, kernel, _OPEN, now=now)
