"""The courier's two transactions: claim what is to be sent, and note what became of it. Sending lies in between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from uuid import UUID

from services.notify.commands.reaching import own_channels
from services.notify.commands.unreached import go_up
from services.notify.domain.contact import GROUP_CHANNELS, INBOX, PERSONAL_CHANNELS
from services.notify.domain.message import (
    CUSTOMER,
    Attempt,
    Message,
    Report,
    attempt_of,
    claimed,
    is_abandoned,
    not_needed,
    postponed,
    reported,
)
from services.notify.domain.pace import Pace
from services.notify.domain.quiet import held_until
from services.notify.store import messages as store
from services.notify.store.recipients import load_addresses, load_preferences, load_unproved_addresses
from shared.platform.ids import new_id
from shared.platform.work import Work

CODE_OCCASION = "contact-code"


@dataclass(frozen=True, slots=True)
class Lane:
    """Channels whose messages are taken together; `all_but`: those of every other channel."""

    channels: tuple[str, ...]
    all_but: bool = False


@dataclass(frozen=True, slots=True)
class Errand:
    """Claimed messages that go as one (a digest when there are several), and where to.

    `abandoned`: an earlier courier may have sent it already, alone or `together` with others.
    """

    messages: tuple[Message, ...]
    address: str | None
    abandoned: bool

    @property
    def channel(self) -> str:
        """The channel they go by."""
        return self.messages[0].channel

    @property
    def repeatable(self) -> bool:
        """Whether sending again is the same again: a digest would be made up of others the next time."""
        return self.messages[0].together == 1


@dataclass(frozen=True, slots=True)
class Told:
    """What became of an errand."""

    errand: Errand
    report: Report


async def claim(work: Work, limit: int, lane: Lane = Lane((), all_but=True), pace: Pace | None = None) -> list[Errand]:
    """Claim messages that are due, with their addresses as of now; what must wait is put back for later."""
    waiting = await store.take_waiting(work, lane.channels, limit, all_but=lane.all_but)
    free = await _outside_quiet_hours(work, await _still_asked(work, waiting))
    addresses = await _addresses(work, free)
    bundles = _bundles(work, free, addresses, pace)
    errands = [errand for errand in bundles if await _within_limit(work, errand, pace)]
    await store.save_messages(work, [message for errand in errands for message in errand.messages])
    return errands


async def report(work: Work, told: Sequence[Told]) -> None:
    """Note what became of claimed messages, tell the world, and go on to the next channel where one failed."""
    reports = {message.message_id: one for one in told for message in one.errand.messages}
    claims = {message.message_id: message.claimed_at for one in told for message in one.errand.messages}
    after: list[Message] = []
    attempts: list[Attempt] = []
    for message in await store.load_claimed(work, claims):
        one = reports[message.message_id]
        changed, event = reported(message, one.report, work.now)
        after.append(changed)
        attempts.append(attempt_of(message, one.report, work.now))
        if event:
            work.record(event, sequence=changed.version)
    await store.save_messages(work, after)
    await store.add_attempts(work, attempts)
    for message in after:
        if message.state in ("failed", "unknown"):
            await go_further(work, message)


async def go_further(work: Work, message: Message) -> None:
    """What did not get through is said on the person's next channel; where there is none left, a rung goes up."""
    if await _next_channel(work, message) is None and message.state == "failed":
        await go_up(work, message)


async def _next_channel(work: Work, message: Message) -> str | None:
    """Say on the person's next channel what did not (or perhaps not) get through on this one; that channel."""
    if message.staff_no is None or message.channel not in PERSONAL_CHANNELS or message.occasion == CODE_OCCASION:
        return None
    tried = await store.load_tried_channels(work, message)
    for channel in await own_channels(work, message.staff_no):
        if channel not in tried:
            await store.add_messages(work, [_again(message, channel, work.now)])
            return channel
    return None


def _again(message: Message, channel: str, now: datetime) -> Message:
    """The same, fresh, on another channel."""
    kept = (
        "about_id", "occasion", "number", "staff_no", "template", "language", "title", "text", "acknowledgement_id",
        "subject_type", "subject_id", "team_id", "subject_version", "link_expires_at", "urgent",
    )  # fmt: skip
    facts = {name: getattr(message, name) for name in kept}
    return Message(message_id=new_id(), channel=channel, queued_at=now, next_at=now, **facts)


