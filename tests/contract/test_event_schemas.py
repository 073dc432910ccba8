"""What an event may still become: optional fields may be added, nothing else, or consumers and stored events break."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator

from deploy.contracts import SCHEMAS, broken_events
from shared.contracts import EVENTS
from shared.contracts.event import Event
from shared.contracts.routes import SERVICES
from shared.contracts.schema import breaks, schema_of

TYPES = sorted(EVENTS)


@pytest.mark.parametrize("type_", TYPES)
def test_a_type_is_service_noun_past_verb_version_and_its_class_is_named_after_it(type_: str) -> None:
    service, noun, verb, version = type_.split(".")
    cls = EVENTS[type_]
    assert service in SERVICES
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", noun)
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", verb)
    assert re.fullmatch(r"v[1-9]\d*", version)
    named = "".join(word.capitalize() for word in f"{noun}_{verb}".split("_"))
    assert cls.__name__ == named + ("" if version == "v1" else version.upper())
    assert cls.__module__.startswith(f"shared.contracts.{service}")
    assert cls.__doc__


@pytest.mark.parametrize("type_", TYPES)
def test_the_committed_schema_is_the_one_of_the_class(type_: str) -> None:
    assert json.loads((SCHEMAS / f"{type_}.json").read_text()) == schema_of(EVENTS[type_]), "run `make contracts`"


@pytest.mark.parametrize("type_", TYPES)
def test_the_schema_is_a_schema(type_: str) -> None:
    Draft202012Validator.check_schema(schema_of(EVENTS[type_]))


def test_no_event_breaks_what_was_committed() -> None:
    assert broken_events() == []


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    code: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Event):
    """As it was."""

    type = "roster.thing.told.v1"
    subject_field = "thing_id"
    thing_id: UUID
    count: int
    name: str | None = None
    lines: tuple[Line, ...] = ()
    last: Line | None = None


OLD = schema_of(Told)


def changed(**properties: Any) -> dict[str, Any]:
    kept = {name: value for name, value in (OLD["properties"] | properties).items() if value is not ...}
    return OLD | {"properties": kept}


def lines(**properties: Any) -> dict[str, Any]:
    line = OLD["properties"]["lines"]["items"]
    return {"type": "array", "items": line | {"properties": line["properties"] | properties}}


TEXT = {"type": "string"}


def test_an_added_optional_field_breaks_nothing() -> None:
    assert list(breaks(OLD, changed(note={"anyOf": [TEXT, {"type": "null"}]}))) == []
    assert list(breaks(OLD, changed(lines=lines(note=TEXT)))) == []
    assert list(breaks(OLD, OLD | {"description": "Said better."})) == []


@pytest.mark.parametrize(
    ("new", "why"),
    [
        (changed(count=...), "count: removed"),
        (changed(count=TEXT), "count.: integer became string"),
        (changed(count={"anyOf": [{"type": "integer"}, {"type": "null"}]}), "count.: integer became integer or null"),
        (changed(name=TEXT), "name.: string or null became string"),
        (changed(thing_id=TEXT), "thing_id.: string uuid became string"),
        (changed(zone=TEXT) | {"required": [*OLD["required"], "zone"]}, "zone: new and required"),
        (OLD | {"required": [*OLD["required"], "name"]}, "name: now required"),
        (changed(lines=lines(at=TEXT)), "lines.[]at.: string date-time became string"),
        (changed(lines={"type": "array", "items": TEXT}), "lines.[]: object became string"),
        (
            changed(last={"anyOf": [lines(code={"type": "integer"})["items"], {"type": "null"}]}),
            "last.code.: string became integer",
        ),
    ],
)
def test_removal_change_of_type_and_new_duties_break(new: dict[str, Any], why: str) -> None:
    assert list(breaks(OLD, new)) == [why]
