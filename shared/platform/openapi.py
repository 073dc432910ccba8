"""What every route has in common, said once in a service's OpenAPI 3.1 document: problems and headers."""

from __future__ import annotations

import json
import re
from typing import Any

from fastapi import FastAPI

from shared.platform.examples import Examples
from shared.platform.problems import MEDIA_TYPE

RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "Refused, and why",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}

_FAULT = {
    "type": "object",
    "required": ["field", "code", "message"],
    "properties": {
        "field": {"type": "string", "description": "where: a path such as `days.3.code`, or a cell of a sheet"},
        "code": {"type": "string"},
        "message": {"type": "string", "description": "for people, in the language of Accept-Language"},
    },
}

_PROBLEM = {
    "type": "object",
    "description": "A problem document (RFC 9457). `code` never changes its meaning; the sentences may.",
    "required": ["type", "title", "status", "detail", "code", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}},
    },
    "examples": [
        {
            "type": "urn:ringback:problem:invalid-value",
            "title": "有字段不符合要求。",
            "status": 422,
            "detail": "有字段不符合要求。",
            "code": "invalid-value",
            "instance": "/roster/v1/teams",
            "errors": [{"field": "name", "code": "field-required", "message": "必填。"}],
        }
    ],
}

_LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "description": "The language of texts for people: `zh-CN` (default) or `en`. Codes never change.",
    "schema": {"type": "string", "examples": ["zh-CN", "en"]},
}

_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Sent again with the same body, the first answer is given again (kept 24 hours).",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}

_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of the version you saw: 428 without it, 412 when somebody changed it since.",
    "schema": {"type": "string", "examples": ['"3"']},
}

_PAGE_OF = re.compile(r"\bPage_(\w+)_(?=\")")
"""What the framework calls `Page[Team]`: here it is a `TeamPage`."""

_PARAMETERS = {"Language": _LANGUAGE, "IdempotencyKey": _IDEMPOTENCY_KEY, "IfMatch": _IF_MATCH}
_BY_METHOD = {"post": ["Language", "IdempotencyKey"], "patch": ["Language", "IdempotencyKey", "IfMatch"]}


_FORM_OF = re.compile(r"\bBody_([a-z_]+)(?=\")")
"""What the framework calls the form of `import_draft`: here it is an `ImportDraftForm`."""


def _form_name(found: re.Match[str]) -> str:
    return f"{found[1].title().replace('_', '')}Form"


def _without_impossible_default(schema: dict[str, Any]) -> dict[str, Any]:
    """An empty default where empty is refused only says "not given"."""
    if schema.get("default") in ("", []) and (schema.get("minLength") or schema.get("minItems")):
        del schema["default"]
    return schema


def complete(app: FastAPI) -> None:
    """Let the application's document say what the framework cannot know."""
    plain = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(plain())
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    named = _FORM_OF.sub(_form_name, _PAGE_OF.sub(r"\1Page", json.dumps(document)))
    document = json.loads(named, object_hook=_without_impossible_default)
    components = document.setdefault("components", {})
    components.setdefault("schemas", {}).update(Problem=_PROBLEM, Fault=_FAULT)
    components["parameters"] = _PARAMETERS
    examples = Examples(components["schemas"])
    for operations in document["paths"].values():
        for method, operation in operations.items():
            names = _BY_METHOD.get(method, ["Language"])
            shared = [{"$ref": f"#/components/parameters/{name}"} for name in names]
            operation["parameters"] = [*operation.get("parameters", []), *shared]
            if told := operation.get("requestBody", {}).get("content", {}).get("application/json"):
                told.setdefault("example", examples.of(told["schema"]))
    return document
