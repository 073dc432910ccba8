"""The duty manager: who decides now, by which rota, and who stands in."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import Field

from services.roster.api.people import Day, TimeOfDay
from services.roster.api.values import Instant
from services.roster.commands import duty as commands
from services.roster.commands.duty import NewRota
from services.roster.domain.duty import Override
from services.roster.domain.roster import require_sensible_period
from services.roster.domain.rota import EVERY_DAY, RotaSlot
from services.roster.queries import duty as queries
from shared.platform.door import Door, opens
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router
from shared.platform.web import Body, Code, Text

router = Router(tags=["duty"])

TeamNamed = Annotated[Code | None, Query(description="the team's id or code; none for the centre")]
Weekday = Annotated[int, Field(ge=1, le=7)]


class DutySlot(Body):
    """A stretch of duty in local time; it ends on the next day when it ends no later than it starts."""

    starts: TimeOfDay
    ends: TimeOfDay
    weekdays: list[Weekday] = Field([*EVERY_DAY], min_length=1, max_length=7)
    rotation: list[Code] = Field([], max_length=100)


class DutyRotaBody(Body):
    """Who takes turns (staff numbers, the first one first) and when one hands over to the next, in local time.

    `handovers` go around the clock; `slots` may differ by weekday and have rotations of their own. Without a team it is
    the centre's. `from` is today, if not given.
    """

    team_id: UUID | None = None
    zone: Annotated[str, Field(max_length=64)] | None = None
    from_on: Day | None = Field(None, alias="from")
    to_on: Day | None = Field(None, alias="to")
    handovers: list[TimeOfDay] = Field([], max_length=48)
    slots: list[DutySlot] = Field([], max_length=100)
    rotation: list[Code] = Field([], max_length=200)
    rotate: Literal["handover", "day", "week"] = "handover"


@router.put("/duty-rota", response_model=queries.DutyRota, operation_id="publish_duty_rota")
async def publish_duty_rota(body: DutyRotaBody, door: Door = opens("roster:plan")) -> Response:
    """Publish a duty rota (If-Match is heeded when sent). Gaps and overlaps are refused, each listed."""
    new = NewRota(
        team_id=body.team_id,
        zone=body.zone,
        from_on=body.from_on,
        to_on=body.to_on,
        handovers=tuple(body.handovers),
        slots=tuple(map(_slot, body.slots)),
        rotation=tuple(body.rotation),
        rotate=body.rotate,
    )
    seen = door.if_match if "if-match" in door.request.headers else None
    return await door.run(commands.publish_rota, new=new, seen=seen)


def _slot(slot: DutySlot) -> RotaSlot:
    weekdays = tuple(sorted({*slot.weekdays}))
    return RotaSlot(starts=slot.starts, ends=slot.ends, weekdays=weekdays, rotation=tuple(slot.rotation))


@router.get("/duty-rota", response_model=queries.DutyRota, operation_id="get_duty_rota")
async def get_duty_rota(team: TeamNamed = None, door: Door = opens("roster:read")) -> Response:
    """The rota of a team, or of the centre, with those before it."""
    return await door.read(queries.duty_rota, team=team)


@router.get("/duty/now", response_model=queries.DutyNow, operation_id="get_duty_now")
async def get_duty_now(
    team: TeamNamed = None,
    at: Annotated[Instant | None, Query(description="another instant than now")] = None,
    door: Door = opens("roster:read"),
) -> Response:
    """The one person on duty: by the team's rota, one above it, the centre's, or without any its lead or supervisor."""
    return await door.read(queries.duty_now, team=team, at=at or door.database.clock.now())


@router.get("/duty/turns", response_model=queries.DutyTurns, operation_id="list_duty_turns")
async def list_duty_turns(
    *,
    team: TeamNamed = None,
    from_: Annotated[Day, Query(alias="from")],
    to: Day,
    door: Door = opens("roster:read"),
) -> Response:
    """Who has the duty on these local days, overrides included."""
    require_sensible_period(from_, to)
    return await door.read(queries.duty_turns, team=team, from_on=from_, to_on=to)


class NewOverride(Body):
    """Somebody stands in, at most 31 days at a time."""

    team_id: UUID | None = None
    staff_no: Code
    starts_at: Instant
    ends_at: Instant
    reason: Text | None = None


class DutySwap(Body):
    """Two turns, each by an instant within it."""

    team_id: UUID | None = None
    first_at: Instant
    second_at: Instant
    reason: Text | None = None


@router.post("/duty-overrides", status_code=201, response_model=Override, operation_id="override_duty")
async def override_duty(body: NewOverride, door: Door = opens("roster:plan")) -> Response:
    """Let somebody stand in."""
    return await door.run(commands.override_duty, status=201, **body.model_dump())


@router.get("/duty-overrides", response_model=Page[Override], operation_id="list_duty_overrides")
async def list_duty_overrides(
    *, team: TeamNamed = None, limit: Limit = 50, after: After = None, door: Door = opens("roster:read")
) -> Response:
    """Who stood or will stand in for a team's duty manager, or the centre's."""
    return await door.read(queries.list_overrides, team=team, limit=limit, after=after)


@router.get("/duty-overrides/{override_id}", response_model=Override, operation_id="get_duty_override")
async def get_duty_override(override_id: UUID, door: Door = opens("roster:read")) -> Response:
    """One override."""
    return await door.read(queries.override, override_id=override_id)


@router.post("/duty-overrides/{override_id}/cancel", response_model=Override, operation_id="cancel_duty_override")
async def cancel_duty_override(override_id: UUID, door: Door = opens("roster:plan")) -> Response:
    """Take an override back."""
    return await door.run(commands.cancel_override, override_id=override_id)


@router.post("/duty-swaps", status_code=201, response_model=commands.SwappedDuty, operation_id="swap_duty")
async def swap_duty(body: DutySwap, door: Door = opens("roster:plan")) -> Response:
    """Let those who have the duty at two instants take each other's turn."""
    return await door.run(commands.swap_duty, status=201, **body.model_dump())
