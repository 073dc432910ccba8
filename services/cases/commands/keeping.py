"""Keeping what became of a case: stored, told to others, and followed by whatever depends on its state.

Every change of a case's state, owner or ratings passes through here, whichever door it came in by.
"""

from __future__ import annotations

from services.cases.domain.case import Case
from services.cases.store.cases import add_case, save_case
from shared.contracts.event import Event
from shared.platform.work import Work


async def keep_opened(work: Work, case: Case, event: Event) -> None:
    """Store a new case and tell others."""
    await add_case(work.conn, case)
    work.record(event, sequence=case.version)


async def keep_case(work: Work, before: Case, after: Case, event: Event | None = None) -> None:
    """Store a changed case and tell others; `before` is the case as it was loaded."""
    await save_case(work.conn, after)
    if event is not None:
        work.record(event, sequence=after.version)
