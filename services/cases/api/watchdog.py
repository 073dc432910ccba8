"""The watchdog over HTTP."""

from __future__ import annotations

from starlette.responses import Response

from services.cases.queries import watchdog
from shared.platform.door import Door, opens
from shared.platform.routing import Router
from shared.platform.watchdog import LoopWatch

router = Router(tags=["watchdog"])


@router.get("/watchdog", response_model=LoopWatch, operation_id="get_cases_watchdog")
async def get_cases_watchdog(door: Door = opens("cases:configure")) -> Response:
    """Whether every open loop has a timer, and none of the timers is late."""
    return await door.read(watchdog.watch, now=door.database.clock.now())
