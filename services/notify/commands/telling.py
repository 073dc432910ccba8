"""Put what has to be said to somebody into the queue, once, on every channel that reaches them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.notify.domain import wording
from services.notify.domain.acknowledgement import Acknowledgement
from services.notify.domain.contact import INBOX
from services.notify.domain.message import Message
from services.notify.store.messages import add_messages
from services.notify.store.recipients import load_contacts, load_people
from shared.platform.ids import new_id
from shared.platform.work import Work

Facts = Callable[[str], dict[str, str]]
"""What a template may name, in a given language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What a message is about."""

    subject_type: str
    subject_id: UUID
    team_id: UUID
    acknowledgement_id: UUID | None = None
    subject_version: int | None = None
    link_expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Why something is said; said before for the same name and number, it is not said again.

    `asks`: the message carries the answer link."""

    name: str
    template: str
    number: int = 0
    asks: bool = False


def matter_of(ack: Acknowledgement) -> Matter:
    """An acknowledgement as the matter of a message."""
    return Matter(
        subject_type=ack.subject_type,
        subject_id=ack.subject_id,
        team_id=ack.team_id,
        acknowledgement_id=ack.acknowledgement_id,
        subject_version=ack.subject_version,
        link_expires_at=ack.link_expires_at,
    )


async def tell(work: Work, staff_no: str, matter: Matter, occasion: Occasion, facts: Facts) -> None:
    """Queue a message for one person: to the inbox, and to every verified personal contact."""
    person = (await load_people(work, [staff_no])).get(staff_no)
    language = language_of(person.language if person else "")
    contacts = await load_contacts(work, staff_no)
    channels = [INBOX, *(contact.channel for contact in contacts if contact.verified_at)]
    draft = _draft(work, staff_no, matter, occasion, language=language, facts=facts)
    await add_messages(work, [replace(draft, message_id=new_id(), channel=channel) for channel in channels])


def language_of(tag: str) -> str:
    """The language we have texts in that is nearest to a person's own."""
    return "en" if tag.lower().startswith("en") else "zh-CN"


def _draft(work: Work, staff_no: str, matter: Matter, occasion: Occasion, *, language: str, facts: Facts) -> Message:
    """The message as it is on every channel."""
    words = wording.render(occasion.template, language, facts(language))
    return Message(
        message_id=new_id(),
        about_id=matter.acknowledgement_id or matter.subject_id,
        occasion=occasion.name,
        number=occasion.number,
        staff_no=staff_no,
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
    )
