"""Envelope ⇄ CloudEvents 1.0 structured JSON. Unknown fields are ignored, missing ones refused.

What an event may look like is said by `shared.contracts.codec`. msgspec reads and writes the form that we write
ourselves many times faster; whatever is not in that form goes the contracts' way, and is judged there.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from math import isfinite
from operator import attrgetter
from typing import Any, Union
from uuid import UUID

import msgspec

from shared.contracts.codec import SPEC_VERSION, Malformed, from_json, to_json
from shared.contracts.event import EVENTS, Envelope, Event

NUL = rb"\u0000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """The attributes of a CloudEvent, as they are called there."""

    specversion: str
    id: UUID
    source: str
    type: str
    subject: UUID
    time: datetime
    sequence: int
    correlationid: str
    causationid: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread(Attributes):
    """A CloudEvent whose data is still JSON."""

    data: msgspec.Raw


def encode(envelope: Envelope) -> bytes:
    """The envelope as CloudEvents structured JSON (UTF-8)."""
    data = envelope.data
    attributes = {
        "specversion": SPEC_VERSION,
        "id": envelope.id,
        "source": envelope.source,
        "type": envelope.type,
        "subject": envelope.subject,
        "time": envelope.time.astimezone(UTC),
        "datacontenttype": "application/json",
        "sequence": envelope.sequence,
        "correlationid": envelope.correlation_id,
        "causationid": envelope.causation_id,
        "traceparent": envelope.traceparent,
        "data": data if _is_usual(data) else to_json(data),
    }
    return _ENCODER.encode({name: value for name, value in attributes.items() if value is not None})


def decode(body: bytes) -> Envelope:
    """Read an envelope. Raises Malformed for anything that is not a known, complete event."""
    try:
        return _usual(body) or _any(body)
    except Malformed:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError) as error:
        raise Malformed(f"{type(error).__name__}: {error}") from error


def _usual(body: bytes) -> Envelope | None:
    """An event in the form that we write ourselves; none for anything else."""
    try:
        unread = _UNREAD.decode(body)
        cls: Any = EVENTS[unread.type]
        data = _decoder(cls).decode(unread.data)
    except (msgspec.MsgspecError, ValueError, KeyError, RecursionError):
        return None
    if NUL in body or unread.specversion != SPEC_VERSION or not (_is_usual(unread) and _is_usual(data)):
        return None
    return _envelope(unread, data)


def _any(body: bytes) -> Envelope:
    """An event in any form that the contracts allow."""
    raw = json.loads(body)
    attributes = from_json(Attributes, raw)
    if attributes.specversion != SPEC_VERSION:
        raise Malformed(f"specversion {attributes.specversion!r}")
    return _envelope(attributes, from_json(EVENTS[attributes.type], raw["data"]))


def _envelope(attributes: Attributes, data: Event) -> Envelope:
    return Envelope(
        id=attributes.id,
        source=attributes.source,
        type=attributes.type,
        subject=attributes.subject,
        time=attributes.time,
        sequence=attributes.sequence,
        data=data,
        correlation_id=attributes.correlationid,
        causation_id=attributes.causationid,
        traceparent=attributes.traceparent,
    )


def _is_usual(value: Any) -> bool:
    """Whether every time in a dataclass is in UTC and every number finite: msgspec takes others too, its own way."""
    cls: Any = type(value)
    times, numbers, single, several = _places(cls)
    for time in times(value):
        if time is not None and time.tzinfo is not UTC:
            return False
    for number in numbers(value):
        if number is not None and not isfinite(number):
            return False
    inner = [*single(value), *(one for many in several(value) for one in many)]
    return not inner or all(_is_usual(one) for one in inner if one is not None)


@cache
def _decoder(cls: Any) -> msgspec.json.Decoder[Event]:
    return msgspec.json.Decoder(cls)


_ENCODER = msgspec.json.Encoder()
_UNREAD = msgspec.json.Decoder(Unread)

Values = Callable[[Any], tuple[Any, ...]]


@cache
def _places(cls: Any) -> tuple[Values, Values, Values, Values]:
    """What reads a dataclass's times, its numbers, the dataclasses in it, and the tuples of such."""
    times: list[str] = []
    numbers: list[str] = []
    single: list[str] = []
    several: list[str] = []
    for name, hint in typing.get_type_hints(cls).items():
        kind, many = _kind(hint)
        if kind is datetime:
            times.append(name)
        elif kind is float:
            numbers.append(name)
        elif dataclasses.is_dataclass(kind):
            (several if many else single).append(name)
    return _reader(times), _reader(numbers), _reader(single), _reader(several)


def _kind(hint: Any) -> tuple[type, bool]:
    """What a field holds, and whether many of it."""
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) in (Union, types.UnionType):
        return _kind(next(argument for argument in arguments if argument is not type(None)))
    if typing.get_origin(hint) is tuple:
        return arguments[0], True
    return hint, False


def _reader(names: list[str]) -> Values:
    """What reads these attributes, as a tuple however many there are."""
    if not names:
        return lambda _: ()
    read = attrgetter(*names)
    return read if len(names) > 1 else lambda value: (read(value),)
