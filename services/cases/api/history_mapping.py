"""Reading other desks' ticket logs: which column is which field of an update, and what its cells mean."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import IO, Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError

from services.cases.api.contact_mapping import NO, YES
from services.cases.domain.history import Update
from shared.contracts.refusal import Fault, Refusal
from shared.platform.faults import faults_of
from shared.platform.fields import Body, Code, Name
from shared.platform.sheets import Value, read_sheet, text_of

FIELDS = (
    "number",
    "state",
    "updated_at",
    "opened_at",
    "sequence",
    "group",
    "assignee",
    "reassignments",
    "reopenings",
    "sla_met",
    "subject",
    "topic",
    "channel",
    "urgency",
    "importance",
    "opened_by",
    "updated_by",
    "resolved_by",
    "closed_code",
)
LONGEST = {"number": 64, "topic": 64, "channel": 64, "subject": 2000}
"""Characters of a field; 200 where nothing else is said."""

_MOMENT = re.compile(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_BINARY = (b"PK", b"\xd0\xcf\x11\xe0")
_LONGEST_FIELD = 1 << 20
_PIECE = 1 << 16

Meaning = Literal["open", "in_progress", "waiting_customer", "waiting_team", "handoff", "resolved", "closed"]
Level = Literal["high", "normal", "low"]


class HistoryMapping(Body):
    """Column → field of an update, and the log's words → ours. Cells that say one of `blank` are empty.

    `dates` says in which order days and months stand. Columns under `ignore` are passed over; any other is refused, so
    that nothing is lost unseen. Cases become ones of `type`.
    """

    columns: Annotated[dict[Name, Literal[FIELDS]], Field(min_length=3, max_length=100)]  # type: ignore[valid-type]
    states: Annotated[dict[Name, Meaning], Field(min_length=1, max_length=100)]
    levels: Annotated[dict[Name, Level], Field(max_length=50)] = {}
    dates: Literal["day-first", "month-first", "year-first"] = "year-first"
    blank: Annotated[list[Name], Field(max_length=20)] = []
    ignore: Annotated[list[Name], Field(max_length=200)] = []
    type: Code = "consult"


INCIDENT_LOG = HistoryMapping(
    columns={
        "number": "number",
        "incident_state": "state",
        "sys_updated_at": "updated_at",
        "opened_at": "opened_at",
        "sys_mod_count": "sequence",
        "assignment_group": "group",
        "assigned_to": "assignee",
        "reassignment_count": "reassignments",
        "reopen_count": "reopenings",
        "made_sla": "sla_met",
        "u_symptom": "subject",
        "category": "topic",
        "contact_type": "channel",
        "urgency": "urgency",
        "impact": "importance",
        "opened_by": "opened_by",
        "sys_updated_by": "updated_by",
        "resolved_by": "resolved_by",
        "closed_code": "closed_code",
    },
    states={
        "New": "open",
        "Active": "in_progress",
        "Awaiting User Info": "waiting_customer",
        "Awaiting Evidence": "waiting_customer",
        "Awaiting Problem": "waiting_team",
        "Awaiting Vendor": "handoff",
        "Resolved": "resolved",
        "Closed": "closed",
    },
    levels={"1 - High": "high", "2 - Medium": "normal", "3 - Low": "low"},
    dates="day-first",
    blank=["?"],
    ignore=[
        "active",
        "caller_id",
        "sys_created_by",
        "sys_created_at",
        "location",
        "subcategory",
        "cmdb_ci",
        "priority",
        "knowledge",
        "u_priority_confirmation",
        "notify",
        "problem_id",
        "rfc",
        "vendor",
        "caused_by",
        "resolved_at",
        "closed_at",
    ],
)
SHIPPED = {"incident-log": INCIDENT_LOG}


class Unfit(Exception):
    """A cell does not say what its column is for: the field, and the code of what was expected."""

    def __init__(self, field: str, code: str, **params: object) -> None:
        super().__init__(code)
        self.field, self.code, self.params = field, code, params


@dataclass(frozen=True, slots=True)
class Log:
    """A log under a mapping, its local times in `zone`. Rows are read as they are asked for."""

    mapping: HistoryMapping
    zone: ZoneInfo
    places: Mapping[int, str]
    headers: Mapping[str, str]
    rows: Iterator[Sequence[Value]]

    def updates(self) -> Iterator[Update | tuple[int, Fault]]:
        """Each row as an update, or its number and what is wrong with it."""
        for number, cells in enumerate(self.rows, start=2):
            if not any(cell for cell in cells):
                continue
            try:
                yield self._update(number, cells)
            except Unfit as unfit:
                yield number, Fault(self.headers.get(unfit.field, unfit.field), unfit.code, unfit.params)

    def _update(self, row: int, cells: Sequence[Value]) -> Update:
        told = {field: self._cell(cells, place) for place, field in self.places.items()}
        given = {name: value for name, value in told.items() if value is not None}
        for needed in ("number", "state", "updated_at"):
            if needed not in given:
                raise Unfit(needed, "field-required")
        state_name = text_of(given.pop("state"))
        if state_name not in self.mapping.states:
            raise Unfit("state", "history-state-unknown")
        values = {name: self._read(name, value) for name, value in given.items() if name != "updated_at"}
        at = self._instant("updated_at", given["updated_at"])
        return Update(row=row, state=self.mapping.states[state_name], state_name=state_name, at=at, **values)

    def _cell(self, cells: Sequence[Value], place: int) -> Value:
        cell = cells[place] if place < len(cells) else None
        return None if cell is None or text_of(cell) in ("", *self.mapping.blank) else cell

    def _read(self, field: str, cell: Value) -> Any:
        if field == "opened_at":
            return self._instant(field, cell)
        if field in ("sequence", "reassignments", "reopenings"):
            return _whole(field, cell)
        if field == "sla_met":
            return _flag(field, cell)
        text = text_of(cell)
        if len(text) > (longest := LONGEST.get(field, 200)):
            raise Unfit(field, "text-too-long", max_length=longest)
        if "\x00" in text:
            raise Unfit(field, "text-unstorable")
        if field in ("urgency", "importance"):
            return self.mapping.levels.get(text, "normal")
        return text.lower() if field == "channel" else text

    def _instant(self, field: str, cell: Value) -> datetime:
        """A local time of the log's zone; a cell that is a date already is taken as it is."""
        moment = cell if isinstance(cell, datetime) else self._written(field, text_of(cell))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self.zone)
        return moment.astimezone(UTC)

    def _written(self, field: str, text: str) -> datetime:
        match = _MOMENT.fullmatch(text)
        if match is None:
            raise Unfit(field, "history-time-unreadable")
        first, second, third, hour, minute, after = (int(part) if part else 0 for part in match.groups())
        orders = {"day-first": (third, second, first), "month-first": (third, first, second)}
        year, month, day = orders.get(self.mapping.dates, (first, second, third))
        try:
            if not date(1970, 1, 1) <= date(year, month, day) <= date(2200, 1, 1):
                raise ValueError("out of range")
            return datetime.combine(date(year, month, day), time(hour, minute, after))
        except ValueError as error:
            raise Unfit(field, "history-time-unreadable") from error


