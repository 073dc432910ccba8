"""Event classes as JSON Schema (2020-12): the snapshots in `schemas/`, and what a change of them would break."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Union
from uuid import UUID

from shared.contracts.event import Event

_SCALARS: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    float: {"type": "number"},
    UUID: {"type": "string", "format": "uuid"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
}


def schema_of(cls: type[Event]) -> dict[str, Any]:
    """The schema of an event's data. Unknown fields are allowed: consumers ignore them."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:ringback:event:{cls.type}",
        "title": cls.__name__,
        **_object(cls),
    }


def _object(cls: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(cls)
    fields = dataclasses.fields(cls)
    return {
        "description": " ".join((cls.__doc__ or "").split()),
        "type": "object",
        "required": [field.name for field in fields if _is_required(field)],
        "properties": {field.name: _value(hints[field.name]) for field in fields},
    }


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _value(hint: Any) -> dict[str, Any]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        inner = _value(next(argument for argument in arguments if argument is not type(None)))
        return {"anyOf": [inner, {"type": "null"}]}
    if origin is tuple:
        return {"type": "array", "items": _value(arguments[0])}
    if origin is dict:
        return {"type": "object"}
    if dataclasses.is_dataclass(hint):
        return _object(hint)
    return dict(_SCALARS[hint])


def breaks(old: dict[str, Any], new: dict[str, Any], at: str = "") -> Iterator[str]:
    """What in `new` a consumer or a stored event of `old` would stumble over; nothing when `new` only adds.

    Within one version only optional fields may be added. A field may not go, change its type, or become required.
    """
    if _kind(old) != _kind(new):
        yield f"{at or 'the event'}: {_kind(old)} became {_kind(new)}"
        return
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in before.keys() - after.keys():
        yield f"{at}{name}: removed"
    for name in set(new.get("required", ())) - set(old.get("required", ())):
        yield f"{at}{name}: {'now required' if name in before else 'new and required'}"
    for name in before.keys() & after.keys():
        yield from breaks(before[name], after[name], f"{at}{name}.")
    if "items" in old:
        yield from breaks(old["items"], new["items"], f"{at}[]")
    if "anyOf" in old:
        yield from breaks(old["anyOf"][0], new["anyOf"][0], at)


def _kind(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return f"{_kind(schema['anyOf'][0])} or null"
    return f"{schema.get('type')} {schema.get('format', '')}".strip()
