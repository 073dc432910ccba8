"""The courier's two transactions: claim what is to be sent, and note what became of it. Sending lies in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notify.domain.contact import INBOX
from services.notify.domain.message import Message, Report, claimed, is_abandoned, reported
from services.notify.store.messages import load_claimed, save_messages, take_waiting
from services.notify.store.recipients import load_addresses
from shared.platform.work import Work


@dataclass(frozen=True, slots=True)
class Errand:
    """A claimed message and where it goes. `abandoned`: an earlier courier may have sent it already."""

    message: Message
    address: str | None
    abandoned: bool


async def claim(work: Work, limit: int) -> list[Errand]:
    """Claim messages that are due, with their addresses as of now."""
    waiting = await take_waiting(work, limit)
    taken = [claimed(message, work.now) for message in waiting]
    await save_messages(work, taken)
    addresses = await load_addresses(work, [message.staff_no for message in taken])
    return [
        Errand(message, _address(message, addresses), is_abandoned(before, work.now))
        for before, message in zip(waiting, taken, strict=True)
    ]


async def report(work: Work, reports: Mapping[UUID, tuple[datetime | None, Report]]) -> None:
    """Note what became of claimed messages, and tell the world."""
    claims = {message_id: claimed_at for message_id, (claimed_at, _) in reports.items()}
    after: list[Message] = []
    for message in await load_claimed(work, claims):
        changed, event = reported(message, reports[message.message_id][1], work.now)
        after.append(changed)
        if event:
            work.record(event, sequence=changed.version)
    await save_messages(work, after)


def _address(message: Message, addresses: Mapping[tuple[str, str], str]) -> str | None:
    return message.staff_no if message.channel == INBOX else addresses.get((message.staff_no, message.channel))
