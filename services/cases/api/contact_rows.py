"""Contacts as requests give them: one, an array, or a line each; checked in bulk, faulty ones set apart."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from pydantic import AfterValidator, AliasChoices, AwareDatetime, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError, from_json

from services.cases.api.plain_rows import plain_rows
from services.cases.domain.contact import Row, Told, tell
from shared.contracts.refusal import Fault, Refusal
from shared.platform.faults import faults_of
from shared.platform.fields import Body, Code, Name

SLICE = 500
"""Rows checked before other requests get their turn."""

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def known_zone(zone: str) -> str:
    """An IANA zone's name; `zone-unknown`."""
    try:
        return ZoneInfo(zone).key
    except (KeyError, ValueError, OSError) as error:  # unknown, no relative path, a folder
        raise PydanticCustomError("zone-unknown", "no such time zone", {"zone": zone}) from error


Moment = Annotated[AwareDatetime, Field(ge=EARLIEST, le=LATEST), AfterValidator(_in_utc)]
Seconds = Annotated[float, Field(ge=0, le=864_000)]
Zone = Annotated[Code, AfterValidator(known_zone)]


class ContactRow(Body):
    """A call, chat or message as its source tells it.

    `agent` is a staff number, or a name that roster does not know; `topic` and `team` are codes, or names that nobody
    here knows. With an `external_id` it can be told again: the same changes nothing, another is a correction.
    `converted` says whether what the conversation was to bring about came about (a sale, a renewal, an appointment);
    it is left out where there was nothing of the kind.
    """

    external_id: Name | None = None
    channel: Code = "phone"
    direction: Literal["inbound", "outbound"] = "inbound"
    queue: Name | None = None
    agent: Annotated[Name | None, Field(validation_alias=AliasChoices("agent", "staff_no"))] = None
    team: Name | None = None
    customer_id: UUID | None = None
    customer_external_id: Code | None = None
    topic: Name | None = None
    queued_at: Moment
    answered_at: Moment | None = None
    ended_at: Moment | None = None
    answered: bool | None = None
    abandoned: bool | None = None
    wait_seconds: Seconds | None = None
    talk_seconds: Seconds | None = None
    hold_seconds: Seconds | None = None
    wrap_seconds: Seconds | None = None
    transferred: bool = False
    resolved: bool | None = None
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    zone: Zone | None = None
    converted: bool | None = None

    def told(self) -> Told:
        """As the domain knows it."""
        return tell(**self.__dict__)


_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_ROWS = TypeAdapter(list[ContactRow])
_ROW = TypeAdapter(ContactRow)


async def read_rows(body: bytes) -> list[Row]:
    """The rows of a JSON array, or of NDJSON; faulty ones with what is wrong. 400 when it is neither."""
    lines = _lines(body)
    rows: list[Row] = []
    for start in range(0, len(lines), SLICE):
        piece = lines[start : start + SLICE]
        rows += plain_rows(start + 1, piece) or _checked([*_raws(start + 1, piece)])
        await asyncio.sleep(0)
    return rows


async def checked_rows(raws: Iterable[tuple[int, Any, tuple[Fault, ...]]]) -> list[Row]:
    """Rows from numbered values, some with faults already found; other requests get their turn in between."""
    left = iter(raws)
    rows: list[Row] = []
    while piece := list(islice(left, SLICE)):
        rows += _checked(piece)
        await asyncio.sleep(0)
    return rows


def _lines(body: bytes) -> Sequence[bytes | msgspec.Raw]:
    """Each row as it is written."""
    text = body.strip()
    if not text.startswith(b"["):
        return text.splitlines() or [b""]
    try:
        return _ITEMS.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refusal("malformed-json") from error


def _raws(first: int, lines: Sequence[bytes | msgspec.Raw]) -> Iterator[tuple[int, Any, tuple[Fault, ...]]]:
    for number, line in enumerate(lines, start=first):
        try:
            yield number, from_json(bytes(line), allow_inf_nan=False), ()
        except ValueError as error:
            raise Refusal("malformed-json") from error


def _checked(piece: Sequence[tuple[int, Any, tuple[Fault, ...]]]) -> Iterator[Row]:
    """All at once where all are good, which is nearly always; else one by one."""
    try:
        models = _ROWS.validate_python([raw for _, raw, _ in piece])
        told: Iterable[Told | tuple[Fault, ...]] = (model.told() for model in models)
    except ValidationError:
        told = (_told_or_faults(raw) for _, raw, _ in piece)
    for (number, _, faults), found in zip(piece, told, strict=True):
        if isinstance(found, Told) and not faults:
            yield Row(number, found)
        else:
            yield Row(number, None, faults + _more(faults, found))


def _more(faults: tuple[Fault, ...], found: Told | tuple[Fault, ...]) -> tuple[Fault, ...]:
    """What else is wrong with a row; a field whose cell could not be read is not called missing as well."""
    if isinstance(found, Told):
        return ()
    return tuple(fault for fault in found if not (faults and fault.code == "field-required"))


def _told_or_faults(raw: Any) -> Told | tuple[Fault, ...]:
    try:
        return _ROW.validate_python(raw).told()
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        return faults_of({**detail, "loc": ("row", *detail["loc"])} for detail in details)
