"""Taking a contact in: recorded, linked to the case it is about, and answered with what its agent should know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from services.cases.commands.bulletins import bulletins_for
from services.cases.commands.contacts import write_contact
from services.cases.commands.linking import attach_contact, link_repeat
from services.cases.domain.case import Case
from services.cases.domain.contact import Contact, Told
from services.cases.domain.customer import Identity, normalise
from services.cases.domain.repeat import RECENT, Known, repeated_case
from services.cases.queries.bulletins import BulletinToAsk
from services.cases.queries.case_views import CaseInShort, in_short
from services.cases.queries.problems import ProblemInShort, known_problems
from services.cases.queries.sight import require_sight
from services.cases.store.cases import load_case
from services.cases.store.contacts import load_recent
from services.cases.store.customers import customer_known_by
from services.cases.store.opening import Client, cases_of_customer, find_client
from shared.platform.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """A recorded contact and what its agent should know. `outcome`: created, updated, unchanged.

    `linked_case` is the one that the customer came back to; `open_cases` are unfinished or not yet confirmed ones.
    """

    outcome: str
    contact: Contact
    customer: Client | None = None
    linked_case: CaseInShort | None = None
    open_cases: list[CaseInShort] = field(default_factory=list)
    recent_cases: list[CaseInShort] = field(default_factory=list)
    recent_contacts: list[Contact] = field(default_factory=list)
    known_problems: list[ProblemInShort] = field(default_factory=list)
    bulletins: list[BulletinToAsk] = field(default_factory=list)


async def take_contact(
    work: Work, *, told: Told, identity: Identity | None, case_id: UUID | None, words: Sequence[str] = ()
) -> Intake:
    """Record one contact; its customer may be named by a phone number, and its case by whoever knows it."""
    if identity is not None and told.customer_id is None and told.customer_external_id is None:
        told = told._replace(customer_id=await customer_known_by(work.conn, normalise(identity)))
    outcome, contact = await write_contact(work, told=told)
    known = await _cases_of(work, contact)
    case = await _linked(work, contact, known, case_id, is_new=outcome == "created")
    answer = await _answer(work, outcome, contact, known, case)
    return await _with_causes(work, answer, normalise(identity) if identity else None, words)


async def _with_causes(work: Work, answer: Intake, identity: Identity | None, words: Sequence[str]) -> Intake:
    """What is known to be wrong with what the contact is about, and what others want this customer to be asked."""
    contact = answer.contact
    if contact.direction != "inbound":
        return answer
    asked = await bulletins_for(work, customer_id=contact.customer_id, identity=identity, words=words)
    return replace(answer, known_problems=await known_problems(work.conn, contact.topic), bulletins=asked)


async def _linked(
    work: Work, contact: Contact, known: list[Known], case_id: UUID | None, *, is_new: bool
) -> Case | None:
    """The case the contact is about: the one named, else the one that an inbound customer comes back to."""
    if case_id is not None:
        case = await load_case(work.conn, case_id)
        await require_sight(work.conn, work.actor, case)
    elif is_new and contact.direction == "inbound":
        found = repeated_case(known, contact.topic, now=work.now)
        if found is None or contact.queued_at <= found.opened_at:
            return None
        case = found
    else:
        return None
    if contact.direction == "inbound" and case.state != "closed" and contact.queued_at > case.opened_at:
        return await link_repeat(work, case, contact_id=contact.contact_id, told=None)
    await attach_contact(work, case, contact.contact_id)
    return case


async def _cases_of(work: Work, contact: Contact) -> list[Known]:
    if contact.customer_id is None:
        return []
    return await cases_of_customer(work.conn, contact.customer_id, since=work.now - RECENT)


async def _answer(work: Work, outcome: str, contact: Contact, known: list[Known], case: Case | None) -> Intake:
    if case is not None:
        contact = replace(contact, case_id=contact.case_id or case.case_id)
    if contact.customer_id is None:
        return Intake(outcome=outcome, contact=contact, linked_case=in_short(case) if case else None)
    theirs = [case if case and case.case_id == one.case.case_id else one.case for one in known]
    return Intake(
        outcome=outcome,
        contact=contact,
        customer=await find_client(work.conn, contact.customer_id),
        linked_case=in_short(case) if case else None,
        open_cases=[in_short(one) for one in theirs if one.state != "closed"],
        recent_cases=[in_short(one) for one in theirs if one.state == "closed"],
        recent_contacts=await load_recent(work.conn, contact.customer_id, but=contact.contact_id),
    )
