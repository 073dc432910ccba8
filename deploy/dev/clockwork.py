"""Moving the development clock: what falls due on the way happens in order, as if the time had passed."""

from __future__ import annotations

import asyncio
from datetime import datetime

from deploy.dev.house import House
from deploy.dev.watched import Watched
from shared.platform.clock import DevelopmentClock

LOOK_AGAIN_SECONDS = 0.005


class Clockwork:
    """The clock and everything that it drives. One hand moves it at a time."""

    def __init__(self, house: House, clock: DevelopmentClock) -> None:
        self._house = house
        self.clock = clock
        self._turn = asyncio.Lock()

    async def advance(self, to: datetime) -> None:
        """Move the clock to `to`, stopping at every timer on the way."""
        async with self._turn:
            await self.settle()
            while (due := await self._next_due()) and due <= to:
                self.clock.move_to(due)
                await self.settle()
            self.clock.move_to(to)
            await self.settle()

    async def settle(self) -> None:
        """Work off everything that waits or is due, over all services, until a whole round found nothing going on."""
        while await self._round():
            pass

    async def _round(self) -> bool:
        """Go once round the house; whether anybody did anything meanwhile, or a message was still under way."""
        before, idle = self._done(), self._idle()
        for worker in self._house.workers.values():
            await worker.fire_due()
            await worker.drain_all()
        await asyncio.sleep(0 if idle else LOOK_AGAIN_SECONDS)
        return not idle or self._done() != before

    def _done(self) -> int:
        """Background loops work as well, so what was done is read from the workers, not from our own calls."""
        return sum(worker.done for worker in self._house.workers.values())

    def _idle(self) -> bool:
        transport = self._house.transport
        return transport.idle if isinstance(transport, Watched) else True

    async def _next_due(self) -> datetime | None:
        due = [await worker.timekeeper.next_due() for worker in self._house.workers.values()]
        return min((instant for instant in due if instant), default=None)
