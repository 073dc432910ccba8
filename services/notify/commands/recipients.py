"""People as roster announces them, the ways to reach them, and how they wish to be reached."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from services.notify.commands.delivery import CODE_OCCASION
from services.notify.commands.telling import language_of
from services.notify.domain import contact as rules
from services.notify.domain.contact import CODE_HOLDS, CODE_TRIES, Contact
from services.notify.domain.message import Message
from services.notify.domain.own_words import CODE_MARK, own_words
from services.notify.domain.preferences import Preferences, require_sensible
from services.notify.links import Links
from services.notify.store import messages as queue
from services.notify.store import recipients as store
from shared.contracts.notify import ContactRemoved, ContactVerified
from shared.contracts.refusal import Refusal
from shared.contracts.roster import AgentFact, TeamFact
from shared.platform.ids import new_id
from shared.platform.work import Work


@dataclass(frozen=True, slots=True)
class ContactView:
    """One way to reach a person. `code_expires_at`: a code was sent and can be entered until then."""

    contact_id: UUID
    channel: str
    address: str
    verified: bool
    verified_at: datetime | None
    verified_by: str | None
    code_expires_at: datetime | None
    added_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a code that was entered; `tries_left` as long as it was wrong."""

    view: ContactView
    right: bool
    tries_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferencesView:
    """How a person wishes to be reached. `zone` is the one the quiet hours are read in."""

    staff_no: str
    channels: list[str]
    quiet_from: time | None
    quiet_until: time | None
    zone: str
    language: str | None
    changed_at: datetime
    changed_by: str
    version: int


async def keep_team(work: Work, event: TeamFact) -> None:
    """Note a team as it is now; older news is dropped."""
    await store.keep_team(work, _values(work, event))


async def keep_person(work: Work, event: AgentFact) -> None:
    """Note a person as they are now; older news is dropped."""
    await store.keep_person(work, _values(work, event) | {"roles": list(event.roles)})


async def add_contact(work: Work, *, staff_no: str, channel: str, address: str, verified: bool) -> ContactView:
    """Note a way to reach a person, and send a code to it, or a fresh one when it is there already.

    Their supervisor may vouch for it instead; then no code is needed.
    """
    if verified:
        work.actor.require("notify:vouch")
    await _require_access(work, staff_no)
    rules.require_address(channel, address)
    contact = await store.load_contact(work, staff_no=staff_no, channel=channel)
    if contact and contact.address != address:
        raise Refusal("contact-channel-taken", channel=channel, extra={"contact_id": str(contact.contact_id)})
    contact = contact or _new(work, staff_no, channel, address)
    if contact.verified_at:
        return _view(contact)
    contact = _vouched(work, contact) if verified else await _with_code(work, contact)
    await store.save_contact(work, contact)
    return _view(contact)


async def enter_code(work: Work, *, contact_id: UUID, code: str, links: Links) -> Tried:
    """The person enters the code that was sent. A wrong one uses up a try, which must be kept: nothing is raised."""
    contact = await store.load_contact_by_id(work, contact_id)
    if contact is None:
        raise Refusal("not-found", noun="contact method", what=contact_id)
    await _require_access(work, contact.staff_no)
    if contact.verified_at:
        return Tried(_view(contact), True, 0)
    right = links.is_code(code, contact.contact_id, contact.code_number)
    contact = rules.tried(contact, right=right, by=_caller(work), now=work.now)
    if right:
        _tell_verified(work, contact)
    await store.save_contact(work, contact)
    return Tried(_view(contact), right, CODE_TRIES - contact.code_tries)


async def remove_contact(work: Work, *, contact_id: UUID, staff_no: str | None = None) -> None:
    """Forget a way to reach a person."""
    contact = await store.load_contact_by_id(work, contact_id)
    if contact is None or staff_no not in (None, contact.staff_no):
        raise Refusal("not-found", noun="contact method", what=contact_id)
    await _require_access(work, contact.staff_no)
    await store.delete_contact(work, contact)
    if contact.is_personal:
        removed = ContactRemoved(contact_id=contact_id, staff_no=contact.staff_no, channel=contact.channel)
        work.record(removed, sequence=contact.version + 1)


