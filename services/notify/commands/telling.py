"""Put what has to be said to people into the queue, once, on the channels that reach them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.notify.domain.acknowledgement import Acknowledgement
from services.notify.domain.contact import INBOX, channels_for
from services.notify.domain.message import Message
from services.notify.domain.wording import Catalogue
from services.notify.store.crowd import load_contacts_of
from services.notify.store.messages import add_messages, load_used_channels
from services.notify.store.policies import load_catalogue
from services.notify.store.recipients import load_people, load_preferences
from shared.platform.ids import new_id
from shared.platform.work import Work

Facts = Callable[[str], dict[str, str]]
"""What a template may name, in a given language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What a message is about."""

    subject_type: str
    subject_id: UUID
    team_id: UUID | None
    acknowledgement_id: UUID | None = None
    subject_version: int | None = None
    link_expires_at: datetime | None = None
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Why something is said; said before for the same name and number, it is not said again.

    `asks`: the message carries the answer link. `beyond`: it goes by the next channel, one not used for this matter.
    """

    name: str
    template: str
    number: int = 0
    asks: bool = False
    beyond: bool = False


@dataclass(frozen=True, slots=True)
class Saying:
    """Something to be said to one person."""

    staff_no: str
    matter: Matter
    occasion: Occasion
    facts: Facts


def matter_of(ack: Acknowledgement) -> Matter:
    """An acknowledgement as the matter of a message."""
    return Matter(
        subject_type=ack.subject_type,
        subject_id=ack.subject_id,
        team_id=ack.team_id,
        acknowledgement_id=ack.acknowledgement_id,
        subject_version=ack.subject_version,
        link_expires_at=ack.link_expires_at if ack.manner.answerable else None,
        urgent=ack.manner.urgent,
    )


async def tell(work: Work, staff_no: str, matter: Matter, occasion: Occasion, facts: Facts) -> None:
    """Queue a message for one person: to the inbox, the channel they prefer, and their groups."""
    await tell_all(work, [Saying(staff_no, matter, occasion, facts)])


async def tell_all(work: Work, sayings: Sequence[Saying]) -> None:
    """Queue messages for many people, each on the channels that reach them."""
    if not sayings:
        return
    everybody = {saying.staff_no for saying in sayings}
    people = await load_people(work, everybody)
    contacts, preferences = await load_contacts_of(work, everybody), await load_preferences(work, everybody)
    catalogue = await load_catalogue(work)
    messages: list[Message] = []
    for saying in sayings:
        person, chosen = people.get(saying.staff_no), preferences.get(saying.staff_no)
        draft = _draft(work, saying, catalogue, language_of(person.language if person else ""))
        used = await _used(work, saying) if saying.occasion.beyond else frozenset[str]()
        known = tuple(contacts.get(saying.staff_no, ()))
        channels = channels_for(known, chosen.channels if chosen else (), used)
        messages += [replace(draft, message_id=new_id(), channel=channel) for channel in channels]
    await add_messages(work, messages)


def language_of(tag: str) -> str:
    """The language we have texts in that is nearest to a person's own."""
    return "en" if tag.lower().startswith("en") else "zh-CN"


async def _used(work: Work, saying: Saying) -> frozenset[str]:
    return await load_used_channels(work, _about(saying.matter), saying.staff_no)


def _about(matter: Matter) -> UUID:
    return matter.acknowledgement_id or matter.subject_id


def _draft(work: Work, saying: Saying, catalogue: Catalogue, language: str) -> Message:
    """The message as it is on every channel."""
    matter, occasion = saying.matter, saying.occasion
    words = catalogue.render(occasion.template, language, saying.facts(language))
    return Message(
        message_id=new_id(),
        about_id=_about(matter),
        occasion=occasion.name,
        number=occasion.number,
        staff_no=saying.staff_no,
        channel=INBOX,
        template=occasion.template,
        language=language,
        title=words.title,
        text=words.text,
        queued_at=work.now,
        next_at=work.now,
        acknowledgement_id=matter.acknowledgement_id,
        subject_type=matter.subject_type,
        subject_id=matter.subject_id,
        team_id=matter.team_id,
        subject_version=matter.subject_version,
        link_expires_at=matter.link_expires_at if occasion.asks else None,
        urgent=matter.urgent,
    )
