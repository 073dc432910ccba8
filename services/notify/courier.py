"""The courier: takes queued messages to their channels, outside any transaction, and notes what became of them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import structlog
from prometheus_client import Counter, Histogram

from services.notify.channels import Channel, OutcomeUnknown, Outgoing
from services.notify.channels.wire import without_address
from services.notify.commands.delivery import CODE_OCCASION, Errand, Lane, Told, claim, report
from services.notify.domain.contact import INBOX
from services.notify.domain.message import Message, Report
from services.notify.domain.own_words import CODE_MARK, own_words
from services.notify.domain.texts.wording import Wording
from services.notify.links import Links, claims_of
from shared.platform.db import storable
from shared.platform.work import Database

log = structlog.get_logger(__name__)

AT_ONCE = 200
BATCHES, TURNS = 2, 2
"""So many messages are claimed at a time, at most `TURNS` for each that its channel sends at once, and so many batches
are under way: even a channel that times out every time is through with them before their claims run out."""
SEND_SECONDS = 60
"""Longest time for one attempt; a channel's own time-outs are shorter."""
LONGEST_WORDS = 300

ATTEMPTS = Counter("ringback_notify_attempts_total", "Attempts to send messages", ("channel", "outcome", "code"))
SEND_TIME = Histogram("ringback_notify_send_seconds", "Time a channel took to answer", ("channel",))


class Courier:
    """Claims, sends, reports. Several may work side by side.

    Each channel has a lane of its own, so that a slow provider holds up nobody else's messages; the inbox shares its
    lane with messages whose channel is not set up.
    """

    def __init__(self, database: Database, channels: Mapping[str, Channel], links: Links) -> None:
        self._database = database
        self._channels = channels
        self._links = links
        self._lanes = _lanes(channels)
        self._turns = {name: asyncio.Semaphore(channel.at_once) for name, channel in channels.items()}

    @property
    def drains(self) -> list[Callable[[], Coroutine[Any, Any, int]]]:
        """One for each lane: send everything in it that is due; how many messages were sent."""
        return [partial(self._drain, lane) for lane in self._lanes]

    async def drain(self) -> int:
        """Send everything that is due, in all lanes; how many messages were sent."""
        return sum(await asyncio.gather(*(drain() for drain in self.drains)))

    async def close(self) -> None:
        """Let go of every channel's connections."""
        for channel in {id(channel): channel for channel in self._channels.values()}.values():
            await channel.close()

    async def _drain(self, lane: Lane) -> int:
        """A few batches are under way at a time: while the provider takes one, the database works at another."""
        count = 0
        under_way: deque[asyncio.Task[None]] = deque()
        try:
            while (errands := await self._claim(lane)) or under_way:
                if errands:
                    under_way.append(asyncio.create_task(self._deliver(errands)))
                    count += sum(len(errand.messages) for errand in errands)
                if not errands or len(under_way) == BATCHES:
                    await under_way.popleft()
        finally:
            await asyncio.gather(*under_way, return_exceptions=True)
        return count

    async def _deliver(self, errands: Sequence[Errand]) -> None:
        told = await asyncio.gather(*(self._carry(errand) for errand in errands))
        async with self._database.work() as work:
            await report(work, told)

    async def _claim(self, lane: Lane) -> list[Errand]:
        channel = self._channels.get(lane.channels[0]) if lane.channels and not lane.all_but else None
        limit = min(AT_ONCE, TURNS * channel.at_once) if channel else AT_ONCE
        async with self._database.work() as work:
            return await claim(work, limit, lane, channel.pace if channel else None)

    async def _carry(self, errand: Errand) -> Told:
        channel = self._channels.get(errand.channel)
        if channel is None or errand.address is None:
            gone = "no-such-channel" if channel is None else "contact-removed"
            return Told(errand, Report("failed", gone, gone))
        repeatable = channel.deduplicates and errand.repeatable
        if errand.abandoned and not repeatable:
            return Told(errand, Report("unknown", "the courier stopped while sending", "stopped-while-sending"))
        async with self._turns[errand.channel]:
            started = time.perf_counter()
            told = await self._attempt(channel, errand, errand.address, repeatable)
            SEND_TIME.labels(errand.channel).observe(time.perf_counter() - started)
        ATTEMPTS.labels(errand.channel, told.outcome, told.code or "").inc()
        return Told(errand, told)

    async def _attempt(self, channel: Channel, errand: Errand, address: str, repeatable: bool) -> Report:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                return _clean(await channel.send(self._outgoing(errand.messages, address)), address)
        except (TimeoutError, OutcomeUnknown) as error:
            words = str(error) or "timeout"
            return _clean(Report("try-again" if repeatable else "unknown", words, "timeout"), address)
        except OSError as error:
            return _clean(Report("try-again", str(error) or type(error).__name__, "provider-busy"), address)
        except Exception as error:
            log.exception("send_failed", channel=errand.channel, message_id=str(errand.messages[0].message_id))
            return Report("try-again", type(error).__name__, "broken-adapter")

    def _outgoing(self, messages: Sequence[Message], address: str) -> Outgoing:
        first = messages[0]
        link = self._link(first)
        title, text = first.title, self._text(first)
        if len(messages) > 1:
            title, text = own_words("digest", first.language, count=len(messages), body=self._body(messages))
            link = None
        return Outgoing(
            message_id=first.message_id,
            address=address,
            title=title,
            text=text,
            link=link,
            language=first.language,
            matter=(first.subject_type, first.subject_id),
            otherwise=Wording(first.other_title, first.other_text) if first.other_title and first.other_text else None,
        )

    def _body(self, messages: Sequence[Message]) -> str:
        parts = ((message.title, self._text(message), self._link(message)) for message in messages)
        return "\n\n".join("\n".join(part for part in parts_ if part) for parts_ in parts)

    def _text(self, message: Message) -> str:
        if message.occasion != CODE_OCCASION:
            return message.text
        return message.text.replace(CODE_MARK, self._links.code(message.about_id, message.number))

    def _link(self, message: Message) -> str | None:
        claims = claims_of(message)
        return self._links.url(claims) if claims else None


def _lanes(channels: Mapping[str, Channel]) -> list[Lane]:
    """A lane for each adapter, and one for all that has none."""
    by_adapter: dict[int, list[str]] = {}
    for name, channel in channels.items():
        by_adapter.setdefault(id(channel), []).append(name)
    own = [tuple(names) for names in by_adapter.values() if INBOX not in names]
    return [Lane(names) for names in own] + [Lane(tuple(name for names in own for name in names), all_but=True)]


def _clean(told: Report, address: str) -> Report:
    """The report without the address, which providers like to quote, and not longer than anybody reads."""
    if told.words is None:
        return told
    return replace(told, words=storable(without_address(told.words, address))[:LONGEST_WORDS])
