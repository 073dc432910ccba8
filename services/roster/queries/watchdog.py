"""Roster's open loops and the timers that move them, for the watchdog."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain import swap
from services.roster.domain.change import OPEN, UNRESOLVED
from services.roster.tables import (
    attendance_corrections,
    kernel,
    leave_requests,
    open_shifts,
    shift_changes,
    shifts,
    swaps,
)
from shared.platform.watchdog import Kept, LoopWatch
from shared.platform.watchdog import watch as watch_loops

_ASKED = shift_changes.alias()
_OF_PUBLICATION = select(_ASKED.c.change_id).where(
    _ASKED.c.roster_id == shift_changes.c.roster_id, _ASKED.c.number == shift_changes.c.number
)
"""The changes of one publication: its reminder stands under the first of them."""

_OPEN: dict[str, Kept] = {
    "unanswered_change": Kept(shift_changes.c.change_id, shift_changes.c.state.in_(OPEN), "expire_change"),
    "undecided_change": Kept(
        shift_changes.c.change_id,
        shift_changes.c.state.in_(UNRESOLVED) & shift_changes.c.resolution.is_(None),
        "chase_unresolved",
        _OF_PUBLICATION.correlate(shift_changes).scalar_subquery(),
    ),
    "leave_request": Kept(leave_requests.c.leave_id, leave_requests.c.state == "requested", "chase_leave"),
    "correction": Kept(
        attendance_corrections.c.correction_id, attendance_corrections.c.state == "requested", "chase_correction"
    ),
    "swap": Kept(swaps.c.swap_id, swaps.c.state.in_(swap.OPEN), "lapse_swap"),
    "open_shift": Kept(open_shifts.c.open_shift_id, open_shifts.c.state == "open", "lapse_open_shift"),
    "unsettled_shifts": Kept(shifts.c.settlement_id, shifts.c.settlement_id.is_not(None), "settle_shifts"),
}


async def watch(conn: AsyncConnection, *, now: datetime) -> LoopWatch:
    """Look at every open loop of roster and every timer."""
    return await watch_loops(conn, kernel, _OPEN, now=now)
