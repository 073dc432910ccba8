"""One agent's day: what is planned beside what they answer for.

The planned cell is what was published last. The accountable cell is what the agent confirmed last; nothing but a
confirmation moves it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.contracts.roster import Cell, DayChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A day of an agent. `change_id` is the shift change that asked about the planned cell."""

    agent_id: UUID
    on: date
    team_id: UUID
    roster_id: UUID | None = None
    planned: Cell | None = None
    planned_number: int | None = None
    accountable: Cell | None = None
    accountable_number: int | None = None
    change_id: UUID | None = None

    @property
    def agreed(self) -> bool:
        """Whether the agent answers for exactly what is planned."""
        return self.planned == self.accountable

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Its cells, without the empty ones."""
        return tuple(cell for cell in (self.planned, self.accountable) if cell)


def asked(shift: Shift, change_id: UUID) -> Shift:
    """A shift change asks the agent about the day."""
    return shift if shift.change_id == change_id else replace(shift, change_id=change_id)


def confirmed(shift: Shift) -> Shift:
    """The agent said yes: they answer for what is planned."""
    return replace(shift, accountable=shift.planned, accountable_number=shift.planned_number)


def taken_back(shift: Shift) -> Shift:
    """The change was withdrawn: the agent is planned for what they had confirmed."""
    return replace(shift, planned=shift.accountable, planned_number=shift.accountable_number)


def is_same(one: Cell | None, other: Cell | None) -> bool:
    """Whether two cells say the same: quicker than `==` where one is nothing, or both are one object."""
    return one is other or (one is not None and other is not None and one == other)


def is_over(on: date, cells: Iterable[Cell | None], now: datetime, zone: ZoneInfo) -> bool:
    """Whether a day can no longer be changed: all its hours have passed, or (without hours) the day itself."""
    today = local_date(now, zone)
    if on > today:
        return False
    has_hours = False
    for cell in cells:
        if cell is not None and cell.ends_at is not None:
            if cell.ends_at > now:
                return False
            has_hours = True
    return has_hours or on < today


@lru_cache(maxsize=64)
def local_date(now: datetime, zone: ZoneInfo) -> date:
    """The day of an instant. Asked for every day of a roster with the same `now`."""
    return now.astimezone(zone).date()


def open_question(shifts: Iterable[Shift], now: datetime, zone: ZoneInfo) -> tuple[DayChange, ...]:
    """What an agent has yet to be asked: the days to come where the plan is not what they confirmed."""
    today = local_date(now, zone)
    return tuple(
        [
            DayChange(on=shift.on, before=shift.accountable, after=shift.planned)
            for shift in sorted(shifts, key=attrgetter("on"))
            if not is_same(shift.planned, shift.accountable)
            and (shift.on > today or not is_over(shift.on, (shift.planned, shift.accountable), now, zone))
        ]
    )


def settles_at(shift: Shift, grace: timedelta) -> datetime | None:
    """When the day is judged: after the last end of what is planned or answered for; never without hours."""
    planned, accountable = shift.planned, shift.accountable
    end = planned.ends_at if planned else None
    other = accountable.ends_at if accountable else None
    if other is not None and (end is None or other > end):
        end = other
    return None if end is None else end + grace


def day_ends_at(on: date, zone: ZoneInfo) -> datetime:
    """Local midnight after a day: when work that nobody planned is judged."""
    return datetime.combine(on + timedelta(days=1), time(), zone)


def shift_from(record: Any) -> Shift:
    """A day from its stored record."""
    return Shift(
        agent_id=record["agent_id"],
        on=record["shift_on"],
        team_id=record["team_id"],
        roster_id=record["roster_id"],
        planned=_cell(record, "planned"),
        planned_number=record["planned_number"],
        accountable=_cell(record, "accountable"),
        accountable_number=record["accountable_number"],
        change_id=record["change_id"],
    )


def _cell(record: Any, side: str) -> Cell | None:
    if record[f"{side}_code"] is None:
        return None
    return Cell(code=record[f"{side}_code"], starts_at=record[f"{side}_starts_at"], ends_at=record[f"{side}_ends_at"])
