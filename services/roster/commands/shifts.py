"""Keeping shifts together with the timers that settle them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from services.roster.domain.shift import Shift, settles_at
from services.roster.store import shifts as store
from shared.platform.ids import stable_id
from shared.platform.timers import Timer, set_timers
from shared.platform.work import Work

SETTLEMENT = "settle_shifts"


async def keep_shifts(work: Work, shifts: Iterable[Shift], grace: timedelta, *, new: bool = False) -> None:
    """Store days; those of a team that end at the same instant share one settlement and its timer.

    `new`: none of them was there just now.
    """
    await keep_until(work, ((shift, settles_at(shift, grace)) for shift in shifts), new=new)


async def keep_until(work: Work, shifts: Iterable[tuple[Shift, datetime | None]], *, new: bool = False) -> None:
    """Store days to be settled at given instants (none: never)."""
    timers: dict[tuple[UUID, datetime], UUID] = {}

    def settling() -> Iterator[tuple[Shift, UUID | None]]:
        for shift, at in shifts:
            if at is None:
                yield shift, None
                continue
            key = (shift.team_id, at)
            if key not in timers:
                timers[key] = stable_id("settlement", *key)
            yield shift, timers[key]

    await store.save_shifts(work.conn, settling(), new=new)
    await set_timers(work, [Timer(kind=SETTLEMENT, subject_id=one, due_at=at) for (_, at), one in timers.items()])
