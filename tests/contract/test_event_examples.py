"""Golden examples: every published type has one, they never change, and everybody who hears a type can read them."""

from __future__ import annotations

import hashlib
import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from deploy.contracts import EXAMPLES, LEDGER, ROOT, ledger
from shared.contracts import EVENTS, asyncapi
from shared.contracts.routes import HEARS, SERVICES
from shared.contracts.schema import schema_of
from shared.platform.codec import decode, encode

FILES = sorted(EXAMPLES.glob("*/*.json"))
BY_NAME = [f"{path.parent.name}/{path.stem}" for path in FILES]


def test_every_type_has_an_example_and_every_example_a_type() -> None:
    assert {path.parent.name for path in FILES} == set(EVENTS)


def test_examples_are_only_ever_added() -> None:
    recorded = dict(line.split("  ")[::-1] for line in LEDGER.read_text().splitlines())
    for name, checksum in recorded.items():
        path = EXAMPLES / name
        assert path.exists(), f"{name} is gone: events like it are stored and will be read"
        assert hashlib.sha256(path.read_bytes()).hexdigest() == checksum, f"{name} was changed: add another instead"
    assert ledger() == LEDGER.read_text(), "an example is not on record: run `make contracts`"


@pytest.mark.parametrize("path", FILES, ids=BY_NAME)
def test_an_example_is_read_and_written_as_it_stands(path: Path) -> None:
    envelope = decode(path.read_bytes())
    assert envelope.type == path.parent.name
    assert _is_within(json.loads(path.read_text()), json.loads(encode(envelope)))


def _is_within(old: Any, new: Any) -> bool:
    """The same, but for optional fields that came later."""
    if isinstance(old, dict):
        return all(name in new and _is_within(value, new[name]) for name, value in old.items())
    if isinstance(old, list):
        return len(old) == len(new) and all(map(_is_within, old, new))
    return bool(old == new)


@pytest.mark.parametrize("path", FILES, ids=BY_NAME)
def test_an_example_fits_the_schema_and_the_asyncapi_message(path: Path) -> None:
    cls = EVENTS[path.parent.name]
    event = json.loads(path.read_text())
    checker = Draft202012Validator.FORMAT_CHECKER
    Draft202012Validator(schema_of(cls), format_checker=checker).validate(event["data"])
    message = asyncapi.document()["components"]["messages"][cls.__name__]
    Draft202012Validator(message["payload"], format_checker=checker).validate(event)


LISTEN_TO_THEMSELVES = ("cases", "notify")
"""cases works off its own imports behind the request; notify offers every event to webhooks, its own, too."""


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_handles_exactly_what_it_hears(service: str) -> None:
    handlers = importlib.import_module(f"services.{service}.consumers").HANDLERS
    assert {cls.type for cls in handlers} == set(HEARS[service])


@pytest.mark.parametrize("service", SERVICES)
def test_a_consumer_reads_every_example_it_binds_with_a_surprise_in_it(service: str) -> None:
    handlers = importlib.import_module(f"services.{service}.consumers").HANDLERS
    heard = [path for path in FILES if path.parent.name in HEARS[service]]
    assert heard
    for path in heard:
        envelope = decode(_with_surprise(json.loads(path.read_text())))
        assert type(envelope.data) in handlers
        assert envelope == decode(path.read_bytes())


def _with_surprise(event: dict[str, Any]) -> bytes:
    event["data"] |= {"surprise": {"deep": [1, None, "惊喜"]}}
    return json.dumps(event | {"surprise": True}).encode()


def test_every_type_that_is_heard_is_published_by_somebody() -> None:
    for service, types in HEARS.items():
        for type_ in types:
            assert type_ in EVENTS
            aside = service in LISTEN_TO_THEMSELVES or not type_.startswith(f"{service}.")
            assert aside, f"{service} listens to itself"


def test_the_committed_asyncapi_document_is_the_generated_one() -> None:
    committed = json.loads((ROOT / "docs/asyncapi.json").read_text())
    assert committed == asyncapi.document(), "run `make contracts`"


def test_the_asyncapi_document_holds_together() -> None:
    document = asyncapi.document()
    assert document["asyncapi"].startswith("3.")
    for reference in _references(document):
        place: Any = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
    actions = {(operation["action"], operation["channel"]["$ref"]) for operation in document["operations"].values()}
    for service, types in HEARS.items():
        assert all(f"{service}.hear.{EVENTS[type_].__name__}" in document["operations"] for type_ in types)
    assert {ref.removeprefix("#/channels/") for action, ref in actions if action == "send"} == set(EVENTS)


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in _references(value)]
    return [found for value in node for found in _references(value)] if isinstance(node, list) else []
