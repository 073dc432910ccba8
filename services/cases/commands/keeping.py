"""Keeping what became of a case: complete enough to move on, stored, told to others.

Every change of a case's state, owner or ratings passes through here, whichever door it came in by.
"""

from __future__ import annotations

from services.cases.commands.following import follow_change, follow_opening
from services.cases.domain.case import Case
from services.cases.domain.fields import moves_on, require_complete
from services.cases.store.case_types import load_case_type
from services.cases.store.cases import add_case, save_case
from shared.contracts.event import Event
from shared.platform.work import Work


async def keep_opened(work: Work, case: Case, event: Event) -> Case:
    """Store a new case and tell others; the case as it is stored."""
    work.record(event, sequence=case.version)
    case = await follow_opening(work, case)
    await add_case(work.conn, case)
    return case


async def keep_case(work: Work, before: Case, after: Case, event: Event | None = None) -> Case:
    """Store a changed case and tell others; the case as it is stored. `before` is as it was loaded.

    Refuses to move on while something required there was never asked. Other desks' history is taken as it is.
    """
    if moves_on(before.state, after.state) and not after.historic:
        case_type = await load_case_type(work.conn, after.case_type, after.type_version)
        require_complete(case_type.fields, after.fields, after.state)
    if event is not None:
        work.record(event, sequence=after.version)
    after = await follow_change(work, before, after, event)
    await save_case(work.conn, after)
    return after
