"""Working days, the organisation's own ones, and agents' calendar feeds."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from services.roster.api.people import Day
from services.roster.commands import calendar as commands
from services.roster.domain.own_day import OwnDay
from services.roster.domain.roster import require_sensible_period
from services.roster.queries import calendar as queries
from services.roster.queries import feed as feeds
from services.roster.queries import team_calendar as team_calendars
from shared.platform.door import Door, opens
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router
from shared.platform.web import Body, Code, Name

router = Router(tags=["calendar"])
feed_router = Router(include_in_schema=False)
"""The feed itself: calendar programs have no token; the secret in the address is what lets them in."""


class OwnDayBody(Body):
    """Whether the organisation works that day, and what it calls it."""

    working: bool
    name: Name | None = None


@router.get("/calendar/working-days", response_model=queries.WorkingDays, operation_id="list_working_days")
async def list_working_days(
    *, from_: Annotated[Day, Query(alias="from")], to: Day, door: Door = opens("roster:read")
) -> Response:
    """The days of a period: worked or not, holidays and make-up days, the organisation's own; at most a year."""
    require_sensible_period(from_, to)
    return await door.read(queries.working_days, from_on=from_, to_on=to, language=door.language)


@router.get("/calendar/shifts", response_model=team_calendars.TeamCalendar, operation_id="get_team_calendar")
async def get_team_calendar(
    *,
    team: Annotated[Code, Query(description="the team's id or code")],
    from_: Annotated[Day, Query(alias="from")],
    to: Day,
    door: Door = opens("roster:read"),
) -> Response:
    """A team's calendar: each agent's days, planned beside accountable and why they differ, with leave."""
    require_sensible_period(from_, to)
    return await door.read(
        team_calendars.team_calendar, actor=door.actor, team=team, from_on=from_, to_on=to, language=door.language
    )


@router.get("/calendar/overrides", response_model=Page[OwnDay], operation_id="list_calendar_overrides")
async def list_calendar_overrides(
    *, limit: Limit = 50, after: After = None, door: Door = opens("roster:read")
) -> Response:
    """The days about which the organisation has decided itself."""
    return await door.read(queries.list_own_days, limit=limit, after=after)


@router.get("/calendar/overrides/{on}", response_model=OwnDay, operation_id="get_calendar_override")
async def get_calendar_override(on: Day, door: Door = opens("roster:read")) -> Response:
    """One day about which the organisation has decided itself."""
    return await door.read(queries.own_day, on=on)


@router.put("/calendar/overrides/{on}", response_model=OwnDay, operation_id="set_calendar_override")
async def set_calendar_override(on: Day, body: OwnDayBody, door: Door = opens("roster:configure")) -> Response:
    """Decide about a day, whatever the official calendar says."""
    return await door.run(commands.set_own_day, on=on, **body.model_dump())


@router.delete("/calendar/overrides/{on}", status_code=204, operation_id="delete_calendar_override")
async def delete_calendar_override(on: Day, door: Door = opens("roster:configure")) -> Response:
    """Let the official calendar hold again."""
    return await door.run(commands.forget_own_day, on=on)


@router.post(
    "/agents/{agent_id}/calendar-feed",
    status_code=201,
    response_model=commands.FeedAddress,
    operation_id="open_calendar_feed",
)
async def open_calendar_feed(agent_id: UUID, door: Door = opens("roster:answer")) -> Response:
    """Make a new secret address of one's calendar; an earlier one is worth nothing from then on."""
    return await door.run(commands.open_feed, status=201, agent_id=agent_id)


@router.get("/agents/{agent_id}/calendar-feed", response_model=feeds.FeedStatus, operation_id="get_calendar_feed")
async def get_calendar_feed(agent_id: UUID, door: Door = opens("roster:read")) -> Response:
    """Whether an agent's feed is open; its address is not shown again."""
    return await door.read(feeds.feed_status, actor=door.actor, agent_id=agent_id)


@router.delete("/agents/{agent_id}/calendar-feed", status_code=204, operation_id="close_calendar_feed")
async def close_calendar_feed(agent_id: UUID, door: Door = opens("roster:answer")) -> Response:
    """Close one's feed."""
    return await door.run(commands.close_feed, agent_id=agent_id)


@feed_router.get("/agents/{agent_id}/calendar.ics")
async def get_calendar(request: Request, agent_id: UUID, key: Annotated[str, Query(max_length=100)] = "") -> Response:
    """The calendar, for whoever has its address."""
    database = request.app.state.database
    async with database.reading() as conn:
        content = await feeds.feed(conn, agent_id=agent_id, secret=key, now=database.clock.now())
    headers = {"Cache-Control": "private, max-age=300", "Referrer-Policy": "no-referrer"}
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)
