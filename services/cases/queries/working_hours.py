"""Whose hours count: the calendar of a team, a partner or a policy, as working time that the rules can reckon with."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Text, Uuid, any_, bindparam, column, func, literal_column, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.business_calendar import DAYS
from services.cases.domain.contact import DEFAULT_ZONE
from services.cases.domain.sla_clock import HoursOf, Terms
from services.cases.domain.sla_policy import STANDARD
from services.cases.domain.working_time import Span, WorkingTime
from services.cases.tables import calendars, partners, teams
from shared.platform.calendar import SEARCH_DAYS, Window, WorkCalendar, add_working_time, open_times
from shared.platform.db import Hot


class Hours:
    """The working time of one version of a calendar in one zone."""

    def __init__(self, calendar: WorkCalendar) -> None:
        self.calendar = calendar
        self.zone = calendar.zone
        self.day = _ordinary_day(calendar)

    def spans(self, start: datetime, end: datetime) -> Iterator[Span]:
        """Working intervals between two instants, cut there, in order, not overlapping."""
        return open_times(self.calendar, start, end)

    def after(self, start: datetime, amount: timedelta) -> datetime:
        """The first instant by which so much working time has passed; in ten years when it never does."""
        try:
            return add_working_time(self.calendar, start, amount / timedelta(seconds=1))
        except ValueError:
            return start + timedelta(days=SEARCH_DAYS)


async def hours_of_team(conn: AsyncConnection, team_id: UUID | None, zone: str = DEFAULT_ZONE) -> WorkingTime:
    """The working time of a team or partner as it is now; `zone` for one that nobody knows."""
    [row] = await _OF_TEAM.run(conn, team_id=team_id)
    return hours_from(row["body"], row["zone"] or zone)


async def hours_by_terms(conn: AsyncConnection, terms: Collection[Terms]) -> HoursOf:
    """The working time of each of these terms."""
    keys = {(one.calendar, one.calendar_version) for one in terms}
    rows = await _VERSIONS.run(conn, codes=[code for code, _ in keys], versions=[version for _, version in keys])
    bodies = {(row["code"], row["version"]): row["body"] for row in rows}
    return lambda one: hours_from(bodies[one.calendar, one.calendar_version], one.zone)


@lru_cache(maxsize=1024)
def hours_from(body: str, zone: str) -> Hours:
    """Working time from a stored calendar; `zone` counts where the calendar has none of its own."""
    raw = json.loads(body)
    return Hours(
        WorkCalendar(
            zone=raw["zone"] or zone,
            windows=MappingProxyType({DAYS.index(day): _windows(hours) for day, hours in raw["windows"].items()}),
            make_up=_windows(raw["make_up"]),
            overrides=MappingProxyType(
                {date.fromisoformat(one["on"]): _windows(one["windows"]) for one in raw["overrides"]}
            ),
            holidays=raw["holidays"],
        )
    )


def _windows(raw: Collection[Mapping[str, str]]) -> tuple[Window, ...]:
    return tuple(Window(time.fromisoformat(one["start"]), time.fromisoformat(one["end"])) for one in raw)


def _ordinary_day(calendar: WorkCalendar) -> timedelta:
    """The most frequent length of a weekday, the longer one where two are as frequent."""
    lengths = Counter(sum(map(_seconds, windows)) for windows in calendar.windows.values() if windows)
    seconds, _ = max(lengths.items(), key=lambda pair: (pair[1], pair[0]))
    return timedelta(seconds=seconds)


def _seconds(window: Window) -> int:
    start, end = (one.hour * 3600 + one.minute * 60 for one in (window.start, window.end))
    return (end - start) % 86_400 or 86_400


def _current_calendar(code: Any) -> Any:
    """The calendar of this code of a team or partner, else the standard one, each in its newest version."""
    newest = calendars.alias("newest")
    is_newest = (
        calendars.c.version
        == select(func.max(newest.c.version)).where(newest.c.calendar_id == calendars.c.calendar_id).scalar_subquery()
    )
    listed = code == any_(calendars.c.teams)
    return (
        select(calendars)
        .where(is_newest, or_(listed, calendars.c.code == STANDARD))
        .order_by(calendars.c.code == STANDARD, calendars.c.code)
        .limit(literal_column("1"))
    )


def _of_team() -> Hot:
    team_id = bindparam("team_id", type_=Uuid)
    known = (
        select(teams.c.code, teams.c.zone)
        .where(teams.c.team_id == team_id)
        .union_all(select(partners.c.code, partners.c.zone).where(partners.c.partner_id == team_id))
        .subquery("known")
    )
    one = select(literal_column("1")).subquery("one")
    found = one.outerjoin(known, true())
    calendar = _current_calendar(known.c.code).lateral("calendar")
    return Hot(select(calendar.c.body, known.c.zone).select_from(found.join(calendar, true())))


_OF_TEAM = _of_team()
_asked = (
    func.unnest(bindparam("codes", type_=ARRAY(Text)), bindparam("versions", type_=ARRAY(Integer)))
    .table_valued(column("code", Text), column("version", Integer))
    .render_derived("asked")
)
_VERSIONS = Hot(
    select(calendars.c.code, calendars.c.version, calendars.c.body).join_from(
        calendars, _asked, (calendars.c.code == _asked.c.code) & (calendars.c.version == _asked.c.version)
    )
)
