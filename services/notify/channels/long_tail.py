"""Everything else, through Apprise. It says only yes or no, and yes where a provider refused with HTTP 200.

So its yes is "accepted" at best, and its no (which includes time-outs) is never repeated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import quote

from services.notify.channels.port import Outgoing
from services.notify.channels.wire import plain
from services.notify.domain.message import Report

TEXT_BYTES = 2000


class LongTail:
    """A contact's address is `target` or `target:address`; targets and their secrets are in the settings."""

    deduplicates = False
    pace = None
    at_once = 10

    def __init__(self, targets: Mapping[str, str]) -> None:
        self._targets = targets

    async def send(self, outgoing: Outgoing) -> Report:
        """Send once, on a thread: the library blocks."""
        name, _, address = outgoing.address.partition(":")
        url = self._targets.get(name)
        if url is None:
            return Report("failed", None, "target-unknown")
        return await asyncio.to_thread(_notify, url.replace("{address}", quote(address, safe="")), outgoing)

    async def close(self) -> None:
        """There is nothing to let go of."""


def _notify(url: str, outgoing: Outgoing) -> Report:
    import apprise  # noqa: PLC0415 - heavy, and needed by few

    target = apprise.Apprise()
    if not target.add(url):
        return Report("failed", None, "target-unknown")
    body = plain(outgoing, TEXT_BYTES).removeprefix(f"{outgoing.title}\n")
    if target.notify(title=outgoing.title, body=body):
        return Report("accepted", "apprise: yes")
    return Report("unknown", "apprise: no", "target-refused")
