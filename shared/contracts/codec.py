"""Dataclass ⇄ plain JSON values. Unknown fields are ignored, missing ones refused.

This says what an event may look like; `shared.platform.codec` puts it on the wire.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, TypeVar, Union
from uuid import UUID

CONTENT_TYPE = "application/cloudevents+json"
SPEC_VERSION = "1.0"

T = TypeVar("T")
Decode = Callable[[Any], Any]


class Malformed(ValueError):
    """The bytes are not an event: no JSON, no CloudEvent, an unknown type, or a field that does not fit."""


def to_json(value: Any) -> dict[str, Any]:
    """A dataclass as plain JSON values: ids and times as strings, tuples as lists."""
    return {name: plain(getattr(value, name)) for name in _names(_class_of(value))}


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


def plain(value: Any) -> Any:
    """A value of a dataclass's field as plain JSON values."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, (UUID, date)):
        return str(value)
    return to_json(value)


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


_list = _exact(list)

_SCALARS: dict[Any, Decode] = {
    str: _text,
    int: _exact(int),
    bool: _exact(bool),
    float: _number,
    UUID: UUID,
    datetime: _instant,
    date: date.fromisoformat,
}
