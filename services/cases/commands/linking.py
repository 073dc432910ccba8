"""What belongs to a case: contacts of the customer who came again, other cases, known problems."""

from __future__ import annotations

from uuid import UUID

from services.cases.commands.ending import put_back
from services.cases.commands.keeping import keep_case
from services.cases.commands.waiting import resume
from services.cases.domain import case as rules
from services.cases.domain.case import Case
from services.cases.queries.sight import person_of
from services.cases.store.cases import add_entry, add_link, load_case
from services.cases.store.contacts import name_case
from shared.contracts.refusal import Fault, Refusal
from shared.platform.work import Work


async def link_repeat(work: Work, found: Case, *, contact_id: UUID | None, told: str | None) -> Case:
    """The customer came again with the same matter: it counts, and it wakes the case."""
    case = await load_case(work.conn, found.case_id)
    if contact_id is not None and not await attach_contact(work, case, contact_id):
        return case
    entry_id = await add_entry(work, case, "repeat_contact", "internal", {"contact_id": contact_id, "told": told})
    after, event = rules.linked(case, kind="contact", linked_id=contact_id or entry_id, repeat=True, now=work.now)
    await keep_case(work, case, after, event)
    return await _awake(work, after)


async def attach_contact(work: Work, case: Case, contact_id: UUID) -> bool:
    """A contact is about this case; false when that was known. 422 for a contact that nobody knows."""
    if not await name_case(work.conn, contact_id, case.case_id):
        raise Refusal("invalid-value", faults=(Fault("contact_id", "contact-unknown", {}),))
    by = person_of(work.actor).staff_no
    return await add_link(work.conn, case.case_id, "contact", contact_id, "contact", at=work.now, by=by)


async def _awake(work: Work, case: Case) -> Case:
    """Whoever waited for the customer waits no longer; what was thought settled is not over."""
    if case.state == "waiting_customer":
        return await resume(work, case)
    if case.state == "resolved":
        return await put_back(work, case, reason="repeat_contact")
    return case
