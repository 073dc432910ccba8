"""What is heard of messages after they were sent: receipts of providers, and that their readers looked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notify.commands.delivery import go_further
from services.notify.domain.message import Message, Report, opened, receipted
from services.notify.store import messages as store
from shared.contracts.refusal import Refusal
from shared.platform.db import storable
from shared.platform.work import Work

LONGEST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Seen:
    """A message that its reader looked at, and when first."""

    message_id: UUID
    state: str
    opened_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Noted:
    """How many messages a receipt was about: several when they went as one, none when it told nothing new."""

    noted: int


async def open_message(work: Work, *, message_id: UUID) -> Seen:
    """The reader looked; only they can say so."""
    message = await store.load_message(work, message_id)
    if message.staff_no is None or work.actor.staff_no != message.staff_no:
        raise Refusal("not-yours")
    seen = opened(message, work.now)
    if seen is not message:
        await store.save_messages(work, [seen])
    return Seen(seen.message_id, seen.state, seen.opened_at, seen.version)


async def note_opened(work: Work, message_id: UUID) -> None:
    """The message's own link was used to look or answer, so it has been opened."""
    await store.save_messages(work, [opened(await store.load_message(work, message_id), work.now)])


async def note_receipt(work: Work, *, channel: str, provider_id: str, state: str, words: str | None) -> Noted:
    """A provider says that a message arrived, or did not after all; said again, it changes nothing."""
    outcome = Report("delivered" if state == "delivered" else "failed", _short(words), _code(state))
    waiting = [one for one in await store.load_by_provider_id(work, channel, provider_id) if _is_news(one)]
    for message in waiting:
        changed, event = receipted(message, outcome, work.now)
        work.record(event, sequence=changed.version)
        await store.save_messages(work, [changed])
        if changed.state == "failed":
            await go_further(work, changed)
    return Noted(len(waiting))


def _is_news(message: Message) -> bool:
    return message.state in ("accepted", "unknown")


def _short(words: str | None) -> str | None:
    return storable(words)[:LONGEST_WORDS] if words else None


def _code(state: str) -> str | None:
    return None if state == "delivered" else "not-delivered"