def history_mapping_named(text: str) -> HistoryMapping:
    """A shipped mapping by name, or one given as a JSON object."""
    if text in SHIPPED:
        return SHIPPED[text]
    if not text.lstrip().startswith("{"):
        raise Refusal("mapping-unknown", mapping=text[:64])
    try:
        return HistoryMapping.model_validate_json(text)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        faults = faults_of({**detail, "loc": ("mapping", "mapping", *detail["loc"])} for detail in details)
        raise Refusal("invalid-value", faults=faults) from error


def log_of(file: IO[bytes], mapping: HistoryMapping, zone: ZoneInfo) -> Log:
    """Fit a mapping to a log, whose first row is its header; refuses missing, unknown and doubled columns."""
    rows = _rows(file)
    headers = [text_of(cell) for cell in next(rows, ())]
    faults = [Fault(column, "column-missing", {}) for column in mapping.columns if column not in headers]
    faults += [
        Fault(header, "column-unknown", {})
        for header in dict.fromkeys(filter(None, headers))
        if header not in mapping.columns and header not in mapping.ignore
    ]
    faults += [Fault(header, "column-twice", {}) for header in dict.fromkeys(headers) if headers.count(header) > 1]
    faults += [
        Fault(f"mapping.{needed}", "field-required", {})
        for needed in ("number", "state", "updated_at")
        if needed not in mapping.columns.values()
    ]
    if faults:
        raise Refusal("columns-unfit", faults=tuple(faults))
    places = {place: mapping.columns[header] for place, header in enumerate(headers) if header in mapping.columns}
    return Log(mapping, zone, places, {field: header for header, field in mapping.columns.items()}, rows)


def _rows(file: IO[bytes]) -> Iterator[Sequence[Value]]:
    """Rows one after the other; a workbook is read whole, text is not."""
    start = file.read(4)
    file.seek(0)
    if start.startswith(_BINARY):
        yield from read_sheet(file.read())
        return
    encoding = _encoding(file, start)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        first = text.readline()
        delimiter = max(",;\t", key=first.count)
        yield from csv.reader([first], delimiter=delimiter)
        for row in csv.reader(text, delimiter=delimiter):
            yield [cell.strip() or None for cell in row]
    except (csv.Error, UnicodeDecodeError) as error:
        raise Refusal("sheet-unreadable") from error
    finally:
        text.detach()


def _encoding(file: IO[bytes], start: bytes) -> str:
    """UTF-16 by its mark; UTF-8 when all of it is; else what Chinese editions of Excel save."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        while piece := file.read(_PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "gb18030"
    finally:
        file.seek(0)
    return "utf-8-sig"


def _whole(field: str, cell: Value) -> int:
    try:
        number = int(float(text_of(cell)))
    except (ValueError, OverflowError) as error:
        raise Unfit(field, "not-a-whole-number") from error
    if not 0 <= number < 2**31:
        raise Unfit(field, "not-a-whole-number")
    return number


def _flag(field: str, cell: Value) -> bool:
    word = text_of(cell).lower()
    if word not in YES | NO:
        raise Unfit(field, "cell-not-yes-or-no")
    return word in YES
