"""Envelope ⇄ CloudEvents 1.0 structured JSON. Unknown fields are ignored, missing ones refused.

What an event may look like is said by `shared.contracts.codec`. msgspec reads and writes the form that we write
ourselves many times faster; whatever is not in that form goes the contracts' way, and is judged there.
"""

from __future__ import annotations

import dataclasses
import json
import re
import types
import typing
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from math import isfinite
from operator import attrgetter
from typing import Any, Generic, TypeVar, Union
from uuid import UUID

import msgspec

from shared.contracts.codec import SPEC_VERSION, Malformed, from_json, to_json
from shared.contracts.event import EVENTS, Envelope, Event

BACKSLASH, NUL = b"\\", rb"\u0000"

TYPE = re.compile(rb'"type":\s*"([^"\\]+)"')
TYPE_STANDS_WITHIN = 1_000
"""So many bytes, as we write events ourselves."""


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


Data = TypeVar("Data")


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole(Attributes, Generic[Data]):
    """A CloudEvent with its data."""

    data: Data


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
        "data": data if _in_utc(data) and _finite(data) else to_json(data),
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
    told = TYPE.search(body, 0, TYPE_STANDS_WITHIN)
    if told is None or (BACKSLASH in body and NUL in body):  # the one is looked for many times faster than the other
        return None
    try:
        cls: Any = EVENTS[told[1].decode()]
        whole = _decoder(cls).decode(body)
    except (msgspec.MsgspecError, ValueError, KeyError, RecursionError):
        return None
    right = whole.type == cls.type and whole.specversion == SPEC_VERSION
    return _envelope(whole, whole.data) if right and _is_in_utc(whole.time) and _in_utc(whole.data) else None


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


def _in_utc(data: Any) -> bool:
    """Whether every time is in UTC: msgspec takes others too, its own way."""
    return _every(datetime, _is_in_utc, [data])


def _finite(data: Any) -> bool:
    """Whether every number is one: msgspec writes others as null, and reads none."""
    return _every(float, isfinite, [data])


def _is_in_utc(time: datetime) -> bool:
    return time.tzinfo is UTC


def _every(type_: type, holds: Callable[[Any], bool], many: Sequence[Any]) -> bool:
    """Whether this holds for every value of a type in dataclasses of one class.

    Field by field: one dataclass after the other costs five times as much.
    """
    if not many:
        return True
    own, inner = _places(_class_of(many[0]), type_)
    return all(all(map(holds, filter(None, read(many)))) for read in own) and all(
        _every(type_, holds, [one for one in read(many) if one is not None]) for read in inner
    )


@cache
def _decoder(cls: Any) -> msgspec.json.Decoder[Whole[Event]]:
    return msgspec.json.Decoder(Whole[cls])


_ENCODER = msgspec.json.Encoder()


def _class_of(value: Any) -> Any:
    return type(value)


Read = Callable[[Sequence[Any]], Iterable[Any]]


@cache
def _places(cls: Any, type_: type) -> tuple[tuple[Read, ...], tuple[Read, ...]]:
    """What reads, from many of a dataclass, the values of a type; and the dataclasses inside, class by class."""
    kinds = {name: _kind(hint) for name, hint in typing.get_type_hints(cls).items()}
    own = (_reader(name, many) for name, (kind, many) in kinds.items() if kind is type_)
    inner = (_reader(name, many) for name, (kind, many) in kinds.items() if dataclasses.is_dataclass(kind))
    return tuple(own), tuple(inner)


def _kind(hint: Any) -> tuple[type, bool]:
    """What a field holds, and whether many of it."""
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) in (Union, types.UnionType):
        return _kind(next(argument for argument in arguments if argument is not type(None)))
    if typing.get_origin(hint) is tuple:
        return arguments[0], True
    return hint, False


def _reader(name: str, many: bool) -> Read:
    """What reads a field of each; of a field that holds many, all of them."""
    get = attrgetter(name)
    if many:
        return lambda values: chain.from_iterable(filter(None, map(get, values)))
    return lambda values: map(get, values)
