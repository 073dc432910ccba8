"""Reading a supervisor's own sheet: one row per agent, one column per day, Chinese or English headers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from services.roster.domain.agent import Agent
from services.roster.domain.code import Codebook, normal

Value = date | str
"""A cell as read: a date, or its text (empty when blank)."""

STAFF_NO_HEADERS = frozenset(
    {"工号", "员工号", "员工编号", "员工工号", "staff_no", "staff no", "staff no.", "staff number", "employee id"}
)
NAME_HEADERS = frozenset({"姓名", "名字", "员工姓名", "客服姓名", "name", "agent", "agent name", "staff name"})
HEADER_WITHIN_ROWS = 10
EXCEL_EPOCH = date(1899, 12, 30)

_FULL = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_MONTH_DAY = re.compile(r"(\d{1,2})[-/.月](\d{1,2})日?")
_DAY = re.compile(r"(\d{1,2})[日号]?")
_WEEKDAY = re.compile(
    r"[\s(\uff08\[]*(?:周|星期|礼拜)[一二三四五六日天][\s)\uff09\]]*$"
    r"|[\s(\uff08\[]*(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?[\s)\uff09\]]*$"
    r"|\s*[(\uff08\[][一二三四五六日天][)\uff09\]]\s*$",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetFault:
    """One thing wrong, at a row and column counted from 0 (no column: the whole row; no row: the whole sheet)."""

    code: str
    row: int | None = None
    column: int | None = None
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetReading:
    """What a sheet says: for each agent in it, the text of each day in it (empty: nothing is planned)."""

    texts: Mapping[UUID, Mapping[date, str]]
    ignored_columns: tuple[str, ...]
    faults: tuple[SheetFault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetContext:
    """What a sheet is read against. Names count within the team, staff numbers everywhere."""

    from_on: date
    to_on: date
    team_id: UUID
    agents: Iterable[Agent]
    codebook: Codebook


def read_roster_sheet(rows: Sequence[Sequence[Value]], context: SheetContext) -> SheetReading:
    """Read a sheet whole; every fault is listed, none stops the reading."""
    header = _header_row(rows)
    if header is None:
        return SheetReading(texts={}, ignored_columns=(), faults=(SheetFault(code="sheet-without-staff-column"),))
    reader = _Reader(context)
    reader.read_header(rows[header], header)
    for number in range(header + 1, len(rows)):
        reader.read_row(rows[number], number)
    return SheetReading(texts=reader.texts, ignored_columns=tuple(reader.ignored), faults=tuple(reader.faults))


class _Reader:
    """A sheet being read: its columns once the header is read, then its rows, and every fault on the way."""

    def __init__(self, context: SheetContext) -> None:
        self._context = context
        self._finder = _Finder(context)
        self._staff_no: int | None = None
        self._name: int | None = None
        self._days: dict[int, date] = {}
        self.ignored: list[str] = []
        self.texts: dict[UUID, Mapping[date, str]] = {}
        self.faults: list[SheetFault] = []

    def read_header(self, row: Sequence[Value], number: int) -> None:
        for column, value in enumerate(row):
            text = _folded(value)
            if text in STAFF_NO_HEADERS and self._staff_no is None:
                self._staff_no = column
            elif text in NAME_HEADERS and self._name is None:
                self._name = column
            elif isinstance(value, str) and not any(letter.isdigit() for letter in value):
                self.ignored += [value] if value else []
            else:
                self._read_day(value, number, column)
        if not self._days and not self.faults:
            self._fault("sheet-without-days", number)

    def _read_day(self, value: Value, row: int, column: int) -> None:
        found = day_of(value, self._context.from_on, self._context.to_on)
        if found is None:
            self._fault("column-not-a-day", row, column, header=str(value))
        elif not self._context.from_on <= found <= self._context.to_on:
            self._fault("day-outside-roster", row, column, on=str(found))
        elif found in self._days.values():
            self._fault("day-twice", row, column, on=str(found))
        else:
            self._days[column] = found

    def read_row(self, row: Sequence[Value], number: int) -> None:
        staff_no, name = _text(row, self._staff_no), _text(row, self._name)
        if not staff_no and not name:
            return
        agent, fault = self._finder.find(staff_no, name)
        if agent and agent.agent_id in self.texts:
            agent, fault = None, "agent-twice"
        cells = {on: self._read_cell(row, number, column, on) for column, on in self._days.items()}
        if agent:
            self.texts[agent.agent_id] = cells
        else:
            self._fault(fault, number, self._staff_no if staff_no else self._name, staff_no=staff_no, name=name)

    def _read_cell(self, row: Sequence[Value], number: int, column: int, on: date) -> str:
        text = normal(_text(row, column))
        if text and not self._context.codebook.knows(text):
            self._fault("shift-code-unknown", number, column, shift_code=text, on=str(on))
        return text

    def _fault(self, code: str, row: int, column: int | None = None, **params: str) -> None:
        self.faults.append(SheetFault(code=code, row=row, column=column, params=params))


class _Finder:
    """Finds the agent a row is about."""

    def __init__(self, context: SheetContext) -> None:
        self._by_staff_no = {agent.staff_no: agent for agent in context.agents}
        self._by_name: dict[str, list[Agent]] = {}
        for agent in context.agents:
            if agent.team_id == context.team_id:
                self._by_name.setdefault(agent.name, []).append(agent)

    def find(self, staff_no: str, name: str) -> tuple[Agent | None, str]:
        """The agent, or none and the fault's code."""
        if not staff_no:
            same = self._by_name.get(name, [])
            return (same[0], "") if len(same) == 1 else (None, "agent-name-ambiguous" if same else "agent-unknown")
        agent = self._by_staff_no.get(staff_no)
        if agent is None:
            return None, "agent-unknown"
        return (agent, "") if name in ("", agent.name) else (None, "agent-name-differs")


def _header_row(rows: Sequence[Sequence[Value]]) -> int | None:
    for number, row in enumerate(rows[:HEADER_WITHIN_ROWS]):
        if any(_folded(value) in STAFF_NO_HEADERS | NAME_HEADERS for value in row):
            return number
    return None


def _folded(value: Value) -> str:
    return " ".join(value.lower().split()) if isinstance(value, str) else ""


def day_of(value: Value, from_on: date, to_on: date) -> date | None:
    """The day a header means: a date, ISO, `12/1`, `12月1日`, `1日`, `1`; with or without the weekday behind it.

    Without a year or month it is the only such day of the period; none when there is no such day or more than one.
    """
    if isinstance(value, date):
        return value
    text = _WEEKDAY.sub("", value).strip()
    if full := _FULL.fullmatch(text):
        return _date(*map(int, full.groups()))
    period = [from_on + timedelta(days=count) for count in range((to_on - from_on).days + 1)]
    if found := _MONTH_DAY.fullmatch(text):
        month, day = map(int, found.groups())
        return _only([on for on in period if (on.month, on.day) == (month, day)]) or _date(from_on.year, month, day)
    if found := _DAY.fullmatch(text):
        return _only([on for on in period if on.day == int(found.group(1))])
    if text.isdigit() and len(text) == 5:
        return EXCEL_EPOCH + timedelta(days=int(text))
    return None


def _only(days: list[date]) -> date | None:
    return days[0] if len(days) == 1 else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _text(row: Sequence[Value], column: int | None) -> str:
    return str(row[column]).strip() if column is not None and column < len(row) else ""
