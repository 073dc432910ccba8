"""By when a shift change is to be confirmed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.roster.domain.team import TeamSettings
from shared.contracts.roster import DayChange

_NEXT_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """`late_notice`: less than the team's minimum notice is left before the first affected start."""

    confirm_by: datetime
    first_start_at: datetime
    late_notice: bool


def deadline(
    days: Iterable[DayChange], settings: TeamSettings, within: timedelta, now: datetime, zone: ZoneInfo
) -> Deadline:
    """The earlier of publication + `within` and first affected start - minimum notice, moved back out of quiet hours.

    Moving back stops at `now`: where the quiet hours' beginning has passed, the deadline stays inside them. With less
    than the minimum notice left, the first affected start itself is the deadline.
    """
    first = first_start(days, now, zone)
    latest = first - timedelta(minutes=settings.min_notice_minutes)
    if latest <= now:
        return Deadline(confirm_by=first, first_start_at=first, late_notice=True)
    wanted = min(now + within, latest)
    before_quiet = _before_quiet_hours(wanted, settings, zone)
    return Deadline(confirm_by=before_quiet if before_quiet > now else wanted, first_start_at=first, late_notice=False)


def first_start(days: Iterable[DayChange], now: datetime, zone: ZoneInfo) -> datetime:
    """The first start yet to come, old or new: who is not told by then may come for nothing, or not at all.

    In a shift already running it is the next end; a day without hours lasts from its local midnight to the next. `days`
    come in order, and what belongs to a day starts on it, or after midnight: so nobody looks beyond the next day.
    """
    starts: list[datetime] = []
    ends: list[datetime] = []
    last = date.max
    for day in days:
        if day.on > last:
            break
        for start, end in _spans(day, zone):
            if start > now:
                starts.append(start)
                last = min(last, day.on + _NEXT_DAY)
            elif end > now:
                ends.append(end)
    return min(starts or ends, default=now)


def _spans(day: DayChange, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    found = [
        (cell.starts_at, cell.ends_at)
        for cell in (day.before, day.after)
        if cell is not None and cell.starts_at is not None and cell.ends_at is not None
    ]
    return found or [(_midnight(day.on, zone), _midnight(day.on + _NEXT_DAY, zone))]


@lru_cache(maxsize=10_000)
def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time(), zone).astimezone(UTC)


def _before_quiet_hours(moment: datetime, settings: TeamSettings, zone: ZoneInfo) -> datetime:
    local = moment.astimezone(zone)
    starts, ends, at = settings.quiet_from, settings.quiet_to, local.time()
    if starts == ends:
        return moment
    if starts < ends:
        return _at(local, starts) if starts < at <= ends else moment
    if at > starts:
        return _at(local, starts)
    return _at(local - timedelta(days=1), starts) if at <= ends and at < starts else moment


def _at(local: datetime, at: time) -> datetime:
    return datetime.combine(local.date(), at, local.tzinfo).astimezone(UTC)
