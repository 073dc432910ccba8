"""People as roster announces them, and the ways to reach them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from services.notify.domain.contact import Contact, require_address, vouched
from services.notify.store import recipients as store
from shared.contracts.notify import ContactRemoved, ContactVerified
from shared.contracts.refusal import Refusal
from shared.contracts.roster import AgentFact, TeamFact
from shared.platform.ids import new_id
from shared.platform.work import Work


@dataclass(frozen=True, slots=True)
class ContactView:
    """One way to reach a person; the address is masked for those who need not know it."""

    contact_id: UUID
    channel: str
    address: str
    verified: bool
    verified_at: datetime | None
    verified_by: str | None
    added_at: datetime
    version: int


async def keep_team(work: Work, event: TeamFact) -> None:
    """Note a team as it is now; older news is dropped."""
    await store.keep_team(work, _values(work, event))


async def keep_person(work: Work, event: AgentFact) -> None:
    """Note a person as they are now; older news is dropped."""
    await store.keep_person(work, _values(work, event) | {"roles": list(event.roles)})


async def add_contact(work: Work, *, staff_no: str, channel: str, address: str, verified: bool) -> ContactView:
    """Note a way to reach a person. Their supervisor may vouch for it; said again, the same one is vouched for."""
    if verified:
        work.actor.require("notify:vouch")
    await _require_access(work, staff_no)
    require_address(channel, address)
    contact = await store.load_contact(work, staff_no=staff_no, channel=channel)
    if contact and contact.address != address:
        raise Refusal("contact-channel-taken", channel=channel, extra={"contact_id": str(contact.contact_id)})
    return _view(await _keep(work, contact or _new(work, staff_no, channel, address), verified=verified))


async def remove_contact(work: Work, *, staff_no: str, contact_id: UUID) -> None:
    """Forget a way to reach a person."""
    await _require_access(work, staff_no)
    contact = await store.load_contact_by_id(work, staff_no=staff_no, contact_id=contact_id)
    if contact is None:
        raise Refusal("not-found", what=f"contact {contact_id}")
    await store.delete_contact(work, contact)
    removed = ContactRemoved(contact_id=contact_id, staff_no=staff_no, channel=contact.channel)
    work.record(removed, sequence=contact.version + 1)


async def _require_access(work: Work, staff_no: str) -> None:
    """The person themself may, and whoever may vouch and leads their team."""
    person = (await store.load_people(work, [staff_no])).get(staff_no)
    if person is None:
        raise Refusal("recipient-unknown", staff_no=staff_no)
    if work.actor.staff_no == staff_no:
        return
    work.actor.require("notify:vouch")
    team = await store.load_team(work, person.team_id)
    work.actor.require_team(person.team_id, team.code if team else "")


async def _keep(work: Work, contact: Contact, *, verified: bool) -> Contact:
    if verified and not contact.verified_at:
        contact = vouched(contact, by=work.actor.staff_no or work.actor.sub, now=work.now)
        event = ContactVerified(
            contact_id=contact.contact_id,
            staff_no=contact.staff_no,
            channel=contact.channel,
            verified_by=contact.verified_by or "",
        )
        work.record(event, sequence=contact.version)
    await store.save_contact(work, contact)
    return contact


def _new(work: Work, staff_no: str, channel: str, address: str) -> Contact:
    return Contact(
        contact_id=new_id(),
        staff_no=staff_no,
        channel=channel,
        address=address,
        added_at=work.now,
        added_by=work.actor.staff_no or work.actor.sub,
    )


def _view(contact: Contact) -> ContactView:
    """The caller has just told us the address, or may vouch for it."""
    names = [name for name in ContactView.__dataclass_fields__ if name != "verified"]
    return ContactView(**{name: getattr(contact, name) for name in names}, verified=contact.verified_at is not None)


def _values(work: Work, event: TeamFact | AgentFact) -> dict[str, object]:
    assert work.cause is not None, "people and teams come as events"
    return {field.name: getattr(event, field.name) for field in fields(event)} | {"sequence": work.cause.sequence}
