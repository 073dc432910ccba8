"""Reading a supervisor's own sheet: one row per agent, one column per day, Chinese or English headers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from services.roster.domain.agent import Agent
from services.roster.domain.code import Codebook
from services.roster.domain.sheet_days import Value, days_of, is_bare_day, is_weekday, looks_like_a_day
from services.roster.domain.spelling import folded

STAFF_NO_HEADERS = frozenset(
    {
        *("工号", "员工号", "员工编号", "员工工号", "人员编号", "客服工号", "坐席工号", "座席工号"),
        *("staff_no", "staffno", "staffno.", "staffnumber", "staffid", "employeeid", "employeeno", "employeeno."),
    }
)
NAME_HEADERS = frozenset(
    {
        *("姓名", "名字", "员工姓名", "客服姓名", "坐席姓名", "座席姓名", "人员", "员工"),
        *("name", "agent", "agentname", "staffname", "employee", "employeename"),
    }
)
SUMMARIES = (
    *("合计", "总计", "小计", "总人数", "人数", "在岗", "备注", "说明", "注:", "制表", "审核", "审批"),
    *("total", "subtotal", "sum", "headcount", "note", "remark", "preparedby", "approvedby"),
)
"""How rows begin that are about no agent."""

HEADER_WITHIN_ROWS = 20
DAYS_WITHIN_ROWS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetFault:
    """One thing wrong, at a row and column counted from 0 (no column: the whole row; no row: the whole sheet)."""

    code: str
    row: int | None = None
    column: int | None = None
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetReading:
    """What a sheet says: for each agent in it, the text of each day in it (empty: nothing is planned).

    `ignored_rows` (counted from 0) and `ignored_columns` (by header) are notes and sums.
    """

    texts: Mapping[UUID, Mapping[date, str]]
    ignored_columns: tuple[str, ...]
    faults: tuple[SheetFault, ...]
    ignored_rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetContext:
    """What a sheet is read against. Names count within the team, staff numbers everywhere."""

    from_on: date
    to_on: date
    team_id: UUID
    agents: Iterable[Agent]
    codebook: Codebook


@dataclass(frozen=True, slots=True)
class _Headers:
    """Where the header stands: people and days may be named in two rows, one merged over the other."""

    people: int
    days: int


def read_roster_sheet(rows: Sequence[Sequence[Value]], context: SheetContext) -> SheetReading:
    """Read a sheet whole; every fault is listed, none stops the reading."""
    headers = _headers(rows, context)
    if headers is None:
        return SheetReading(texts={}, ignored_columns=(), faults=(SheetFault(code="sheet-without-staff-column"),))
    reader = _Reader(context, rows)
    reader.read_headers(headers)
    for number in range(max(headers.people, headers.days) + 1, len(rows)):
        reader.read_row(rows[number], number)
    return SheetReading(
        texts=reader.texts,
        ignored_columns=tuple(reader.ignored),
        faults=tuple(reader.faults),
        ignored_rows=tuple(reader.ignored_rows),
    )


def _headers(rows: Sequence[Sequence[Value]], context: SheetContext) -> _Headers | None:
    """The first row that names a column of people, and of the rows around it the one with the most days."""
    for number, row in enumerate(rows[:HEADER_WITHIN_ROWS]):
        if any(_spelled(value) in STAFF_NO_HEADERS | NAME_HEADERS for value in row):
            near = [number, *_around(number, len(rows))]
            counts = [len(set(days_of(rows[one], context.from_on, context.to_on).values())) for one in near]
            return _Headers(number, near[counts.index(max(counts))])
    return None


def _around(number: int, count: int) -> list[int]:
    steps = [step for distance in range(1, DAYS_WITHIN_ROWS + 1) for step in (distance, -distance)]
    return [number + step for step in steps if 0 <= number + step < count]


class _Reader:
    """A sheet being read: its columns once the header is read, then its rows, and every fault on the way."""

    def __init__(self, context: SheetContext, rows: Sequence[Sequence[Value]]) -> None:
        self._context = context
        self._rows = rows
        self._finder = _Finder(context)
        self._staff_no: int | None = None
        self._name: int | None = None
        self._days: dict[int, date] = {}
        self._first = 0
        self.ignored: list[str] = []
        self.ignored_rows: list[int] = []
        self.texts: dict[UUID, Mapping[date, str]] = {}
        self.faults: list[SheetFault] = []

    def read_headers(self, headers: _Headers) -> None:
        self._first = max(headers.people, headers.days) + 1
        for column, value in enumerate(self._rows[headers.people]):
            text = _spelled(value)
            if text in STAFF_NO_HEADERS and self._staff_no is None:
                self._staff_no = column
            elif text in NAME_HEADERS and self._name is None:
                self._name = column
            elif headers.people != headers.days and text and not is_weekday(text):
                self.ignored.append(str(value))
        self._read_days(self._rows[headers.days], headers.days)
        if not self._days and not self.faults:
            self._fault("sheet-without-days", headers.days)

    def _read_days(self, row: Sequence[Value], number: int) -> None:
        found = days_of(row, self._context.from_on, self._context.to_on)
        for column, value in enumerate(row):
            if column in (self._staff_no, self._name) or value == "":
                continue
            if column in found:
                self._read_day(found[column], number, column)
            elif isinstance(value, str) and not looks_like_a_day(value):
                self.ignored.append(value)
            elif not (isinstance(value, str) and is_bare_day(value) and self._is_blank(column)):
                self._fault("column-not-a-day", number, column, header=str(value))

    def _read_day(self, on: date, row: int, column: int) -> None:
        if not self._context.from_on <= on <= self._context.to_on:
            self._fault("day-outside-roster", row, column, on=str(on))
        elif on in self._days.values():
            self._fault("day-twice", row, column, on=str(on))
        else:
            self._days[column] = on

    def _is_blank(self, column: int) -> bool:
        """Whether nothing is written below: the 31st of a form, in a month that has none."""
        return not any(_text(row, column) for row in self._rows[self._first :])

    def read_row(self, row: Sequence[Value], number: int) -> None:
        staff_no, name = _text(row, self._staff_no), _text(row, self._name)
        label = folded(staff_no or name)
        written = [text for column in self._days if (text := _text(row, column))]
        if label.startswith(SUMMARIES) or (written and all(map(is_weekday, written))):
            self.ignored_rows.append(number)
        elif label:
            self._read_agent(row, number, staff_no, name, is_empty=not written)
        elif any(self._context.codebook.spelled(text) for text in written):
            self._fault("row-without-agent", number)
        elif written:
            self.ignored_rows.append(number)

    def _read_agent(self, row: Sequence[Value], number: int, staff_no: str, name: str, *, is_empty: bool) -> None:
        agent, fault = self._finder.find(staff_no, name)
        if agent is None and fault == "agent-unknown" and is_empty:
            self.ignored_rows.append(number)
            return
        if agent and agent.agent_id in self.texts:
            agent, fault = None, "agent-twice"
        cells = {on: self._read_cell(row, number, column, on) for column, on in self._days.items()}
        if agent:
            self.texts[agent.agent_id] = cells
        else:
            self._fault(fault, number, self._staff_no if staff_no else self._name, staff_no=staff_no, name=name)

    def _read_cell(self, row: Sequence[Value], number: int, column: int, on: date) -> str:
        text = _text(row, column)
        if not text:
            return ""
        spelled = self._context.codebook.spelled(text)
        if spelled is None:
            self._fault("shift-code-unknown", number, column, shift_code=text, on=str(on))
        return spelled or text

    def _fault(self, code: str, row: int, column: int | None = None, **params: str) -> None:
        self.faults.append(SheetFault(code=code, row=row, column=column, params=params))


class _Finder:
    """Finds the agent a row is about, however their number and name are typed."""

    def __init__(self, context: SheetContext) -> None:
        agents = list(context.agents)
        self._exactly = {agent.staff_no: agent for agent in agents}
        self._by_number = _only_ones(agents, lambda agent: folded(agent.staff_no))
        own = [agent for agent in agents if agent.team_id == context.team_id]
        self._without_zeros = _only_ones(own, lambda agent: folded(agent.staff_no).lstrip("0"))
        self._by_name: dict[str, list[Agent]] = {}
        for agent in own:
            self._by_name.setdefault(folded(agent.name), []).append(agent)

    def find(self, staff_no: str, name: str) -> tuple[Agent | None, str]:
        """The agent, or none and the fault's code."""
        if not staff_no:
            same = self._by_name.get(folded(name), [])
            return (same[0], "") if len(same) == 1 else (None, "agent-name-ambiguous" if same else "agent-unknown")
        agent = self._numbered(staff_no)
        if agent is None:
            return None, "agent-unknown"
        return (agent, "") if folded(name) in ("", folded(agent.name)) else (None, "agent-name-differs")

    def _numbered(self, staff_no: str) -> Agent | None:
        """Excel takes leading zeros away."""
        number = folded(staff_no)
        found = self._exactly.get(staff_no) or self._by_number.get(number)
        return found or (self._without_zeros.get(number) if number.isdecimal() else None)


def _only_ones(agents: Iterable[Agent], key: Callable[[Agent], str]) -> dict[str, Agent]:
    found: dict[str, list[Agent]] = {}
    for agent in agents:
        found.setdefault(key(agent), []).append(agent)
    return {name: same[0] for name, same in found.items() if len(same) == 1}


def _spelled(value: Value) -> str:
    return folded(value) if isinstance(value, str) else ""


def _text(row: Sequence[Value], column: int | None) -> str:
    return str(row[column]).strip() if column is not None and column < len(row) else ""
