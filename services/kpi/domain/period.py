"""Of which time a metric is asked, and in which steps: days, weeks and months of any IANA zone, in exact instants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, available_timezones

from services.kpi.domain.fact import BUCKET_MINUTES
from shared.contracts.refusal import Fault, Refusal

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
HOME_ZONE = "Asia/Shanghai"
"""Whose days are meant where nobody says otherwise."""
MOST_STEPS = 10_000
BUCKET, HOUR = timedelta(minutes=BUCKET_MINUTES), timedelta(hours=1)


class Grain(StrEnum):
    """The steps of a series. `shift_day` puts a fact on the day of its shift, the others on the clock's."""

    QUARTER_HOUR = "15m"
    HOUR = "hour"
    DAY = "day"
    SHIFT_DAY = "shift_day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """From `starts[0]` until before `end` (UTC), cut into the steps that begin at `starts`; one step without a grain.

    `days` are the steps' local days (none for a grain below a day). `last_on` is the last day of a period of whole
    local days, none for any other. `own_days`: they are meant as the days that facts call theirs, whatever their zone.
    `step_seconds` is how long every step lasts, as hours do nearly everywhere; none where they differ.
    """

    zone: str
    grain: Grain | None
    starts: tuple[datetime, ...]
    end: datetime
    days: tuple[date, ...] = ()
    last_on: date | None = None
    own_days: bool = False
    step_seconds: int | None = None

    @property
    def by_shift(self) -> bool:
        """Whether facts of shifts count by the day of their shift."""
        return self.grain is Grain.SHIFT_DAY

    @property
    def months(self) -> tuple[date, ...]:
        """The first days of the months that lie whole within it, where no step is shorter than a month."""
        if self.last_on is None or self.grain not in (None, Grain.MONTH):
            return ()
        month, found = self.days[0].replace(day=1), []
        if month < self.days[0]:
            month = first_of_next_month(month)
        while (after := first_of_next_month(month)) <= self.last_on + timedelta(days=1):
            found.append(month)
            month = after
        return tuple(found)

    @property
    def of_whole_months(self) -> bool:
        """Whether it is made of whole months, with no days around them."""
        months = self.months
        if not months:
            return False
        return (months[0], first_of_next_month(months[-1]) - timedelta(days=1)) == (self.days[0], self.last_on)

    @property
    def start(self) -> datetime:
        """The first instant."""
        return self.starts[0]


@lru_cache(maxsize=8)
def period(from_: date | datetime | None, to: date | datetime | None, zone: str, grain: Grain | None) -> Period:
    """What is asked. Dates are local days, the last one included; times are instants, the last one excluded.

    Refuses with `zone-unknown`, `time-off-quarter`, `period-empty`, `period-open`, `shift-days-need-dates` or
    `too-many-points`. A page asks many things of the same period: the last few are remembered.
    """
    require_zone(zone)
    given = {"from": from_, "to": to}
    if grain and (absent := [name for name, when in given.items() if when is None]):
        raise Refusal("period-open", fields=absent)
    if grain is Grain.SHIFT_DAY and (times := [name for name, when in given.items() if isinstance(when, datetime)]):
        raise Refusal("shift-days-need-dates", fields=times)
    place = ZoneInfo(zone)
    start, end = _start(from_ or FIRST_DAY, place), _end(to or LAST_DAY, place)
    if start >= end:
        raise Refusal("period-empty", fields=("from", "to"))
    starts = tuple(islice(_steps(start, end, grain, place), MOST_STEPS + 1)) if grain else (start,)
    if len(starts) > MOST_STEPS:
        raise Refusal("too-many-points", fields=("from", "to", "grain"), most=MOST_STEPS)
    fine = grain in (Grain.QUARTER_HOUR, Grain.HOUR)
    days = () if fine else tuple(at.astimezone(place).date() for at in starts)
    whole = not (fine or isinstance(from_, datetime) or isinstance(to, datetime))
    last_on = (to or LAST_DAY) if whole else None
    return Period(zone, grain, starts, end, days, last_on, step_seconds=_length((*starts, end)))


def _length(boundaries: Sequence[datetime]) -> int | None:
    lengths = {later - earlier for earlier, later in pairwise(boundaries)}
    return int(lengths.pop().total_seconds()) if len(lengths) == 1 else None


def day_at_home(at: datetime) -> date:
    """The day that it is at home at an instant."""
    return at.astimezone(ZoneInfo(HOME_ZONE)).date()


def require_zone(zone: str) -> None:
    """Refuses with `zone-unknown` what is no IANA zone."""
    if zone not in _zones():
        raise Refusal("zone-unknown", faults=(Fault("tz", "zone-unknown", {"zone": zone}),), zone=zone)


def _start(from_: date | datetime, zone: ZoneInfo) -> datetime:
    return _instant("from", from_) if isinstance(from_, datetime) else _midnight(from_, zone)


def _end(to: date | datetime, zone: ZoneInfo) -> datetime:
    return _instant("to", to) if isinstance(to, datetime) else _midnight(to + timedelta(days=1), zone)


def _instant(field: str, at: datetime) -> datetime:
    """Quarter hours are the finest that is kept; a time between two would make a number that does not open."""
    at = at.astimezone(UTC)
    if at.minute % BUCKET_MINUTES or at.second or at.microsecond:
        raise Refusal("time-off-quarter", faults=(Fault(field, "time-off-quarter", {}),))
    return at


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day; where the clock skips midnight, the moment it jumps."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def _steps(start: datetime, end: datetime, grain: Grain, zone: ZoneInfo) -> Iterator[datetime]:
    following, at = NEXT[grain], start
    while at < end:
        yield at
        at = following(at, zone)


def _next_hour(at: datetime, zone: ZoneInfo) -> datetime:
    past = at.astimezone(zone).minute
    return at + (timedelta(minutes=60 - past) if past else HOUR)


def _next_day(at: datetime, zone: ZoneInfo) -> datetime:
    return _midnight(at.astimezone(zone).date() + timedelta(days=1), zone)


def _next_week(at: datetime, zone: ZoneInfo) -> datetime:
    day = at.astimezone(zone).date()
    return _midnight(day + timedelta(days=7 - day.weekday()), zone)


def _next_month(at: datetime, zone: ZoneInfo) -> datetime:
    return _midnight(first_of_next_month(at.astimezone(zone).date()), zone)


NEXT: Mapping[Grain, Callable[[datetime, ZoneInfo], datetime]] = {
    Grain.QUARTER_HOUR: lambda at, _: at + BUCKET,
    Grain.HOUR: _next_hour,
    Grain.DAY: _next_day,
    Grain.SHIFT_DAY: _next_day,
    Grain.WEEK: _next_week,
    Grain.MONTH: _next_month,
}
"""Where the next step begins."""


def first_of_next_month(day: date) -> date:
    """The first day of the month after a day's."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
