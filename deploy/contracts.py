"""Write what the code promises to others: event schemas, AsyncAPI, OpenAPI (`make contracts`).

A schema that would break its consumers is not written: publish a new version of the event beside the old one instead.
Nor is an OpenAPI document that would break its callers, unless told so (`make contracts ARGS=--break-callers`).
"""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from deploy.compatibility import broken_calls
from deploy.openapi import gateway_document
from shared.contracts import EVENTS, asyncapi
from shared.contracts.routes import SERVICES
from shared.contracts.schema import breaks, schema_of
from shared.platform.auth import Keys, Verifier
from shared.platform.clock import SystemClock
from shared.platform.db import connect
from shared.platform.work import Database

ROOT = Path(__file__).parents[1]
SCHEMAS = ROOT / "shared/contracts/schemas"
EXAMPLES = ROOT / "shared/contracts/examples"
LEDGER = EXAMPLES / "SHA256SUMS"


def main() -> int:
    """Write everything anew; 1 and nothing written when an event or a call would break."""
    if broken := broken_events():
        return _refuse("These changes break consumers; make a new version of the event:", broken)
    if "--break-callers" not in sys.argv and (broken := broken_http()):
        return _refuse("These changes break callers; add a field, an operation or a version instead:", broken)
    for path, text in documents().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return 0


def broken_events() -> list[str]:
    """What would break, by event type and field; a type that is gone breaks too."""
    found = []
    for path in sorted(SCHEMAS.glob("*.json")):
        cls = EVENTS.get(path.stem)
        whys = breaks(json.loads(path.read_text()), schema_of(cls)) if cls else ["removed"]
        found += [f"{path.stem}: {why}" for why in whys]
    return found


def broken_http() -> list[str]:
    """What would break callers, compared with the committed documents."""
    found = []
    for service in SERVICES:
        committed = ROOT / f"docs/openapi/{service}.json"
        if committed.exists():
            found += broken_calls(json.loads(committed.read_text()), app_of(service).openapi())
    return found


def _refuse(why: str, broken: list[str]) -> int:
    sys.stderr.write(f"{why}\n")
    sys.stderr.writelines(f"  {line}\n" for line in broken)
    return 1


def documents() -> dict[Path, str]:
    """Every generated file and what belongs in it."""
    schemas = {SCHEMAS / f"{type_}.json": _text(schema_of(cls)) for type_, cls in EVENTS.items()}
    openapi = {service: app_of(service).openapi() for service in SERVICES}
    openapi["ringback"] = gateway_document(openapi)
    pages = {ROOT / f"docs/openapi/{name}.json": _text(document) for name, document in openapi.items()}
    return schemas | pages | {ROOT / "docs/asyncapi.json": _text(asyncapi.document()), LEDGER: ledger()}


def app_of(service: str) -> FastAPI:
    """A service's application, to look at: it has no database behind it."""
    module = importlib.import_module(f"services.{service}.app")
    database = Database(service, connect("postgresql://nobody@127.0.0.1/nothing"), SystemClock())
    app: FastAPI = module.build(database, Verifier(Keys(""), "ringback"))
    return app


def ledger() -> str:
    """The checksums of the golden examples: those on record, and one for each new file."""
    known = dict(line.split("  ")[::-1] for line in LEDGER.read_text().splitlines()) if LEDGER.exists() else {}
    for path in sorted(EXAMPLES.glob("*/*.json")):
        known.setdefault(str(path.relative_to(EXAMPLES)), hashlib.sha256(path.read_bytes()).hexdigest())
    return "".join(f"{checksum}  {name}\n" for name, checksum in sorted(known.items()))


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main())
