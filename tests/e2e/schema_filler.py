"""Requests for every operation of an OpenAPI document, filled from their schemas with a text of one's choice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.platform.ids import new_id

FORMATS = {
    "date": "2026-03-02",
    "date-time": "2026-03-02T09:00:00+08:00",
    "time": "09:00",
    "uri": "https://example.com/hook",
}
NAMED = {"zone": "Asia/Shanghai", "timezone": "Asia/Shanghai", "tz": "Asia/Shanghai", "to_team": "T1", "team": "T1"}


class Filler:
    """Fills schemas. What answers tell (`case_id`, `team_id`, …) is used where a later request asks for it."""

    def __init__(self, document: dict[str, Any], text: str) -> None:
        self._document = document
        self._schemas = document["components"]["schemas"]
        self._text = text
        self.known: dict[str, Any] = {}

    def operations(self, service: str) -> Iterator[tuple[str, str, Any]]:
        """Method, path and JSON body of every operation of a service that changes something."""
        for path, operations in self._document["paths"].items():
            for method, operation in operations.items():
                if path.startswith(f"/{service}/") and method in {"post", "put", "patch"}:
                    content = operation.get("requestBody", {}).get("content", {})
                    schema = content.get("application/json", {}).get("schema")
                    yield method.upper(), self._address(path), self.value(schema, "") if schema else None

    def learn(self, answer: Any) -> None:
        """Remember the ids of what was made."""
        if isinstance(answer, dict):
            self.known |= {name: value for name, value in answer.items() if name.endswith("_id") and value}

    def _address(self, path: str) -> str:
        parts = path.split("/")
        return "/".join(
            str(self.known.get(part.strip("{}"), new_id())) if part.startswith("{") else part for part in parts
        )

    def value(self, schema: dict[str, Any], name: str, depth: int = 0) -> Any:
        """A value that fits, as far as a schema can tell."""
        if "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        if options := schema.get("anyOf") or schema.get("oneOf"):
            return self.value(next(one for one in options if one.get("type") != "null"), name, depth)
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        kind = schema.get("type", "object")
        if kind == "object":
            properties = schema.get("properties", {}) if depth < 5 else {}
            return {key: self.value(inner, key, depth + 1) for key, inner in properties.items()}
        if kind == "array":
            return [self.value(schema.get("items", {"type": "string"}), name, depth + 1)] if depth < 5 else []
        return self._scalar(kind, schema, name)

    def _scalar(self, kind: str, schema: dict[str, Any], name: str) -> Any:
        if kind == "boolean":
            return False
        if kind in {"integer", "number"}:
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        if schema.get("format") == "uuid":
            return str(self.known.get(name, new_id()))
        if name in NAMED or schema.get("format") in FORMATS:
            return NAMED.get(name) or FORMATS[schema["format"]]
        return self._text[-schema.get("maxLength", 1000) :]
