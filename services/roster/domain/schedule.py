"""What somebody was to do on a day, as adherence is measured against it: the version in force at each moment."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from services.roster.domain.adherence import Schedule
from services.roster.domain.attendance import Interval
from services.roster.domain.code import ShiftCode
from services.roster.domain.leave import Leave, without_leave
from shared.contracts.roster import Cell

IN_FORCE, EDITED = "in_force", "edited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A day's hours and breaks as one basis of measurement has them. Kept, so that a later change of a shift code
    does not change what was planned."""

    basis: str
    number: int | None
    code: str | None
    hours: tuple[Interval, ...] = ()
    breaks: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What one version plans for a day, from its publication on."""

    number: int | None
    since: datetime
    cell: Cell | None


def in_force(history: Sequence[Planned], breaks: Sequence[Interval]) -> Plan:
    """The plan made of versions (in order of publication, at least one), each valid until the next one."""
    ends = [later.since for _, later in pairwise(history)]
    hours = []
    for version, until in zip(history, [*ends, None], strict=True):
        if version.cell and version.cell.starts_at and version.cell.ends_at:
            start = max(version.cell.starts_at, version.since)
            end = min(version.cell.ends_at, until) if until else version.cell.ends_at
            hours += [(start, end)] if start < end else []
    last = history[-1]
    code = last.cell.code if last.cell else None
    return Plan(basis=IN_FORCE, number=last.number, code=code, hours=tuple(hours), breaks=tuple(breaks))


def edited(number: int, cell: Cell | None, breaks: Sequence[Interval]) -> Plan:
    """The plan of a version published when the day was over."""
    hours = ((cell.starts_at, cell.ends_at),) if cell and cell.starts_at and cell.ends_at else ()
    return Plan(basis=EDITED, number=number, code=cell.code if cell else None, hours=hours, breaks=tuple(breaks))


def breaks_of(code: ShiftCode | None, cell: Cell | None, on: date, zone: ZoneInfo) -> tuple[Interval, ...]:
    """The breaks of a day's cell by its shift code, as instants, those after midnight included."""
    if code is None or cell is None or code.starts is None or cell.starts_at is None or cell.ends_at is None:
        return ()
    found = []
    for pause in code.breaks:
        starts_on = on if pause.starts >= code.starts else on + timedelta(days=1)
        ends_on = starts_on if pause.ends > pause.starts else starts_on + timedelta(days=1)
        start = datetime.combine(starts_on, pause.starts, zone).astimezone(UTC)
        end = datetime.combine(ends_on, pause.ends, zone).astimezone(UTC)
        if cell.starts_at <= start < end <= cell.ends_at:
            found.append((start, end))
    return tuple(found)


def schedule_of(plan: Plan, on: date, leave: Iterable[Leave]) -> Schedule:
    """The plan as it is measured against: without what approved leave takes out of it."""
    away = [_away(one, plan) for one in leave if plan.hours and one.from_on <= on <= one.to_on]
    return Schedule(work=_left(plan.hours, away), breaks=_left(plan.breaks, away))


def _away(leave: Leave, plan: Plan) -> Interval:
    if leave.starts_at and leave.ends_at:
        return leave.starts_at, leave.ends_at
    return min(start for start, _ in plan.hours), max(end for _, end in plan.hours)


def _left(intervals: Sequence[Interval], away: Sequence[Interval]) -> list[Interval]:
    left = list(intervals)
    for gone_from, gone_to in away:
        parts = ((s, e) for start, end in left for s, e in ((start, min(end, gone_from)), (max(start, gone_to), end)))
        left = [(start, end) for start, end in parts if start < end]
    return left


def plan_json(plan: Plan) -> str:
    """A plan as stored."""
    return json.dumps(
        {
            "basis": plan.basis,
            "number": plan.number,
            "code": plan.code,
            "hours": [_seconds(one) for one in plan.hours],
            "breaks": [_seconds(one) for one in plan.breaks],
        },
        ensure_ascii=False,
    )


def plan_from(stored: str) -> Plan:
    """A plan from its stored form."""
    raw = json.loads(stored)
    spans = {name: tuple((_instant(start), _instant(end)) for start, end in raw[name]) for name in ("hours", "breaks")}
    return Plan(basis=raw["basis"], number=raw["number"], code=raw["code"], **spans)


def _seconds(interval: Interval) -> list[int]:
    return [int(interval[0].timestamp()), int(interval[1].timestamp())]


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def taken_away(
    leave: Leave, on: date, versions: Sequence[Planned], zone: ZoneInfo, code: str | None
) -> tuple[Cell, Cell | None] | None:
    """What the approval of leave made of a day: the shift before, and what was left of it; none when it left it be.

    `versions`: what the roster's versions planned for that day, in order.
    """
    for before, after in reversed([*pairwise(versions)]):
        if leave.decided_at is None or after.since < leave.decided_at or before.cell is None:
            continue
        left = without_leave(leave, on, before.cell, zone, code)
        if left != before.cell and left == after.cell:
            return before.cell, left
    return None
