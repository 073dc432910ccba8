"""How many are planned at any time of a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from shared.contracts.roster import Cell

STEP = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfHour:
    """How many are planned from `starts_at` for half an hour; `required_count` is the team's minimum, if it has one."""

    starts_at: datetime
    planned_count: int
    required_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One day of a team without one agent: how many others are planned, in all and while the agent would be.

    `on_leave_count`: others with approved leave that day. `short`: fewer than required at some time.
    """

    on: date
    agent_planned: bool
    planned_count: int
    on_leave_count: int
    short: bool
    intervals: tuple[HalfHour, ...]


def headcount(others: Iterable[Cell], own: Cell | None, required: Iterable[Required] = ()) -> tuple[HalfHour, ...]:
    """How many others are planned in each half hour of one's own shift: those who are there for all of it."""
    if own is None or own.starts_at is None or own.ends_at is None:
        return ()
    hours = [(cell.starts_at, cell.ends_at) for cell in others if cell.starts_at and cell.ends_at]
    needs = tuple(required)
    return tuple(
        HalfHour(
            starts_at=starts_at,
            planned_count=sum(begins <= starts_at and ends_at <= ends for begins, ends in hours),
            required_count=_most(needs, starts_at, ends_at),
        )
        for starts_at, ends_at in _steps(own.starts_at, own.ends_at)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Required:
    """How many are needed between two instants."""

    starts_at: datetime
    ends_at: datetime
    count: int


def _most(needs: Iterable[Required], starts_at: datetime, ends_at: datetime) -> int | None:
    return max((one.count for one in needs if one.starts_at < ends_at and starts_at < one.ends_at), default=None)


def _steps(starts_at: datetime, ends_at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Half hours of the UTC clock from a start to an end; the first and last may be shorter."""
    here = starts_at.astimezone(UTC)
    while here < ends_at:
        into = timedelta(minutes=here.minute % 30, seconds=here.second, microseconds=here.microsecond)
        after = min(here - into + STEP, ends_at)
        yield here, after
        here = after
