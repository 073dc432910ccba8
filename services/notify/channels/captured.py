"""The development channel: stands in for every personal one. `GET /messages` shows what its reader would see."""

from __future__ import annotations

from services.notify.channels.port import Outgoing
from services.notify.domain.message import Report


class Captured:
    """Keeps messages on this machine."""

    deduplicates = True
    pace = None
    at_once = 500

    async def send(self, outgoing: Outgoing) -> Report:
        """Nothing leaves; the stored message is the delivery."""
        return Report("delivered", "captured")

    async def close(self) -> None:
        """There is nothing to let go of."""
