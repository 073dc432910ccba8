"""Working time: official Chinese holidays and make-up days, an organisation's own rules, windows in a time zone.

Pure functions over data. The official calendar is known for announced years only; for others the statutory days are a
guess without make-up days, and `is_provisional` says so. Holiday libraries load when first needed: they are large.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

SEARCH_DAYS = 3660
"""How far ahead working time is looked for."""

_DAY = timedelta(days=1)
_CHINESE = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利70周年纪念日",
}


class Kind(Enum):
    """What the official calendar says of a day."""

    ORDINARY = "ordinary"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"


@dataclass(frozen=True, slots=True)
class OfficialDay:
    """A day in the official calendar; names are the holiday's that it belongs to, make-up days included."""

    on: date
    kind: Kind
    name_zh: str | None = None
    name_en: str | None = None
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """Working hours from `start` to `end` on the local clock; an end not after the start is on the next day."""

    start: time
    end: time


OFFICE_HOURS = (Window(time(9), time(18)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalendar:
    """When an organisation works.

    `windows` by weekday (0 is Monday). A make-up day whose weekday has none works `make_up` windows. `overrides` are
    the organisation's own: for a date, the windows worked, none for a day off. `holidays=False` works through holidays
    and knows no make-up days.
    """

    zone: str = "Asia/Shanghai"
    windows: Mapping[int, tuple[Window, ...]] = field(
        default_factory=lambda: MappingProxyType(dict.fromkeys(range(5), OFFICE_HOURS))
    )
    make_up: tuple[Window, ...] = OFFICE_HOURS
    overrides: Mapping[date, tuple[Window, ...]] = field(default_factory=lambda: MappingProxyType({}))
    holidays: bool = True


def is_working_day(calendar: WorkCalendar, on: date) -> bool:
    """Whether any working window begins on that local date."""
    return bool(windows_on(calendar, on))


def windows_on(calendar: WorkCalendar, on: date) -> tuple[Window, ...]:
    """The windows that begin on a local date."""
    if on in calendar.overrides:
        return calendar.overrides[on]
    regular = calendar.windows.get(on.weekday(), ())
    if not calendar.holidays:
        return regular
    kind = official_day(on).kind
    if kind is Kind.HOLIDAY:
        return ()
    return regular or (calendar.make_up if kind is Kind.MAKE_UP else ())


def add_working_time(calendar: WorkCalendar, start: datetime, seconds: float) -> datetime:
    """The first instant (UTC) by which `seconds` of working time have passed since `start`.

    Raises ValueError when they do not within ten years, or are negative.
    """
    if seconds < 0:
        raise ValueError("working time is added, not taken away")
    left = timedelta(seconds=seconds)
    if not left:
        return start.astimezone(UTC)
    for opens, closes in open_times(calendar, start, start + SEARCH_DAYS * _DAY):
        if opens + left <= closes:
            return opens + left
        left -= closes - opens
    raise ValueError(f"not enough working time within {SEARCH_DAYS} days")


def working_seconds_between(calendar: WorkCalendar, start: datetime, end: datetime) -> int:
    """Whole seconds of working time from `start` to `end`; 0 when the end is not after the start."""
    worked = timedelta()
    for opens, closes in open_times(calendar, start, end):
        worked += closes - opens
    return worked // timedelta(seconds=1)


def open_times(calendar: WorkCalendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Working intervals from `start` to `end`, cut there, in UTC, in order, each instant in one of them only."""
    until = start
    for opens, closes in _windows_between(calendar, start, end):
        piece = max(opens, until), min(closes, end)
        if piece[0] < piece[1]:
            yield piece[0], piece[1]
            until = piece[1]


def _windows_between(calendar: WorkCalendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Each window that begins on a day from `start` to `end` and ends after `start`, cut there, by its beginning."""
    zone = ZoneInfo(calendar.zone)
    first = start.astimezone(zone).date() - _DAY  # yesterday's night window may still run
    for number in range((end.astimezone(zone).date() - first).days + 1):
        on = first + number * _DAY
        spans = (_span(on, window, zone) for window in windows_on(calendar, on))
        yield from sorted((max(opens, start), closes) for opens, closes in spans if closes > start and opens < closes)


def _span(on: date, window: Window, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """A window on one date. A clock time that is skipped counts as so much later, one that comes twice as its first."""
    ends_on = on if window.end > window.start else on + _DAY
    opens = datetime.combine(on, window.start, zone)
    return opens.astimezone(UTC), datetime.combine(ends_on, window.end, zone).astimezone(UTC)


def is_provisional(on: date) -> bool:
    """Whether the official calendar of that year is not announced (or not known to us)."""
    first, last = _announced_years()
    return not first <= on.year <= last


@cache
def official_day(on: date) -> OfficialDay:
    """What the official Chinese calendar says of a day."""
    if is_provisional(on):
        return _guessed(on)
    import chinese_calendar  # noqa: PLC0415

    off, name = chinese_calendar.get_holiday_detail(on)
    if name is None:
        return OfficialDay(on, Kind.ORDINARY)
    return OfficialDay(on, Kind.HOLIDAY if off else Kind.MAKE_UP, _CHINESE.get(name, name), name)


def _guessed(on: date) -> OfficialDay:
    zh, en = _statutory(on.year, "zh_CN").get(on), _statutory(on.year, "en_US").get(on)
    return OfficialDay(on, Kind.HOLIDAY if zh else Kind.ORDINARY, zh, en, provisional=True)


@cache
def _statutory(year: int, language: str) -> Any:
    import holidays  # noqa: PLC0415

    return holidays.country_holidays("CN", years=year, language=language)


@cache
def _announced_years() -> tuple[int, int]:
    from chinese_calendar.constants import holidays  # noqa: PLC0415

    years = {day.year for day in holidays}
    return min(years), max(years)
