"""What callers rely on stays: an operation, field or value that goes, or a new duty, fails before it is committed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from deploy.compatibility import broken_calls
from deploy.contracts import broken_http

Json = dict[str, Any]

TEAM: Json = {
    "type": "object",
    "required": ["team_id", "name"],
    "properties": {
        "team_id": {"type": "string", "format": "uuid"},
        "name": {"type": "string"},
        "parent": {"anyOf": [{"$ref": "#/components/schemas/Team"}, {"type": "null"}]},
    },
}
NEW_TEAM: Json = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "size": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "kind": {"type": "string", "enum": ["hotline", "chat"]},
        "codes": {"type": "array", "items": {"type": "string"}},
    },
}
OLD: Json = {
    "components": {
        "schemas": {"Team": TEAM, "NewTeam": NEW_TEAM},
        "parameters": {"Language": {"name": "Accept-Language", "in": "header", "schema": {"type": "string"}}},
    },
    "paths": {
        "/teams": {
            "post": {
                "operationId": "create_team",
                "parameters": [
                    {"$ref": "#/components/parameters/Language"},
                    {"name": "dry_run", "in": "query", "schema": {"type": "boolean"}},
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewTeam"}}},
                },
                "responses": {
                    "201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Team"}}}}
                },
            }
        }
    },
}


def changed(change: Callable[[Json, Json, Json], Any]) -> Json:
    """The document after a change of its operation, of what it takes or of what it gives."""
    new = copy.deepcopy(OLD)
    schemas = new["components"]["schemas"]
    change(new["paths"]["/teams"]["post"], schemas["NewTeam"], schemas["Team"])
    return new


def test_no_call_breaks_what_was_committed() -> None:
    assert broken_http() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda _, __, given: given["properties"].update(zone={"type": "string"}),
        lambda _, __, given: given["required"].append("parent"),
        lambda _, taken, __: taken["properties"].update(zone={"type": "string"}),
        lambda _, taken, __: taken["required"].clear(),
        lambda _, taken, __: taken["properties"]["kind"]["enum"].append("mail"),
        lambda _, taken, __: taken["properties"].update(name={"anyOf": [{"type": "string"}, {"type": "null"}]}),
        lambda call, _, __: call["parameters"].append({"name": "note", "in": "query", "schema": {"type": "string"}}),
        lambda call, _, __: call["responses"].update({"202": {}}),
    ],
)
def test_taking_more_and_giving_more_breaks_nothing(change: Callable[[Json, Json, Json], Any]) -> None:
    assert broken_calls(OLD, changed(change)) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda call, _, __: call.update(operationId="make_team"), "its id create_team became make_team"),
        (lambda call, _, __: call["parameters"].pop(), "parameter query dry_run is no longer taken"),
        (lambda call, _, __: call["parameters"][1].update(required=True), "parameter query dry_run is now required"),
        (lambda call, _, __: call["responses"].pop("201"), "it no longer answers 201"),
        (lambda _, taken, __: taken["properties"].pop("size"), "body: size is no longer taken"),
        (lambda _, taken, __: taken["required"].append("size"), "body: size is now required"),
        (
            lambda _, taken, __: taken["properties"].update(size={"type": "integer"}),
            "body: size: null is no longer taken",
        ),
        (lambda _, taken, __: taken["properties"]["kind"]["enum"].pop(), "body: kind: 'chat' is no longer taken"),
        (
            lambda _, taken, __: taken["properties"]["codes"].update(items={"type": "integer"}),
            "body: codes[]: string is no longer taken",
        ),
        (lambda _, __, given: given["properties"].pop("name"), "answer 201: name is gone"),
        (lambda _, __, given: given["required"].remove("name"), "answer 201: name may be missing now"),
        (
            lambda _, __, given: given["properties"].update(name={"anyOf": [{"type": "string"}, {"type": "null"}]}),
            "answer 201: name: null may come now",
        ),
        (
            lambda _, __, given: given["properties"].update(team_id={"type": "string"}),
            "answer 201: team_id: string may",
        ),
    ],
)
def test_taking_less_or_giving_less_breaks_callers(change: Callable[[Json, Json, Json], Any], why: str) -> None:
    found = broken_calls(OLD, changed(change))
    assert any(line.startswith(f"POST /teams: {why}") for line in found), found


def test_an_operation_that_is_gone_breaks_its_callers() -> None:
    assert broken_calls(OLD, OLD | {"paths": {}}) == ["POST /teams: removed"]
