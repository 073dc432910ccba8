"""HTTP routes of roster."""

from __future__ import annotations

from fastapi import APIRouter

from services.roster.api.attendance import router as attendance
from services.roster.api.calendar import feed_router as calendar_feed
from services.roster.api.calendar import router as calendar
from services.roster.api.changes import router as changes
from services.roster.api.duty import router as duty
from services.roster.api.exchange import router as exchange
from services.roster.api.leave import router as leave
from services.roster.api.people import router as people
from services.roster.api.rosters import router as rosters
from services.roster.api.watchdog import router as watchdog

ROUTERS: list[APIRouter] = [
    people,
    rosters,
    changes,
    attendance,
    leave,
    exchange,
    duty,
    calendar,
    calendar_feed,
    watchdog,
]
