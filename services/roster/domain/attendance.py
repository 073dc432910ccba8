"""Settling a shift: what was planned, what the agent answers for, what they did, and whose cause a difference is.

The deviation is measured against the planned shift; the cause follows the accountable one. Punches count as a set:
their order of arrival and repetition change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.contracts.roster import Cell

Interval = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, order=True)
class Punch:
    """Somebody came (`in`) or went (`out`)."""

    at: datetime
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is known about the change that asked for the planned shift."""

    state: str
    late_notice: bool = False
    reached: bool = False
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Deviation:
    """How a shift was not worked as it stands, with whole minutes."""

    kind: str
    minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A settled shift. An excused one names the leave or correction behind it."""

    came_at: datetime | None
    went_at: datetime | None
    deviation: str
    deviation_minutes: int
    cause: str | None
    scheduled_seconds: int
    worked_seconds: int
    leave_id: UUID | None = None
    correction_id: UUID | None = None


def settle(
    planned: Cell | None,
    accountable: Cell | None,
    punches: Iterable[Punch],
    notice: Notice | None = None,
    *,
    at_work: Sequence[Interval] = (),
    tolerance_minutes: int = 5,
) -> Outcome:
    """Judge one agent's day. `punches` are those that belong to it (`punch_window` tells which).

    `at_work` is what agent states say (in order); it counts where nobody punched.
    """
    ordered = sorted(set(punches))
    worked = there(ordered, at_work, planned, accountable)
    deviation = against_plan(planned, accountable, worked, tolerance_minutes)
    hours = _hours(planned)
    return Outcome(
        came_at=_first(ordered) if ordered else next((start for start, _ in worked), None),
        went_at=_last(ordered) if ordered else next((end for _, end in reversed(worked)), None),
        deviation=deviation.kind,
        deviation_minutes=deviation.minutes,
        cause=cause(deviation, accountable, worked, notice, agreed=planned == accountable, tolerance=tolerance_minutes),
        scheduled_seconds=_seconds(hours),
        worked_seconds=_overlap(worked, hours),
    )


def there(
    punches: Sequence[Punch], at_work: Sequence[Interval], planned: Cell | None, accountable: Cell | None
) -> list[Interval]:
    """When somebody was there: by their punches (in order), or by their states where they never punched."""
    return presence(punches, [cell for cell in (planned, accountable) if cell]) if punches else list(at_work)


def _first(ordered: Sequence[Punch]) -> datetime | None:
    return next((punch.at for punch in ordered if punch.kind == "in"), None)


def _last(ordered: Sequence[Punch]) -> datetime | None:
    return next((punch.at for punch in reversed(ordered) if punch.kind == "out"), None)


def presence(ordered: Sequence[Punch], cells: Sequence[Cell]) -> list[Interval]:
    """When somebody was there. The first `in` opens, the next `out` closes.

    A forgotten punch is no deviation: an `in` without `out` lasts to the end of the shift that starts nearest to it, an
    `out` without `in` began with the shift that ends nearest to it.
    """
    intervals: list[Interval] = []
    came: datetime | None = None
    for punch in ordered:
        if punch.kind == "in":
            came = came or punch.at
        elif came:
            intervals.append((came, punch.at))
            came = None
        elif not intervals and (start := _nearest_start(punch.at, cells)):
            intervals.append((min(start, punch.at), punch.at))
    if came:
        intervals.append((came, max(came, _nearest_end(came, cells) or came)))
    return intervals


def against_plan(
    planned: Cell | None, accountable: Cell | None, worked: Sequence[Interval], tolerance: int
) -> Deviation:
    """The deviation from the plan; `wrong_shift` when the agent was there for other hours than the planned ones."""
    deviation = against(planned, worked, tolerance)
    if deviation.kind in ("none", "unscheduled") or not worked:
        return deviation
    hours, other = _hours(planned), _hours(accountable)
    elsewhere = _overlap(worked, other) > _overlap(worked, hours) if other and other != hours else False
    if deviation.kind == "absent" or elsewhere:
        return Deviation("wrong_shift", (_seconds(hours) - _overlap(worked, hours)) // 60)
    return deviation


def against(cell: Cell | None, worked: Sequence[Interval], tolerance: int) -> Deviation:
    """How far what was worked is from one shift; of coming late and leaving early the longer one counts."""
    hours = _hours(cell)
    if hours is None:
        total = sum(_seconds(interval) for interval in worked)
        return Deviation("unscheduled", total // 60) if worked else Deviation("none")
    if not _overlap(worked, hours):
        return Deviation("absent", _seconds(hours) // 60)
    late = _minutes(worked[0][0] - hours[0])
    early = _minutes(hours[1] - worked[-1][1])
    if max(late, early) <= tolerance:
        return Deviation("none")
    return Deviation("late", late) if late >= early else Deviation("left_early", early)


def cause(
    deviation: Deviation,
    accountable: Cell | None,
    worked: Sequence[Interval],
    notice: Notice | None,
    *,
    agreed: bool,
    tolerance: int,
) -> str | None:
    """Whose cause a deviation is; none without one. `agreed`: the planned shift is the one they confirmed.

    `agent` when they did not work what they had confirmed; else `system` when the notice of the new plan never reached
    them, else `management`. Late for a shift confirmed at late notice is management's: there was no fair time to come.
    """
    if deviation.kind == "none":
        return None
    own = against(accountable, worked, tolerance)
    failings = {"absent"} if deviation.kind in ("wrong_shift", "unscheduled") else {"late", "left_early", "absent"}
    hurried = agreed and own.kind == "late" and notice is not None and notice.late_notice
    if own.kind in failings and not hurried:
        return "agent"
    never_told = not agreed and notice is not None and notice.failed and not notice.reached
    return "system" if never_told else "management"


def span_of(cells: Iterable[Cell]) -> Interval | None:
    """From the first start to the last end of a day's cells; none without hours."""
    hours = [found for cell in cells if (found := _hours(cell))]
    return (min(one[0] for one in hours), max(one[1] for one in hours)) if hours else None


def _hours(cell: Cell | None) -> Interval | None:
    return (cell.starts_at, cell.ends_at) if cell and cell.starts_at and cell.ends_at else None


def _nearest_start(went: datetime, cells: Sequence[Cell]) -> datetime | None:
    hours = [found for cell in cells if (found := _hours(cell))]
    return min(hours, key=lambda one: abs(one[1] - went))[0] if hours else None


def _nearest_end(came: datetime, cells: Sequence[Cell]) -> datetime | None:
    hours = [found for cell in cells if (found := _hours(cell))]
    return min(hours, key=lambda one: abs(one[0] - came))[1] if hours else None


def _overlap(worked: Iterable[Interval], hours: Interval | None) -> int:
    if hours is None:
        return 0
    return sum(max(0, _seconds((max(one[0], hours[0]), min(one[1], hours[1])))) for one in worked)


def _seconds(interval: Interval | None) -> int:
    return int((interval[1] - interval[0]).total_seconds()) if interval else 0


def _minutes(delta: timedelta) -> int:
    return int(delta.total_seconds() // 60)
