"""Each consumer states which fields of each event it uses (`shared/contracts/uses/`), and uses no others.

The statement is what a publisher may not take away: tests/contract holds every publisher to it. Written anew with
RINGBACK_WRITE_USES=1.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from deploy.contracts import EXAMPLES, ROOT
from shared.contracts.event import Envelope
from shared.contracts.routes import HEARS, SERVICES
from shared.platform.codec import decode
from shared.platform.work import Database

USES = ROOT / "shared/contracts/uses"


class RolledBack(Exception):
    """Ends a transaction that was only to be watched."""


@contextmanager
def watched(cls: type) -> Iterator[set[str]]:
    """The fields of a class's instances that are read meanwhile."""
    fields, read = {field.name for field in dataclasses.fields(cls)}, set[str]()

    def get(self: Any, name: str) -> Any:
        if name in fields:
            read.add(name)
        return object.__getattribute__(self, name)

    cls.__getattribute__ = get  # type: ignore[method-assign,assignment]
    try:
        yield read
    finally:
        del cls.__getattribute__  # type: ignore[misc]


async def read_by(database: Database, handle: Callable[..., Any], envelope: Envelope) -> set[str]:
    """What a handler reads of an event before it is done, or gives up on a database that knows nobody."""
    with watched(type(envelope.data)) as read, suppress(Exception):
        async with database.work() as work:
            await handle(work.caused_by(envelope), envelope.data)
            raise RolledBack
    return read


@pytest.mark.parametrize("service", SERVICES)
async def test_a_consumer_uses_what_it_says_it_uses(open_database: Callable[[str], Database], service: str) -> None:
    database, handlers = open_database(service), importlib.import_module(f"services.{service}.consumers").HANDLERS
    used: dict[str, list[str]] = {}
    for type_ in sorted(HEARS[service]):
        found: set[str] = set()
        for path in sorted((EXAMPLES / type_).glob("*.json")):
            envelope = decode(path.read_bytes())
            found |= await read_by(database, handlers[type(envelope.data)], envelope)
        used[type_] = sorted(found)
    file = USES / f"{service}.json"
    if os.environ.get("RINGBACK_WRITE_USES"):
        file.write_text(json.dumps({"events": used} | _http(file), ensure_ascii=False, indent=2) + "\n")
    stated = json.loads(file.read_text())["events"]
    assert stated.keys() == used.keys()
    for type_, fields in used.items():
        assert set(fields) <= set(stated[type_]), f"{service} uses more of {type_} than it says"
    assert sum(map(len, used.values())) > 10, "nothing was watched"


def _http(file: Any) -> dict[str, Any]:
    """What is stated of HTTP calls is written by hand, and stays."""
    known = json.loads(file.read_text()) if file.exists() else {}
    return {"http": known.get("http", {})}
