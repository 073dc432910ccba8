"""The courier: takes queued messages to their channels, outside any transaction, and notes what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from services.notify.channels import Channel, Outgoing
from services.notify.commands.delivery import Errand, claim, report
from services.notify.domain.message import Message, Report
from services.notify.links import Links, claims_of
from shared.platform.work import Database

log = structlog.get_logger(__name__)

AT_ONCE = 100
SEND_SECONDS = 30


class Courier:
    """Claims, sends, reports. Several may work side by side."""

    def __init__(self, database: Database, channels: Mapping[str, Channel], links: Links) -> None:
        self._database = database
        self._channels = channels
        self._links = links

    async def drain(self) -> int:
        """Send everything that is due; how many attempts were made."""
        count = 0
        while errands := await self._claim():
            reports = await asyncio.gather(*(self._attempt(errand) for errand in errands))
            noted = {
                errand.message.message_id: (errand.message.claimed_at, told)
                for errand, told in zip(errands, reports, strict=True)
            }
            async with self._database.work() as work:
                await report(work, noted)
            count += len(errands)
        return count

    async def _claim(self) -> list[Errand]:
        async with self._database.work() as work:
            return await claim(work, AT_ONCE)

    async def _attempt(self, errand: Errand) -> Report:
        channel = self._channels.get(errand.message.channel)
        if channel is None or errand.address is None:
            return Report("failed", "no-such-channel" if channel is None else "contact-removed")
        if errand.abandoned and not channel.deduplicates:
            return Report("unknown", "the courier stopped while sending")
        try:
            async with asyncio.timeout(SEND_SECONDS):
                return await channel.send(self._outgoing(errand.message, errand.address))
        except TimeoutError:
            return Report("try-again" if channel.deduplicates else "unknown", "timeout")
        except Exception as error:
            log.exception("send_failed", channel=errand.message.channel, message_id=str(errand.message.message_id))
            return Report("try-again", type(error).__name__)

    def _outgoing(self, message: Message, address: str) -> Outgoing:
        claims = claims_of(message)
        return Outgoing(
            message_id=message.message_id,
            address=address,
            title=message.title,
            text=message.text,
            link=self._links.url(claims) if claims else None,
            language=message.language,
        )
