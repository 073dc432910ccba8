"""What is wrong with a request's shape, under our own codes: they stay when the validation library changes its."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from shared.contracts.errors import PROBLEMS
from shared.contracts.refusal import Fault

FIELD_LENGTH = 200

_CODES = {
    "missing": "field-required",
    "extra_forbidden": "unknown-field",
    "string_too_short": "text-too-short",
    "string_too_long": "text-too-long",
    "string_pattern_mismatch": "text-pattern",
    "string_unicode": "text-unstorable",
    "too_short": "too-few",
    "too_long": "too-many",
    "greater_than": "not-greater",
    "greater_than_equal": "too-small",
    "less_than": "not-less",
    "less_than_equal": "too-large",
    "multiple_of": "not-a-multiple",
    "finite_number": "not-a-number",
    "literal_error": "not-one-of",
    "enum": "not-one-of",
    "timezone_aware": "offset-missing",
    "timezone_naive": "offset-unwanted",
    "model_attributes_type": "not-an-object",
}
"""Validation types with a code of their own."""

_KINDS = {
    "string": "not-text",
    "int": "not-a-whole-number",
    "float": "not-a-number",
    "decimal": "not-a-number",
    "bool": "not-a-boolean",
    "uuid": "not-an-id",
    "date": "not-a-date",
    "datetime": "not-an-instant",
    "time": "not-a-time",
    "list": "not-a-list",
    "tuple": "not-a-list",
    "set": "not-a-list",
    "frozen": "not-a-list",
    "dict": "not-an-object",
    "model": "not-an-object",
    "dataclass": "not-an-object",
}
"""The rest, by what was expected: the first word of the validation type (`int_parsing`, `int_from_float`, …)."""


def faults_of(details: Iterable[Mapping[str, Any]]) -> tuple[Fault, ...]:
    """The faults behind a validation error; a validator of ours may raise with a catalogue code as its type."""
    return tuple(
        Fault(_field(detail["loc"]), _code(detail["type"]), _told(detail.get("ctx") or {})) for detail in details
    )


def _told(context: Mapping[str, Any]) -> dict[str, object]:
    """What a sentence in any language can take in: whole numbers without `.0`, choices without quotes or an `or`."""
    told = {name: int(value) if _is_whole(value) else value for name, value in context.items()}
    if isinstance(choices := told.get("expected"), str):
        told["expected"] = ", ".join(_CHOICE.findall(choices)) or choices
    return told


def _is_whole(value: object) -> bool:
    return isinstance(value, float) and value.is_integer()


_CHOICE = re.compile(r"'([^']*)'")


def _field(location: tuple[Any, ...]) -> str:
    """The path below `body`, `query` or `path`; those words themselves when the whole of it is wrong."""
    return ".".join(str(part) for part in location[1:] or location)[:FIELD_LENGTH]


def _code(kind: str) -> str:
    if kind in PROBLEMS:
        return kind
    return _CODES.get(kind) or _KINDS.get(kind.split("_", 1)[0], "not-acceptable")
