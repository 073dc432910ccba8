"""Whether enough agents are at work at every moment of the intervals that a team has to man."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from services.roster.domain.line import Line
from services.roster.domain.team import Headcount


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortage:
    """The worst stretch of an interval, in local time: how many were `found` at work, of the `minimum`."""

    on: date
    starts: datetime
    ends: datetime
    found: int
    minimum: int


def shortages(needs: Sequence[Headcount], lines: Iterable[Line], now: datetime, zone: ZoneInfo) -> Iterator[Shortage]:
    """Intervals not yet over in which fewer are at work than needed, on the days that the lines have."""
    if not needs:
        return
    days: set[date] = set()
    spans: Counter[tuple[datetime, datetime]] = Counter()
    for line in lines:
        days.update(line)
        spans.update((cell.starts_at, cell.ends_at) for cell in line.values() if cell.starts_at and cell.ends_at)
    for on in sorted(days):
        for need in needs:
            if on.isoweekday() in need.weekdays:
                yield from _shortage(need, on, spans, now, zone)


def _shortage(
    need: Headcount, on: date, spans: Counter[tuple[datetime, datetime]], now: datetime, zone: ZoneInfo
) -> Iterator[Shortage]:
    starts, ends = interval_of(need, on, zone)
    if ends <= now:
        return
    at_work = [
        (max(start, starts), min(end, ends), agents)
        for (start, end), agents in spans.items()
        if start < ends and starts < end
    ]
    marks = sorted({starts, ends, *(start for start, _, _ in at_work), *(end for _, end, _ in at_work)})
    stretches = [
        (sum(agents for start, end, agents in at_work if start <= first and second <= end), first, second)
        for first, second in pairwise(marks)
    ]
    found, first, second = min(stretches)
    if found < need.agents:
        local = (first.astimezone(zone), second.astimezone(zone))
        yield Shortage(on=on, starts=local[0], ends=local[1], found=found, minimum=need.agents)


def interval_of(need: Headcount, on: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when until when a need holds on a day."""
    ends_on = on if need.ends > need.starts else on + timedelta(days=1)
    return _instant(on, need.starts, zone), _instant(ends_on, need.ends, zone)


def _instant(on: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, at, zone).astimezone(UTC)
