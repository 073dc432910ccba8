"""Shift codes, and what a cell of the sheet means on a day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.roster.domain.spelling import by_spelling, folded
from shared.contracts.refusal import Fault, Refusal
from shared.contracts.roster import Cell

_TIMES = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})|(\d{2})(\d{2})-(\d{2})(\d{2})")
_SAME = str.maketrans(
    {"\uff1a": ":"}
    | dict.fromkeys(" \u3000\u6b21\u7fcc\u65e5", "")
    | dict.fromkeys("~\uff5e\uff0d\u2013\u2014\u81f3\u5230", "-")
)
"""Full-width and other spellings: ：～－–—至到; 次日 and 翌日 (the next day) are said by the times themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A pause within a shift, in local time."""

    starts: time
    ends: time


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftCode:
    """One code of the sheet; without times it is a day off. It crosses midnight when it ends no later than it starts.

    A code of a team goes before the house's code of the same name.
    """

    code_id: UUID
    code: str
    name: str
    team_id: UUID | None = None
    starts: time | None = None
    ends: time | None = None
    breaks: tuple[Break, ...] = ()
    version: int = 1
    updated_at: datetime


def code_from(record: Any) -> ShiftCode:
    """A code from its stored record."""
    return ShiftCode(**{**record, "breaks": tuple(_break_from(one) for one in record["breaks"])})


def _break_from(raw: Mapping[str, str]) -> Break:
    return Break(starts=time.fromisoformat(raw["starts"]), ends=time.fromisoformat(raw["ends"]))


def breaks_json(code: ShiftCode) -> list[dict[str, str]]:
    """Breaks in their stored form."""
    return [{"starts": f"{one.starts:%H:%M}", "ends": f"{one.ends:%H:%M}"} for one in code.breaks]


def require_sound(code: ShiftCode) -> None:
    """Both times or none; breaks within the shift; not a text that reads as explicit times."""
    faults = []
    if (code.starts is None) != (code.ends is None):
        faults.append(Fault("ends" if code.ends is None else "starts", "shift-times-incomplete", {}))
    elif not all(_within(code, one) for one in code.breaks):
        faults.append(Fault("breaks", "break-outside-shift", {}))
    if explicit_times(code.code):
        faults.append(Fault("code", "shift-code-reads-as-times", {}))
    if faults:
        raise Refusal("invalid-value", faults=tuple(faults))


def _within(code: ShiftCode, pause: Break) -> bool:
    if code.starts is None or code.ends is None:
        return False
    return (
        _minutes_after(code.starts, pause.starts)
        < _minutes_after(code.starts, pause.ends)
        <= _length(code.starts, code.ends)
    )


def _length(starts: time, ends: time) -> int:
    return _minutes_after(starts, ends) or 24 * 60


def _minutes_after(start: time, moment: time) -> int:
    return ((moment.hour - start.hour) * 60 + moment.minute - start.minute) % (24 * 60)


def explicit_times(text: str) -> tuple[time, time] | None:
    """Start and end of a cell such as `09:30-18:00`; none when it is not of that form."""
    found = _TIMES.fullmatch(text.translate(_SAME))
    if not found:
        return None
    hours = [int(part) for part in found.groups() if part]
    if hours[2:] == [24, 0]:
        hours[2] = 0
    if hours[0] > 23 or hours[2] > 23 or hours[1] > 59 or hours[3] > 59:
        return None
    return time(hours[0], hours[1]), time(hours[2], hours[3])


def normal(text: str) -> str:
    """A cell's text in its one spelling: ` 9:30~18:00 ` is `09:30-18:00`."""
    times = explicit_times(text)
    return f"{times[0]:%H:%M}-{times[1]:%H:%M}" if times else text.strip()


def _break_minutes(code: ShiftCode) -> int:
    return sum(_minutes_after(one.starts, one.ends) for one in code.breaks)


class Codebook:
    """What the cells of one team's sheet mean. Cells of the same text and day are one object.

    `break_minutes`: how much of each code's hours is no work.
    """

    def __init__(self, codes: Iterable[ShiftCode], zone: ZoneInfo) -> None:
        own_last = sorted(codes, key=lambda code: code.team_id is not None)
        self._times = {code.code: (code.starts, code.ends) for code in own_last}
        self.break_minutes = {code.code: _break_minutes(code) for code in own_last}
        self._zone = zone
        self._spellings = by_spelling(self._times)
        self._known: dict[tuple[str, date], Cell | None] = {}

    def spelled(self, text: str) -> str | None:
        """A cell's text in its one spelling, however it is typed; none when it is no code and no times."""
        if text in self._times:
            return text
        return normal(text) if explicit_times(text) else self._spellings.get(folded(text))

    def knows(self, text: str) -> bool:
        """Whether a cell's text is a code or explicit times."""
        return text in self._times or explicit_times(text) is not None

    def cell(self, text: str, on: date) -> Cell | None:
        """The cell with its instants; none for an unknown code."""
        key = (text, on)
        if key not in self._known:
            self._known[key] = self._made(text, on)
        return self._known[key]

    def text_for(self, cell: Cell, on: date) -> str:
        """What to write into the sheet so that it means this cell, should its code mean something else by now."""
        if self.cell(cell.code, on) == cell or cell.starts_at is None or cell.ends_at is None:
            return cell.code
        return f"{cell.starts_at.astimezone(self._zone):%H:%M}-{cell.ends_at.astimezone(self._zone):%H:%M}"

    def _made(self, text: str, on: date) -> Cell | None:
        starts, ends = self._times.get(text) or explicit_times(text) or (None, None)
        if starts is None or ends is None:
            return Cell(code=text) if text in self._times else None
        ends_on = on if ends > starts else on + timedelta(days=1)
        return Cell(code=text, starts_at=self._instant(on, starts), ends_at=self._instant(ends_on, ends))

    def _instant(self, on: date, at: time) -> datetime:
        return datetime.combine(on, at, self._zone).astimezone(UTC)
