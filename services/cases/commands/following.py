"""What follows from a change of a case: its SLA clocks, and the word that was owed to the customer."""

from __future__ import annotations

from services.cases.commands.sla import follow_case, start_clocks
from services.cases.commands.word import customer_told
from services.cases.domain.case import Case
from shared.contracts.cases import CustomerInformed
from shared.contracts.event import Event
from shared.platform.work import Work


async def follow_opening(work: Work, case: Case) -> Case:
    """A case opens: the case with its first due time."""
    return await start_clocks(work, case)


async def follow_change(work: Work, before: Case, after: Case, event: Event | None) -> Case:
    """A case changed: the case with its next due time."""
    if isinstance(event, CustomerInformed):
        await customer_told(work, after, event.handoff_id)
    return await follow_case(work, before, after, event)
