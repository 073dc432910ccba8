"""Which day a punch or a state belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.roster.domain.attendance import Interval, span_of
from services.roster.domain.shift import Shift

REACH = timedelta(hours=6)
"""How long before the first start and after the last end a punch still belongs to a shift, unless another is nearer."""

NEIGHBOURS = timedelta(days=2)
"""How far away a day can be and still share a window's border: a night shift ends on the next day."""

Days = Mapping[date, Shift]


def punch_window(on: date, days: Days, zone: ZoneInfo) -> Interval:
    """From when (included) until when (excluded) punches belong to a day.

    Around a shift: within reach, and nearer to it than to the shifts before and after. On a day without one: from local
    midnight to midnight, less what is within reach of the neighbours.
    """
    span = _span(on, days)
    before = _first(days, [on - timedelta(days=1), on - NEIGHBOURS])
    after = _first(days, [on + timedelta(days=1), on + NEIGHBOURS])
    if span is None:
        starts, ends = _midnight(on, zone), _midnight(on + timedelta(days=1), zone)
        return max(starts, before[1] + REACH) if before else starts, min(ends, after[0] - REACH) if after else ends
    starts, ends = span[0] - REACH, span[1] + REACH
    return (
        max(starts, _middle(before[1], span[0])) if before else starts,
        min(ends, _middle(span[1], after[0])) if after else ends,
    )


def days_touched(starts_at: datetime, ends_at: datetime, days: Days, zone: ZoneInfo) -> list[date]:
    """The days whose windows a span of time touches; of an instant (both the same) its day, if it has one."""
    first, last = starts_at.astimezone(zone).date(), ends_at.astimezone(zone).date()
    candidates = [first + timedelta(days=number) for number in range(-1, (last - first).days + 2)]
    found = []
    for on in candidates:
        opens, closes = punch_window(on, days, zone)
        if starts_at < closes and (ends_at > opens or starts_at >= opens):
            found.append(on)
    return found


def _span(on: date, days: Days) -> Interval | None:
    return span_of(days[on].cells) if on in days else None


def _first(days: Days, wanted: list[date]) -> Interval | None:
    return next((span for on in wanted if (span := _span(on, days))), None)


def _middle(earlier: datetime, later: datetime) -> datetime:
    return earlier + (later - earlier) / 2


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time(), zone)
