"""One OpenAPI document for the gateway, made of the services' own: what a client generator wants."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

REF = "#/components/schemas/"


def gateway_document(documents: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The services' documents as one, by service name.

    Operation ids get their service's name in front (`roster_create_team`); so does a schema whose name means different
    things in two services (`RosterTeam`, `KpiTeam`).
    """
    ambiguous = _ambiguous(documents)
    own = {service: _renamed(service, document, ambiguous) for service, document in documents.items()}
    merged: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Ringback", "summary": "every service behind one origin", "version": "1"},
        "paths": {},
        "components": {},
    }
    for service, document in own.items():
        for path, operations in document["paths"].items():
            merged["paths"][path] = {
                method: operation | {"operationId": f"{service}_{operation['operationId']}"}
                for method, operation in operations.items()
            }
        for kind, found in document["components"].items():
            merged["components"].setdefault(kind, {}).update(found)
    return merged


def _ambiguous(documents: Mapping[str, dict[str, Any]]) -> set[str]:
    """Names of schemas that differ between services, and of those that refer to one that does."""
    seen: dict[str, str] = {}
    differing = set()
    for document in documents.values():
        for name, schema in document["components"]["schemas"].items():
            text = json.dumps(schema, sort_keys=True)
            if seen.setdefault(name, text) != text:
                differing.add(name)
    while more := {name for name, text in seen.items() if name not in differing and _refers(text, differing)}:
        differing |= more
    return differing


def _refers(text: str, names: set[str]) -> bool:
    return any(f'"{REF}{name}"' in text for name in names)


def _renamed(service: str, document: dict[str, Any], ambiguous: set[str]) -> dict[str, Any]:
    text = json.dumps(document)
    for name in ambiguous:
        text = text.replace(f'"{REF}{name}"', f'"{REF}{service.capitalize()}{name}"')
    found: dict[str, Any] = json.loads(text)
    schemas = found["components"]["schemas"]
    names = {name: f"{service.capitalize()}{name}" if name in ambiguous else name for name in schemas}
    found["components"]["schemas"] = {names[name]: schema | {"title": names[name]} for name, schema in schemas.items()}
    return found
