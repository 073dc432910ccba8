"""Publishers and HTTP providers keep what their consumers state that they use (`shared/contracts/uses/`)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deploy.contracts import ROOT, app_of
from shared.contracts import EVENTS
from shared.contracts.routes import HEARS, SERVICES
from shared.contracts.schema import schema_of

USES = ROOT / "shared/contracts/uses"


def stated(service: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((USES / f"{service}.json").read_text())
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_every_field_that_a_consumer_uses_is_published(service: str) -> None:
    events = stated(service)["events"]
    assert events.keys() == set(HEARS[service])
    for type_, fields in events.items():
        published = schema_of(EVENTS[type_])["properties"]
        assert set(fields) <= set(published), f"{service} uses {set(fields) - set(published)} of {type_}"


@pytest.mark.parametrize("service", SERVICES)
def test_every_field_of_an_answer_that_a_caller_uses_is_answered(service: str) -> None:
    for call, fields in stated(service)["http"].items():
        method, path = call.split()
        provider = app_of(path.split("/")[1]).openapi()
        operation = provider["paths"][path][method.lower()]
        reference = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        answered = provider["components"]["schemas"][reference.rpartition("/")[2]]["properties"]
        assert set(fields) <= set(answered), f"{service} uses {set(fields) - set(answered)} of {call}"


def test_notify_says_what_it_asks_of_cases() -> None:
    assert "GET /cases/v1/customers/{customer_id}/reachability" in stated("notify")["http"]
