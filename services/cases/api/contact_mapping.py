"""Reading other people's sheets: which column is which field of a contact, and what its cells mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError

from shared.contracts.refusal import Fault, Refusal
from shared.platform.faults import faults_of
from shared.platform.fields import Body, Name
from shared.platform.sheets import Value, text_of

YES, NO = {"y", "yes", "true", "1", "是", "√", "有"}, {"n", "no", "false", "0", "否", "×", "无"}
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_CLOCK = re.compile(r"(\d{1,4}):(\d{2})(?::(\d{2}(?:\.\d+)?))?")


class Mapping(Body):
    """Sheet column → field of a contact. `queued_on` and `queued_time` together make `queued_at`.

    `constants` are fields that are the same for every row; columns under `ignore` are passed over. Any other column is
    refused, so that nothing is lost unseen.
    """

    columns: Annotated[dict[Name, str], Field(min_length=1, max_length=100)]
    constants: Annotated[dict[str, str], Field(max_length=20)] = {}
    ignore: Annotated[list[Name], Field(max_length=200)] = []


CALL_LOG = Mapping(
    columns={
        "Call Id": "external_id",
        "Agent": "agent",
        "Date": "queued_on",
        "Time": "queued_time",
        "Topic": "topic",
        "Answered (Y/N)": "answered",
        "Resolved": "resolved",
        "Speed of answer in seconds": "wait_seconds",
        "AvgTalkDuration": "talk_seconds",
        "Satisfaction rating": "rating",
    },
    constants={"channel": "phone", "direction": "inbound"},
)
SHIPPED = {"call-log": CALL_LOG}


class Unreadable(Exception):
    """A cell does not say what its column is for; the code says what was expected."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's rows under a mapping, its local times in `zone`."""

    mapping: Mapping
    zone: ZoneInfo
    fields: dict[int, tuple[str, str]]
    """Place of a column → its header and its field."""
    rows: Sequence[Sequence[Value]]

    def raw_rows(self) -> Iterator[tuple[int, dict[str, Any], tuple[Fault, ...]]]:
        """Row number as the sheet counts, the contact's fields, and the cells that cannot be read."""
        for number, cells in enumerate(self.rows[1:], start=2):
            if any(cell is not None for cell in cells):
                yield number, *self._read(cells)

    def column_of(self, field: str) -> str:
        """The header of the column that a field comes from; the field's own name when it comes from none."""
        parts = {"queued_at": ("queued_at", "queued_on")}.get(field, (field,))
        return next((header for header, known in self.fields.values() if known in parts), field)

    def _read(self, cells: Sequence[Value]) -> tuple[dict[str, Any], tuple[Fault, ...]]:
        found: dict[str, Any] = {"zone": self.zone.key, **self.mapping.constants}
        faults = []
        for place, (_, field) in self.fields.items():
            cell = cells[place] if place < len(cells) else None
            if cell is None:
                continue
            try:
                found[field] = READERS[field](cell)
            except Unreadable as error:
                faults.append(Fault(field, str(error), {}))
        _join_moments(found, self.zone)
        return found, tuple(faults)


def mapping_named(text: str) -> Mapping:
    """A shipped mapping by name, or one given as a JSON object."""
    if text in SHIPPED:
        return SHIPPED[text]
    if not text.lstrip().startswith("{"):
        raise Refusal("mapping-unknown", mapping=text[:64])
    try:
        mapping = Mapping.model_validate_json(text)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        faults = faults_of({**detail, "loc": ("mapping", "mapping", *detail["loc"])} for detail in details)
        raise Refusal("invalid-value", faults=faults) from error
    unknown = [field for field in (*mapping.columns.values(), *mapping.constants) if field not in READERS]
    if unknown:
        faults = tuple(Fault(f"mapping.{field}"[:200], "unknown-field", {}) for field in unknown)
        raise Refusal("invalid-value", faults=faults)
    return mapping


