"""What belongs to a case: contacts of the customer who came again, other cases, known problems."""

from __future__ import annotations

from uuid import UUID

from services.cases.commands.ending import put_back
from services.cases.commands.keeping import keep_case
from services.cases.commands.progress import ask_where_it_stands
from services.cases.commands.waiting import resume_case
from services.cases.domain import case as rules
from services.cases.domain.case import Case, require_not_closed
from services.cases.queries.sight import person_of, require_sight, sight_of
from services.cases.store.cases import add_entry, add_link, find_case, load_case, reaches
from services.cases.store.contacts import name_case
from shared.contracts.refusal import Fault, Refusal
from shared.platform.work import Work


async def link_repeat(work: Work, found: Case, *, contact_id: UUID | None, told: str | None) -> Case:
    """The customer came again with the same matter: it counts, wakes the case, and whoever acts on it is asked."""
    case = await load_case(work.conn, found.case_id)
    if contact_id is not None and not await attach_contact(work, case, contact_id):
        return case
    entry_id = await add_entry(work, case, "repeat_contact", "internal", {"contact_id": contact_id, "told": told})
    after, event = rules.linked(case, kind="contact", linked_id=contact_id or entry_id, repeat=True, now=work.now)
    after = await keep_case(work, case, after, event)
    await ask_where_it_stands(work, after, request=told, contact_id=contact_id)
    return await _awake(work, after)


async def link_case(
    work: Work, *, case_id: UUID, contact_id: UUID | None, other_id: UUID | None, relation: str
) -> Case:
    """Note that a contact (the customer came again) or another case belongs to this one."""
    case = await load_case(work.conn, case_id)
    await require_sight(work.conn, work.actor, case)
    if contact_id is not None:
        require_not_closed(case)
        return await link_repeat(work, case, contact_id=contact_id, told=None)
    if other_id is None:
        raise Refusal("invalid-value", faults=(Fault("case_id", "field-required", {}),))
    await _require_linkable(work, case, other_id, relation)
    return await link_to(work, case, "case", other_id, relation)


async def link_to(work: Work, case: Case, kind: str, linked_id: UUID, relation: str) -> Case:
    """Note what belongs to a loaded case; noted again it changes nothing."""
    by = person_of(work.actor).staff_no
    if not await add_link(work.conn, case.case_id, kind, linked_id, relation, at=work.now, by=by):
        return case
    after, event = rules.linked(case, kind=kind, linked_id=linked_id, repeat=False, now=work.now)
    after = await keep_case(work, case, after, event)
    await add_entry(work, after, "linked", data={"kind": kind, "linked_id": linked_id, "relation": relation})
    return after


async def _require_linkable(work: Work, case: Case, other_id: UUID, relation: str) -> None:
    """Refuse what is not there, the case itself, and whatever belongs to this one already."""
    field = "case_id"
    if other_id == case.case_id:
        raise Refusal("invalid-value", faults=(Fault(field, "case-links-to-itself", {}),))
    other = await find_case(work.conn, other_id, lock=False)
    if other is None or not (await sight_of(work.conn, work.actor)).sees(other):
        raise Refusal("invalid-value", faults=(Fault(field, "case-unknown", {}),))
    if await reaches(work.conn, other_id, case.case_id, relation):
        raise Refusal("invalid-value", faults=(Fault(field, "case-link-circular", {"number": other.number}),))


async def attach_contact(work: Work, case: Case, contact_id: UUID) -> bool:
    """A contact is about this case; false when that was known. 422 for a contact that nobody knows."""
    if not await name_case(work.conn, contact_id, case.case_id):
        raise Refusal("invalid-value", faults=(Fault("contact_id", "contact-unknown", {}),))
    by = person_of(work.actor).staff_no
    return await add_link(work.conn, case.case_id, "contact", contact_id, "contact", at=work.now, by=by)


async def _awake(work: Work, case: Case) -> Case:
    """Whoever waited for the customer waits no longer; what was thought settled is not over."""
    if case.state == "waiting_customer":
        return await resume_case(work, case, why="customer_came_again")
    if case.state == "resolved":
        return await put_back(work, case, reason="repeat_contact")
    return case