async def _still_asked(work: Work, waiting: Sequence[Message]) -> list[Message]:
    """Without questions that were answered, or ended otherwise, while their message waited for its next attempt."""
    asking = {one.acknowledgement_id for one in waiting if one.link_expires_at and one.acknowledgement_id}
    over = await store.load_ended(work, asking) if asking else {}
    ended = [one for one in waiting if one.acknowledgement_id in over and one.link_expires_at]
    await store.save_messages(work, [not_needed(one, over[one.acknowledgement_id], work.now) for one in ended])
    return [one for one in waiting if one not in ended]


async def _outside_quiet_hours(work: Work, waiting: Sequence[Message]) -> list[Message]:
    """Those that may go now; the others are put back until their readers' quiet hours are over."""
    readers = {message.staff_no for message in waiting if _disturbs(message) and message.staff_no}
    chosen = await load_preferences(work, readers) if readers else {}
    quiet = {staff_no: preferences.quiet for staff_no, preferences in chosen.items() if preferences.quiet}
    concerned = [message.acknowledgement_id for message in waiting if message.staff_no in quiet]
    deadlines = await store.load_deadlines(work, [one for one in concerned if one]) if concerned else {}
    free: list[Message] = []
    held: list[Message] = []
    for message in waiting:
        hours = quiet.get(message.staff_no or "") if _disturbs(message) else None
        deadline = deadlines.get(message.acknowledgement_id) if message.acknowledgement_id else None
        until = held_until(hours, deadline, work.now)
        (held if until else free).append(postponed(message, until) if until else message)
    await store.save_messages(work, held)
    return free


def _disturbs(message: Message) -> bool:
    """A code has just been asked for, the inbox is silent, and what is being sent already cannot be held back."""
    own = message.channel in PERSONAL_CHANNELS and message.occasion != CODE_OCCASION and not message.urgent
    return own and message.state == "queued"


async def _addresses(work: Work, messages: Sequence[Message]) -> dict[UUID, str]:
    """Where each message goes; one whose contact is gone has no address."""
    people = {message.staff_no for message in messages if message.channel not in (INBOX, CUSTOMER) and message.staff_no}
    proved = await load_addresses(work, people) if people else {}
    codes = [message.about_id for message in messages if message.occasion == CODE_OCCASION]
    unproved = await load_unproved_addresses(work, codes) if codes else {}
    found = {message.message_id: _address(message, proved, unproved) for message in messages}
    return {message_id: address for message_id, address in found.items() if address}


def _address(message: Message, proved: Mapping[tuple[str, str], str], unproved: Mapping[UUID, str]) -> str | None:
    if message.channel == CUSTOMER:
        return str(message.customer_id)
    if message.channel == INBOX:
        return message.staff_no
    if message.occasion == CODE_OCCASION:
        return unproved.get(message.about_id)
    return proved.get((message.staff_no or "", message.channel))


def _bundles(
    work: Work, messages: Sequence[Message], addresses: Mapping[UUID, str], pace: Pace | None
) -> Iterable[Errand]:
    """What goes to whom: one by one, or together where the channel is paced and many wait for one reader."""

    def reader(message: Message) -> tuple[str, str]:
        return message.channel, addresses.get(message.message_id, "")

    def alone(message: Message) -> bool:
        unique = pace is None or not addresses.get(message.message_id) or message.occasion == CODE_OCCASION
        return unique or is_abandoned(message, work.now)

    def errand(some: Sequence[Message]) -> Errand:
        first = some[0]
        doubtful = is_abandoned(first, work.now)
        together = first.together if doubtful else len(some)
        taken = tuple(claimed(message, together, work.now) for message in some)
        return Errand(taken, addresses.get(first.message_id), doubtful)

    yield from (errand([message]) for message in messages if alone(message))
    together = sorted((message for message in messages if not alone(message)), key=reader)
    for _, some in groupby(together, key=reader):
        yield from map(errand, (pace.bundled(list(some)) if pace else []))


async def _within_limit(work: Work, errand: Errand, pace: Pace | None) -> bool:
    """Whether the channel's limit lets it go now; if not, it is put back until it does."""
    if pace is None or errand.address is None:
        return True
    first = errand.messages[0]
    reader = errand.address if first.channel in GROUP_CHANNELS else first.staff_no or ""
    again_at = await store.take_allowance(work, first.channel, reader, most=pace.most, within=pace.within)
    if again_at is None:
        return True
    await store.save_messages(work, [_put_back(message, again_at) for message in errand.messages])
    return False


def _put_back(message: Message, until: datetime) -> Message:
    """As it was before it was claimed, for later."""
    return replace(postponed(message, until), state="queued", attempts=message.attempts - 1, claimed_at=None)