async def set_preferences(
    work: Work,
    *,
    staff_no: str,
    channels: list[str],
    quiet_from: time | None,
    quiet_until: time | None,
    zone: str | None,
    language: str | None,
) -> PreferencesView:
    """Note how a person wishes to be reached. Without a zone, quiet hours are read in their team's as it is now."""
    await _require_access(work, staff_no)
    require_sensible(channels=channels, quiet_from=quiet_from, quiet_until=quiet_until, zone=zone)
    before = (await store.load_preferences(work, [staff_no])).get(staff_no)
    chosen = Preferences(
        staff_no=staff_no,
        channels=tuple(channels),
        quiet_from=quiet_from,
        quiet_until=quiet_until,
        zone=zone or await store.load_zone(work, staff_no),
        language=language,
        changed_at=work.now,
        changed_by=_caller(work),
        version=before.version + 1 if before else 1,
    )
    await store.save_preferences(work, chosen)
    return PreferencesView(**{name: getattr(chosen, name) for name in PreferencesView.__dataclass_fields__})


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


def _caller(work: Work) -> str:
    return work.actor.staff_no or work.actor.sub


def _vouched(work: Work, contact: Contact) -> Contact:
    proved = rules.verified(contact, by=_caller(work), now=work.now)
    _tell_verified(work, proved)
    return proved


def _tell_verified(work: Work, contact: Contact) -> None:
    """The world hears of a person's own contact; a group is nobody's."""
    if contact.is_personal:
        event = ContactVerified(
            contact_id=contact.contact_id,
            staff_no=contact.staff_no,
            channel=contact.channel,
            verified_by=contact.verified_by or "",
        )
        work.record(event, sequence=contact.version)


async def _with_code(work: Work, contact: Contact) -> Contact:
    """Send a code to an address that is not proved yet."""
    sent = await queue.load_times_told(work, contact.staff_no, CODE_OCCASION, work.now - timedelta(days=1))
    coded = rules.with_code(contact, sent, work.now)
    person = (await store.load_people(work, [contact.staff_no]))[contact.staff_no]
    await queue.add_messages(work, [_code_message(work, coded, language_of(person.language))])
    return coded


def _code_message(work: Work, contact: Contact, language: str) -> Message:
    minutes = int(CODE_HOLDS.total_seconds() // 60)
    words = own_words("contact.code", language, code=CODE_MARK, minutes=minutes)
    return Message(
        message_id=new_id(),
        about_id=contact.contact_id,
        occasion=CODE_OCCASION,
        number=contact.code_number,
        staff_no=contact.staff_no,
        channel=contact.channel,
        template="contact.code",
        language=language,
        title=words.title,
        text=words.text,
        queued_at=work.now,
        next_at=work.now,
        subject_type="notify.contact",
        subject_id=contact.contact_id,
    )


def _new(work: Work, staff_no: str, channel: str, address: str) -> Contact:
    return Contact(
        contact_id=new_id(),
        staff_no=staff_no,
        channel=channel,
        address=address,
        added_at=work.now,
        added_by=_caller(work),
    )


def _view(contact: Contact) -> ContactView:
    """The caller has just told us the address, or may vouch for it."""
    given: dict[str, Any] = {"verified": contact.verified_at is not None, "code_expires_at": _code_expires_at(contact)}
    names = [name for name in ContactView.__dataclass_fields__ if name not in given]
    return ContactView(**{name: getattr(contact, name) for name in names}, **given)


def _code_expires_at(contact: Contact) -> datetime | None:
    waiting = contact.code_sent_at is not None and contact.verified_at is None and contact.code_tries < CODE_TRIES
    return contact.code_sent_at + CODE_HOLDS if contact.code_sent_at and waiting else None


def _values(work: Work, event: TeamFact | AgentFact) -> dict[str, object]:
    assert work.cause is not None, "people and teams come as events"
    return {field.name: getattr(event, field.name) for field in fields(event)} | {"sequence": work.cause.sequence}
