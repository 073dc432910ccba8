"""Routes of closed pay periods: closing one, its figures as closed and now, and what was adjusted."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from services.kpi.api import examples
from services.kpi.api.asking import AskedClosed, sight_of, with_team_id
from services.kpi.commands import periods as commands
from services.kpi.domain.pay_period import PayPeriod
from services.kpi.domain.period import FIRST_DAY, LAST_DAY
from services.kpi.queries.periods import Adjustment, ClosedSeries, adjustment_list, closed_series, pay_period_list
from shared.platform.door import Door, opens
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router
from shared.platform.web import Body, Code, Name

router = Router(tags=["pay periods"])

Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]


class ClosingPeriod(Body):
    """Whole days, both included."""

    model_config = examples.shown(examples.PAY_PERIOD)

    name: Name
    from_: Day = Field(alias="from")
    to: Day


@router.post("/pay-periods", status_code=201, response_model=PayPeriod, operation_id="close_pay_period")
async def close_pay_period(body: ClosingPeriod, door: Door = opens("kpi:configure")) -> Response:
    """Close a pay period that is over: whatever changes in it from now on is a visible adjustment."""
    return await door.run(commands.close_pay_period, status=201, **body.model_dump())


@router.get("/pay-periods", response_model=Page[PayPeriod], operation_id="list_pay_periods")
async def list_pay_periods(limit: Limit = 50, after: After = None, door: Door = opens("kpi:read")) -> Response:
    """Closed pay periods, oldest first."""
    return await door.read(pay_period_list, limit=limit, after=after)


@router.get(
    "/pay-periods/{period_id}/metrics/{metric_id}", response_model=ClosedSeries, operation_id="read_closed_metric"
)
async def read_closed_metric(
    period_id: UUID, metric_id: Code, asked: Annotated[AskedClosed, Query()], door: Door = opens("kpi:read")
) -> Response:
    """A metric over a closed period, as it was when closed and as it is now."""
    sight, filters = await sight_of(door), (await with_team_id(door, asked)).filters()
    return await door.read(
        closed_series, period_id=period_id, metric_id=metric_id, sight=sight, by=asked.by, filters=filters
    )


@router.get("/pay-periods/{period_id}/adjustments", response_model=Page[Adjustment], operation_id="list_adjustments")
async def list_adjustments(
    period_id: UUID, limit: Limit = 50, after: After = None, door: Door = opens("kpi:read")
) -> Response:
    """The facts that came into a closed period or went out of it, in the order in which that was noted."""
    return await door.read(adjustment_list, period_id=period_id, sight=await sight_of(door), limit=limit, after=after)
