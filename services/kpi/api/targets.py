"""Routes of targets: set, raised by rounds, and how groups stand to them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from services.kpi.api import examples
from services.kpi.api.asking import sight_of
from services.kpi.commands import targets as commands
from services.kpi.domain.period import FIRST_DAY, HOME_ZONE, LAST_DAY
from services.kpi.domain.standing import Tiers
from services.kpi.domain.target import Target
from services.kpi.queries.targets import (
    Standings,
    Suggestion,
    standings,
    suggestion,
    target_list,
    target_versions,
)
from services.kpi.queries.values import Span
from shared.platform.door import Door, opens
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router
from shared.platform.web import Body, Code, Text

router = Router(tags=["targets"])

GroupBy = Literal["centre", "team", "agent", "topic", "channel", "queue"]
Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY - timedelta(days=1))]
Percent = Annotated[float, Field(gt=0, le=200)]
Value = Annotated[float, Field(gt=-1e12, lt=1e12)]


class TierStarts(Body):
    """From which attainment, in percent of the target, each tier begins."""

    excellent: Percent = 120.0
    good: Percent = 100.0
    ok: Percent = 90.0

    def tiers(self) -> Tiers:
        """As the rules know them."""
        return Tiers(self.excellent, self.good, self.ok)


class NewTarget(Body):
    """What a metric should be: for the centre, for each group of a sort, or (`group`) for one of it."""

    model_config = examples.shown(examples.TARGET)

    metric: Code
    group_by: GroupBy = "centre"
    group: Text | None = None
    value: Value
    stretch: Annotated[list[Percent], Field(max_length=5)] = [120.0, 130.0]
    tiers: TierStarts = TierStarts()
    valid_from: Day | None = None
    note: Text | None = None


class NextTarget(Body):
    """The next round. What is left out stays."""

    model_config = examples.shown(examples.NEXT_TARGET)

    value: Value | None = None
    stretch: Annotated[list[Percent], Field(max_length=5)] | None = None
    tiers: TierStarts | None = None
    valid_from: Day | None = None
    note: Text | None = None


class AskedStanding(Body):
    """Of which metric, groups and whole days (the last included)."""

    metric: Code
    by: GroupBy = "centre"
    from_: Day = Field(alias="from")
    to: Day
    tz: Code = HOME_ZONE

    @property
    def span(self) -> Span:
        """The period."""
        return Span(self.from_, self.to, self.tz)


@router.post("/targets", status_code=201, response_model=Target, operation_id="set_target")
async def set_target(body: NewTarget, door: Door = opens("kpi:configure")) -> Response:
    """Set a first target. 409 when there is one for these groups: change that instead."""
    given = body.model_dump(exclude={"tiers", "stretch"})
    return await door.run(
        commands.set_target, status=201, **given, tiers=body.tiers.tiers(), stretch=tuple(body.stretch)
    )


@router.get("/targets", response_model=Page[Target], operation_id="list_targets")
async def list_targets(
    metric: Code | None = None,
    group_by: GroupBy | None = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("kpi:read"),
) -> Response:
    """Targets as they are now."""
    return await door.read(target_list, metric=metric, group_by=group_by, limit=limit, after=after)


@router.get("/targets/standings", response_model=Standings, operation_id="read_standings")
async def read_standings(asked: Annotated[AskedStanding, Query()], door: Door = opens("kpi:read")) -> Response:
    """Each group against its target: attainment, tier and stretch; and the tiers' shares beside the intended ones."""
    sight = await sight_of(door)
    return await door.read(standings, metric=asked.metric, group_by=asked.by, span=asked.span, sight=sight)


@router.get("/targets/suggestion", response_model=Suggestion, operation_id="suggest_target")
async def suggest_target(asked: Annotated[AskedStanding, Query()], door: Door = opens("kpi:configure")) -> Response:
    """Where to start (six in ten groups reach it), or how far to raise it in the next round."""
    sight = await sight_of(door)
    return await door.read(suggestion, metric=asked.metric, group_by=asked.by, span=asked.span, sight=sight)


@router.get("/targets/{target_id}/versions", response_model=list[Target], operation_id="list_target_versions")
async def list_target_versions(target_id: UUID, door: Door = opens("kpi:read")) -> Response:
    """Every version of a target, the oldest first."""
    return await door.read(target_versions, target_id=target_id)


@router.patch("/targets/{target_id}", response_model=Target, operation_id="change_target")
async def change_target(target_id: UUID, body: NextTarget, door: Door = opens("kpi:configure")) -> Response:
    """The next round of a target: a new version, in force from a day on."""
    given = body.model_dump(exclude={"tiers", "stretch"})
    return await door.run(
        commands.change_target,
        target_id=target_id,
        seen=door.if_match,
        **given,
        tiers=body.tiers.tiers() if body.tiers else None,
        stretch=tuple(body.stretch) if body.stretch is not None else None,
    )