def sheet_of(rows: Sequence[Sequence[Value]], mapping: Mapping, zone: ZoneInfo) -> Sheet:
    """Fit a mapping to a sheet, whose first row is its header; refuses missing, unknown and doubled columns."""
    headers = [text_of(cell) for cell in rows[0]]
    named = [header for header in headers if header]
    faults = [Fault(column, "column-missing", {}) for column in mapping.columns if column not in headers]
    faults += [
        Fault(header, "column-unknown", {})
        for header in dict.fromkeys(named)
        if header not in mapping.columns and header not in mapping.ignore
    ]
    faults += [Fault(header, "column-twice", {}) for header in dict.fromkeys(named) if named.count(header) > 1]
    if faults:
        raise Refusal("columns-unfit", faults=tuple(faults))
    places = {
        place: (header, mapping.columns[header]) for place, header in enumerate(headers) if header in mapping.columns
    }
    return Sheet(mapping, zone, places, rows)


def _join_moments(found: dict[str, Any], zone: ZoneInfo) -> None:
    """Local times become instants; a day and a time of day become one."""
    on, at = found.pop("queued_on", None), found.pop("queued_time", None)
    if on is not None and at is not None and "queued_at" not in found:
        found["queued_at"] = datetime.combine(on, at)
    for field in ("queued_at", "answered_at", "ended_at"):
        moment = found.get(field)
        if moment is not None and moment.tzinfo is None:
            found[field] = moment.replace(tzinfo=zone)


def read_text(cell: Value) -> str:
    """A cell as text."""
    return text_of(cell)


def read_flag(cell: Value) -> bool:
    """Yes or no, in the ways people write it."""
    word = text_of(cell).lower()
    if word not in YES | NO:
        raise Unreadable("cell-not-yes-or-no")
    return word in YES


def read_number(cell: Value) -> float:
    """A number, also one kept as text."""
    try:
        return float(text_of(cell))
    except ValueError as error:
        raise Unreadable("not-a-number") from error


def read_seconds(cell: Value) -> float:
    """A duration in seconds: a number of seconds, `h:mm:ss`, `m:ss`, or a cell formatted as a time of day."""
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    if isinstance(cell, datetime) and cell.year <= 1900:  # how Excel keeps durations
        cell = cell.time()
    if isinstance(cell, time):
        return cell.hour * 3600 + cell.minute * 60 + cell.second + cell.microsecond / 1e6
    text = text_of(cell)
    if match := _CLOCK.fullmatch(text):
        first, second, third = match.groups()
        return int(first) * 60 + int(second) if third is None else int(first) * 3600 + int(second) * 60 + float(third)
    try:
        return float(text)
    except ValueError as error:
        raise Unreadable("cell-not-a-duration") from error


def read_date(cell: Value) -> date:
    """A day; day-first and month-first texts are refused because they read two ways."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    match = _DATE.fullmatch(text_of(cell).partition(" ")[0])
    try:
        return date(*map(int, match.groups()))  # type: ignore[union-attr]
    except (AttributeError, ValueError) as error:
        raise Unreadable("cell-not-a-date") from error


def read_time(cell: Value) -> time:
    """A time of day."""
    if isinstance(cell, datetime):
        return cell.time()
    if isinstance(cell, time):
        return cell
    seconds = read_seconds(cell if isinstance(cell, timedelta) else _clock_text(cell))
    if seconds >= 86_400:
        raise Unreadable("not-a-time")
    minutes, second = divmod(int(seconds), 60)
    return time(minutes // 60, minutes % 60, second)


def _clock_text(cell: Value) -> str:
    text = text_of(cell)
    if not _CLOCK.fullmatch(text):
        raise Unreadable("not-a-time")
    return text if text.count(":") == 2 else f"{text}:00"


def read_moment(cell: Value) -> datetime:
    """A local time, or one with its offset."""
    if isinstance(cell, datetime):
        return cell
    text = text_of(cell)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        day, _, clock = text.partition(" ")
        return datetime.combine(read_date(day), read_time(clock.strip()) if clock else time())


READERS: dict[str, Callable[[Value], Any]] = {
    **dict.fromkeys(("external_id", "channel", "direction", "queue", "agent", "team"), read_text),
    **dict.fromkeys(("customer_id", "customer_external_id", "topic", "zone"), read_text),
    **dict.fromkeys(("queued_at", "answered_at", "ended_at"), read_moment),
    **dict.fromkeys(("answered", "abandoned", "transferred", "resolved", "converted"), read_flag),
    **dict.fromkeys(("wait_seconds", "talk_seconds", "hold_seconds", "wrap_seconds"), read_seconds),
    "queued_on": read_date,
    "queued_time": read_time,
    "rating": read_number,
}
"""What a field's cells mean."""
