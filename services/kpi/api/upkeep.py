"""Routes for those who run the service: whether everything adds up."""

from __future__ import annotations

from starlette.responses import Response

from services.kpi.queries.consistency import Consistency, consistency
from shared.platform.door import Door, opens
from shared.platform.routing import Router

router = Router(tags=["upkeep"])


@router.get("/consistency", response_model=Consistency, operation_id="check_consistency")
async def check_consistency(door: Door = opens("ops:read")) -> Response:
    """Recompute the rollups from the facts and show where they differ."""
    return await door.read(consistency)
