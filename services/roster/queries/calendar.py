"""The work calendar: official days with make-up days, and over them the organisation's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.own_day import OwnDay
from services.roster.tables import calendar_overrides
from shared.contracts.refusal import Refusal
from shared.platform.calendar import OFFICE_HOURS, Kind, WorkCalendar, is_working_day, official_day
from shared.platform.paging import Page, page


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """A day, whether it is worked, and why.

    `kind`: `workday`, `weekend`, `holiday`, `make_up` (a weekend day worked for a holiday), or `own` (the organisation
    decided). `name` is the holiday's, in the caller's language, or what the organisation calls it. `provisional`: the
    official calendar of that year is not announced yet, so that make-up days are unknown and holidays a guess.
    """

    on: date
    working: bool
    kind: str
    name: str | None
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingDays:
    """The days of a period; `provisional` when any of them is."""

    country: str
    working_day_count: int
    provisional: bool
    items: list[CalendarDay]


async def working_days(conn: AsyncConnection, *, from_on: date, to_on: date, language: str) -> WorkingDays:
    """Every day of a period, both ends included."""
    table = calendar_overrides
    rows = await conn.execute(select(table).where(table.c.on.between(from_on, to_on)))
    own = {row.on: OwnDay(**row._mapping) for row in rows}
    calendar = WorkCalendar(overrides={on: OFFICE_HOURS if day.working else () for on, day in own.items()})
    days = [from_on + timedelta(days=number) for number in range((to_on - from_on).days + 1)]
    items = [_day(on, is_working_day(calendar, on), own.get(on), language) for on in days]
    return WorkingDays(
        country="CN",
        working_day_count=sum(day.working for day in items),
        provisional=any(day.provisional for day in items),
        items=items,
    )


def _day(on: date, working: bool, own: OwnDay | None, language: str) -> CalendarDay:
    official = official_day(on)
    name = official.name_en if language == "en" else official.name_zh
    if own:
        return CalendarDay(on=on, working=working, kind="own", name=own.name or name, provisional=False)
    ordinary = "workday" if working else "weekend"
    kind = ordinary if official.kind is Kind.ORDINARY else official.kind.value
    return CalendarDay(on=on, working=working, kind=kind, name=name, provisional=official.provisional)


async def list_own_days(conn: AsyncConnection, *, limit: int, after: str | None) -> Page[OwnDay]:
    """The organisation's own days, in order."""
    table = calendar_overrides
    return await page(
        conn, select(table), order=(table.c.on,), limit=limit, after=after, make=lambda row: OwnDay(**row._mapping)
    )


async def own_day(conn: AsyncConnection, *, on: date) -> OwnDay:
    """One of the organisation's own days; 404 when it has not decided about it."""
    found = await find_own_day(conn, on)
    if found is None:
        raise Refusal("not-found", noun="calendar override", what=on)
    return found


async def find_own_day(conn: AsyncConnection, on: date) -> OwnDay | None:
    """One of the organisation's own days, if it has decided about it."""
    row = (await conn.execute(select(calendar_overrides).where(calendar_overrides.c.on == on))).one_or_none()
    return OwnDay(**row._mapping) if row else None
