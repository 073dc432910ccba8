"""Quiet hours: when a person does not want to be disturbed, in their own zone, also across midnight."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from services.notify.domain.local_time import zone_of


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` until `end` on the person's wall clock every day; `22:00`-`07:00` runs across midnight."""

    start: time
    end: time
    zone: str

    def ends_after(self, now: datetime) -> datetime | None:
        """When the quiet hours that `now` lies in are over; none outside of them.

        The wall clock decides, so a night in which clocks change is quiet for an hour more or less. A time that the
        clocks skip is read with the offset before the jump; of one that comes twice the first counts.
        """
        zone = zone_of(self.zone)
        local = now.astimezone(zone)
        for days_ago in (0, 1):
            begins_on = local.date() - timedelta(days=days_ago)
            ends_on = begins_on + timedelta(days=int(self.end <= self.start))
            begins = datetime.combine(begins_on, self.start, zone).astimezone(UTC)
            ends = datetime.combine(ends_on, self.end, zone).astimezone(UTC)
            if begins <= now < ends:
                return ends
        return None


def held_until(quiet: QuietHours | None, deadline: datetime | None, now: datetime) -> datetime | None:
    """Until when a message is held back; none when it goes now.

    What belongs to a question goes now when waiting would pass that question's deadline (in UTC, like `now`).
    """
    ends = quiet.ends_after(now) if quiet else None
    if ends is None or (deadline is not None and ends >= deadline):
        return None
    return ends
