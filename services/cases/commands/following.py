"""What follows from a change of a case: its SLA clocks, the look at it, and the word that was owed to the customer."""

from __future__ import annotations

from services.cases.commands.case_look import follow_state, next_look
from services.cases.commands.sla import follow_case, start_clocks
from services.cases.commands.word import customer_told
from services.cases.domain.case import Case
from shared.contracts.cases import CustomerInformed
from shared.contracts.event import Event
from shared.platform.timers import set_timers
from shared.platform.work import Work


async def follow_opening(work: Work, case: Case) -> Case:
    """A case opens: the case with its first due time."""
    case, timers = await start_clocks(work, case)
    await set_timers(work, [*timers, next_look(work, case)])
    return case


async def follow_change(work: Work, before: Case, after: Case, event: Event | None) -> Case:
    """A case changed: the case with its next due time."""
    if isinstance(event, CustomerInformed):
        await customer_told(work, after, event.handoff_id)
    after = await follow_case(work, before, after, event)
    return await follow_state(work, before, after)
