"""The in-app inbox: the message is where its reader looks as soon as it is stored."""

from __future__ import annotations

from services.notify.channels.port import Outgoing
from services.notify.domain.message import Report


class Inbox:
    """Everybody has one; nothing has to be sent."""

    deduplicates = True
    pace = None
    at_once = 500

    async def send(self, outgoing: Outgoing) -> Report:
        """It is there."""
        return Report("delivered")

    async def close(self) -> None:
        """There is nothing to let go of."""
