"""Routes for dashboards: one for each picture, each answered at once; and a stream for the wallboard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated

from fastapi import Query
from pydantic import Field
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.kpi.api.asking import Asked, AskedOfTeam, AskedWhole, question_of, sight_of, with_team_id
from services.kpi.domain.period import HOME_ZONE, Grain
from services.kpi.domain.question import Sight
from services.kpi.domain.target import CENTRE
from services.kpi.queries.dashboards import Distribution, Heatmap, Today, Trend, distribution, heatmap, today, trend
from shared.contracts.refusal import Refusal
from shared.platform.db import DATABASE_ERRORS, is_outage
from shared.platform.door import Door, opens
from shared.platform.routing import Router
from shared.platform.web import Code

GROUPED = ("agent", "team", "topic", "channel", "queue")
"""Of these a group may have a target."""

router = Router(prefix="/dashboards", tags=["dashboards"])

EVENT_STREAM = "text/event-stream"


class AskedToday(AskedOfTeam):
    """Of the centre, or of one team."""

    tz: Code = HOME_ZONE


class AskedWallboard(AskedToday):
    """How often to look, in seconds; what has not changed is not sent."""

    every: Annotated[int, Field(ge=1, le=60)] = 2


@router.get("/today", response_model=Today, operation_id="read_today")
async def read_today(asked: Annotated[AskedToday, Query()], door: Door = opens("kpi:read")) -> Response:
    """Today at a glance, exceptions first."""
    sight, now, asked = await sight_of(door), door.database.clock.now(), await with_team_id(door, asked)
    return await door.read(today, now=now, zone=asked.tz, sight=sight, team=asked.team)


@router.get("/heatmap/{metric_id}", response_model=Heatmap, operation_id="read_heatmap")
async def read_heatmap(
    metric_id: Code, asked: Annotated[AskedWhole, Query()], door: Door = opens("kpi:read")
) -> Response:
    """A metric by weekday and hour of the local clock; `from` and `to` are days."""
    asked = await with_team_id(door, asked)
    return await door.read(heatmap, what=question_of(await sight_of(door), metric_id, asked, Grain.HOUR))


@router.get("/distribution/{metric_id}", response_model=Distribution, operation_id="read_distribution")
async def read_distribution(
    metric_id: Code, asked: Annotated[AskedWhole, Query()], door: Door = opens("kpi:read")
) -> Response:
    """How the durations behind a percentile spread (`asa_p90`, `resolution_time_p50`, …)."""
    asked = await with_team_id(door, asked)
    return await door.read(distribution, what=question_of(await sight_of(door), metric_id, asked))


@router.get("/trend/{metric_id}", response_model=Trend, operation_id="read_trend")
async def read_trend(metric_id: Code, asked: Annotated[Asked, Query()], door: Door = opens("kpi:read")) -> Response:
    """A metric step by step (`grain`, by day when left out) beside the target that was in force."""
    asked = await with_team_id(door, asked)
    group_by, group = _group(asked)
    what = question_of(await sight_of(door), metric_id, asked, asked.grain or Grain.DAY)
    return await door.read(trend, what=what, group_by=group_by, group=group)


def _group(asked: Asked) -> tuple[str | None, str | None]:
    """Whose target is meant: the centre's, or of the one group that is asked for; a part of a group has none."""
    given = list(asked.filters().items())
    if not given:
        return CENTRE, None
    [(name, value), *others] = given
    return (name, value) if name in GROUPED and value and not others else (None, None)


@router.get(
    "/wallboard",
    response_class=StreamingResponse,
    responses={200: {"content": {EVENT_STREAM: {}}, "description": "`today`, whenever it changed"}},
    operation_id="stream_wallboard",
)
async def stream_wallboard(
    request: Request, asked: Annotated[AskedWallboard, Query()], door: Door = opens("kpi:read")
) -> Response:
    """Today at a glance as server-sent events, each stamped with the time of the newest event it knows."""
    sight, asked = await sight_of(door), await with_team_id(door, asked)
    await _now(door, sight, asked)  # what is refused is refused before the stream begins
    return StreamingResponse(_stream(request, door, sight, asked), media_type=EVENT_STREAM, headers=_UNBUFFERED)


_UNBUFFERED = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def _stream(request: Request, door: Door, sight: Sight, asked: AskedWallboard) -> AsyncIterator[bytes]:
    last = None
    while not await request.is_disconnected():
        try:
            found = await _now(door, sight, asked)
        except (Refusal, *DATABASE_ERRORS) as error:
            if not (is_outage(error) or isinstance(error, Refusal)):
                raise
            yield b": the figures are away\n\n"
        else:
            if found != last:
                last = found
                yield b"event: today\nid: " + _stamp(found) + b"\ndata: " + to_json(found) + b"\n\n"
            else:
                yield b": nothing new\n\n"
        await asyncio.sleep(asked.every)


def _stamp(found: Today) -> bytes:
    return found.as_of.isoformat().encode() if found.as_of else date.min.isoformat().encode()


async def _now(door: Door, sight: Sight, asked: AskedWallboard) -> Today:
    async with door.database.reading() as conn:
        now = door.database.clock.now()
        return await today(conn, now=now, zone=asked.tz, sight=sight, team=asked.team)
