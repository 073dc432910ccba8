"""Dataclass ⇄ JSON, envelope ⇄ CloudEvents 1.0 structured JSON. Unknown fields are ignored, missing ones refused."""

from __future__ import annotations

import dataclasses
import json
import math
import operator
import types
import typing
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, TypeVar, Union
from uuid import UUID

from shared.contracts.event import EVENTS, Envelope, Event

CONTENT_TYPE = "application/cloudevents+json"
SPEC_VERSION = "1.0"

T = TypeVar("T")
Decode = Callable[[Any], Any]


class Malformed(ValueError):
    """The bytes are not an event: no JSON, no CloudEvent, an unknown type, or a field that does not fit."""


def encode(envelope: Envelope) -> bytes:
    """The envelope as CloudEvents structured JSON (UTF-8)."""
    attributes = {
        "specversion": SPEC_VERSION,
        "id": str(envelope.id),
        "source": envelope.source,
        "type": envelope.type,
        "subject": str(envelope.subject),
        "time": _plain(envelope.time),
        "datacontenttype": "application/json",
        "sequence": envelope.sequence,
        "correlationid": envelope.correlation_id,
        "causationid": envelope.causation_id,
        "traceparent": envelope.traceparent,
        "data": envelope.data,
    }
    present = {name: value for name, value in attributes.items() if value is not None}
    return _ENCODER.encode(present).encode()


def decode(body: bytes) -> Envelope:
    """Read an envelope. Raises Malformed for anything that is not a known, complete event."""
    try:
        raw = json.loads(body)
        if raw["specversion"] != SPEC_VERSION:
            raise Malformed(f"specversion {raw['specversion']!r}")
        return _envelope(raw, EVENTS[raw["type"]])
    except Malformed:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError) as error:
        raise Malformed(f"{type(error).__name__}: {error}") from error


def _envelope(raw: dict[str, Any], cls: type[Event]) -> Envelope:
    return Envelope(
        id=UUID(raw["id"]),
        source=_text(raw["source"]),
        type=raw["type"],
        subject=UUID(raw["subject"]),
        time=_instant(raw["time"]),
        sequence=_whole(raw["sequence"]),
        data=from_json(cls, raw["data"]),
        correlation_id=_text(raw["correlationid"]),
        causation_id=_text_or_none(raw.get("causationid")),
        traceparent=_text_or_none(raw.get("traceparent")),
    )


def to_json(value: Any) -> dict[str, Any]:
    """A dataclass as plain JSON values: ids and times as strings, tuples as lists."""
    return {name: _plain(getattr(value, name)) for name in _names(_class_of(value))}


def from_json(cls: type[T], raw: dict[str, Any]) -> T:
    """A dataclass from JSON values. Fields with a default may be missing; unknown ones are ignored."""
    known: Any = cls
    found: T = _decoder(known)(raw)
    return found


def _class_of(value: Any) -> Any:
    return type(value)


@cache
def _names(cls: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cls))


@cache
def _fields(cls: Any) -> tuple[tuple[str, ...], Callable[[Any], Iterable[Any]]]:
    """The names of a dataclass's fields, and what reads them all at once."""
    names = _names(cls)
    if len(names) > 1:
        return names, operator.attrgetter(*names)
    return names, lambda value: [getattr(value, name) for name in names]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return _plain(_one_level(value))


def _one_level(value: Any) -> Any:
    """What JSON has no form for: ids and times as text, a dataclass as an object of its fields as they are."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, (UUID, date)):
        return str(value)
    names, values_of = _fields(_class_of(value))
    return dict(zip(names, values_of(value), strict=True))


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_one_level)


@cache
def _decoder(cls: Any) -> Decode:
    hints = typing.get_type_hints(cls)
    decoders = {field.name: _decoder_of(hints[field.name]) for field in dataclasses.fields(cls)}
    required = frozenset(
        field.name
        for field in dataclasses.fields(cls)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    )

    def decode_one(raw: Any) -> Any:
        if not isinstance(raw, dict):
            raise Malformed(f"{cls.__name__}: expected an object")
        if missing := required - raw.keys():
            raise Malformed(f"{cls.__name__}: missing {', '.join(sorted(missing))}")
        return cls(**{name: decoders[name](raw[name]) for name in decoders if name in raw})

    return decode_one


def _decoder_of(hint: Any) -> Decode:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        inner = _decoder_of(next(argument for argument in arguments if argument is not type(None)))
        return lambda raw: None if raw is None else inner(raw)
    if origin is tuple:
        item = _decoder_of(arguments[0])
        return lambda raw: tuple(item(one) for one in _list(raw))
    if origin is dict:
        return _exact(dict)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _decoder(hint)
    return _SCALARS[hint]


def _exact(kind: type) -> Decode:
    def check(raw: Any) -> Any:
        if type(raw) is not kind:
            raise Malformed(f"expected {kind.__name__}, got {type(raw).__name__}")
        return raw

    return check


def _instant(raw: Any) -> datetime:
    moment = datetime.fromisoformat(raw)
    if moment.tzinfo is None:
        raise Malformed(f"a time without offset: {raw!r}")
    return moment.astimezone(UTC)


def _number(raw: Any) -> float:
    if type(raw) not in (int, float) or not math.isfinite(raw):
        raise Malformed(f"expected a number, got {raw!r:.40}")
    return float(raw)


def _text(raw: Any) -> str:
    if type(raw) is not str or "\x00" in raw:
        raise Malformed(f"expected a text, got {raw!r:.40}")
    raw.encode()  # a lone surrogate is a ValueError: it could not be stored
    return raw


def _text_or_none(raw: Any) -> str | None:
    return None if raw is None else _text(raw)


_whole = _exact(int)
_list = _exact(list)

_SCALARS: dict[Any, Decode] = {
    str: _text,
    int: _whole,
    bool: _exact(bool),
    float: _number,
    UUID: UUID,
    datetime: _instant,
    date: date.fromisoformat,
}
