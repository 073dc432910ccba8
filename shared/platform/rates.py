"""How many requests one caller may make a minute; beyond that 429 with Retry-After. Counted in each process alone."""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from starlette.requests import Request

from shared.contracts.refusal import Refusal
from shared.platform.actor import Actor

SYSTEM_FACTOR = 10
"""An integration speaks for many people."""
ANONYMOUS_FACTOR = 20
"""An address without a token (an answer page, a calendar, a wrong token) gets a twentieth of a person's share."""


class Rates:
    """Requests a minute by caller: a signed-in person, a system, or an address without a token. 0: no limit."""

    def __init__(self, per_minute: int) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        shares = {"person": per_minute, "system": per_minute * SYSTEM_FACTOR, "address": per_minute // ANONYMOUS_FACTOR}
        self._limits = {kind: RateLimitItemPerMinute(max(1, share)) for kind, share in shares.items()}
        self._limited = per_minute > 0

    async def spend(self, kind: str, caller: str) -> None:
        """Count one request; refuses with `too-many-requests` when the caller's share is used up."""
        limit = self._limits[kind]
        if self._limited and not await self._limiter.hit(limit, kind, caller):
            stats = await self._limiter.get_window_stats(limit, kind, caller)
            raise Refusal("too-many-requests", retry_after=max(1, math.ceil(stats.reset_time - time.time())))

    async def spend_as(self, actor: Actor) -> None:
        """Count one request of somebody signed in."""
        await self.spend("system" if "integration" in actor.roles else "person", actor.sub)

    async def spend_at(self, request: Request) -> None:
        """Count one request that nobody signed."""
        await self.spend("address", request.client.host if request.client else "unknown")
