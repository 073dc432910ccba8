"""The HTTP contract: committed, complete, and the same for every service."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from deploy.contracts import ROOT, app_of
from deploy.openapi import gateway_document
from shared.contracts.access import ALL_SCOPES
from shared.contracts.routes import SERVICES

SWAGGER = ("docs", "docs/static/{path}")
PUBLIC = {
    *("/livez", "/readyz", "/metrics"),
    *("/a/{token}", "/notify/v1/a/{token}", "/cases/v1/surveys/{token}", "/roster/v1/agents/{agent_id}/calendar.ics"),
    "/notify/v1/receipts/sms",
} | {
    f"/{service}/v1/{document}"
    for service in SERVICES
    for document in ("openapi.json", "asyncapi.json", "reference", "events", "error-codes", *SWAGGER)
}
"""What anybody may ask: health, the documents, what is behind a secret address, which is its own credential, and what
its sender signs."""


@pytest.fixture(scope="module", params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def document(service: str) -> dict[str, Any]:
    return app_of(service).openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_the_committed_document_is_the_generated_one(service: str, document: dict[str, Any]) -> None:
    committed = json.loads((ROOT / f"docs/openapi/{service}.json").read_text())
    assert committed == document, "run `make contracts`"


def test_the_document_is_openapi_3_1_and_its_schemas_are_schemas(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", [*SERVICES, "ringback"])
def test_the_committed_documents_pass_the_specifications_own_validator(name: str) -> None:
    document = json.loads((ROOT / f"docs/openapi/{name}.json").read_text())
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_the_gateways_document_is_made_of_the_services_own() -> None:
    documents = {service: app_of(service).openapi() for service in SERVICES}
    whole = json.loads((ROOT / "docs/openapi/ringback.json").read_text())
    assert whole == gateway_document(documents), "run `make contracts`"
    assert set(whole["paths"]) == {path for document in documents.values() for path in document["paths"]}
    ids = [operation["operationId"] for _, _, operation in operations(whole)]
    assert len(ids) == len(set(ids))


def test_every_body_has_an_example_that_the_operation_takes(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        told = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if told is None:
            continue
        whole = {"components": document["components"], "allOf": [told["schema"]]}
        faults = [error.message for error in Draft202012Validator(whole).iter_errors(told["example"])]
        assert not faults, f"{method} {path}: {faults}"
        assert told["example"], f"{method} {path}: an empty example shows nothing"


def test_every_reference_points_at_something(document: dict[str, Any]) -> None:
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert named <= set(document["components"]["schemas"])


def test_schemas_have_names_that_people_would_give_them(document: dict[str, Any]) -> None:
    for name in document["components"]["schemas"]:
        assert re.fullmatch(r"([A-Z][a-z0-9]*)+(-Input|-Output)?", name), name


def test_a_default_is_a_value_that_may_be_given(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        for parameter in operation["parameters"]:
            schema = parameter.get("schema", {})
            if schema.get("default") is not None:
                assert Draft202012Validator(schema).is_valid(schema["default"]), f"{method} {path}"
    for name, schema in document["components"]["schemas"].items():
        for field, inner in schema.get("properties", {}).items():
            if inner.get("default") is not None and "$ref" not in str(inner):
                assert Draft202012Validator(inner).is_valid(inner["default"]), f"{name}.{field}"


def test_every_operation_has_a_stable_id_and_says_what_it_does(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    for path, method, operation in operations(document):
        assert re.fullmatch(r"[a-z]+(_[a-z]+)+", operation["operationId"]), f"{method} {path}"
        assert operation.get("description"), f"{method} {path} has no docstring"


def test_every_operation_tells_of_problems_and_language(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        content = operation["responses"]["default"]["content"]
        assert content["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}, path
        shared = [parameter.get("$ref", "").rpartition("/")[2] for parameter in operation["parameters"]]
        assert "Language" in shared
        assert ("IdempotencyKey" in shared) == (method in {"post", "patch"})
        assert ("IfMatch" in shared) == (method == "patch")


def test_paths_are_versioned_nouns(service: str, document: dict[str, Any]) -> None:
    for path in document["paths"]:
        assert re.fullmatch(rf"/{service}/v1(/([a-z-]+|\{{[a-z_]+\}})(:[a-z]+)?)+(\.(xlsx|csv|ics))?", path), path


def test_only_known_verbs_are_used(document: dict[str, Any]) -> None:
    assert {method for _, method, _ in operations(document)} <= {"get", "post", "patch", "put", "delete"}


def test_every_operation_needs_one_scope_that_some_role_has(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        [requirement] = operation.get("security", [{}])
        [scope] = requirement.get("bearer", [None])
        assert scope in ALL_SCOPES, f"{method} {path} is open to everybody: put `opens(...)` on it"


def test_no_route_outside_the_document_is_open_to_everybody_but_the_few_meant_to_be(service: str) -> None:
    app = app_of(service)
    listed = set(app.openapi()["paths"])
    for context in iter_route_contexts(app.routes):
        path = str(context.path_format or context.path)
        assert path in listed | PUBLIC, f"{path}: is it meant to be public?"
