"""What in a new OpenAPI document would break whoever calls by the old one.

We may take more and give more; never less, and nothing of another kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


def broken_calls(old: Json, new: Json) -> list[str]:
    """Every break, by operation and field; nothing when the new document only adds."""
    found = []
    for path, operations in old["paths"].items():
        for method, operation in operations.items():
            now = new["paths"].get(path, {}).get(method)
            whys = _Comparison(old, new).of(operation, now) if now else ["removed"]
            found += [f"{method.upper()} {path}: {why}" for why in whys]
    return found


class _Comparison:
    """One operation then and now. `giving`: whether we give a value (an answer) or take it (a request)."""

    def __init__(self, old: Json, new: Json) -> None:
        self._old, self._new = old["components"], new["components"]
        self._compared: set[tuple[int, int]] = set()
        """Schemas already compared: they may contain themselves."""

    def of(self, old: Json, new: Json) -> Iterator[str]:
        if old["operationId"] != new["operationId"]:
            yield f"its id {old['operationId']} became {new['operationId']}"
        yield from self._parameters(old, new)
        yield from self._body(old.get("requestBody"), new.get("requestBody"))
        for status, answer in old["responses"].items():
            if status not in new["responses"]:
                yield f"it no longer answers {status}"
            else:
                yield from self._contents(answer, new["responses"][status], f"answer {status}", giving=True)

    def _parameters(self, old: Json, new: Json) -> Iterator[str]:
        before, after = self._named(old, self._old), self._named(new, self._new)
        for key in before.keys() - after.keys():
            yield f"parameter {key} is no longer taken"
        for key, now in after.items():
            if now.get("required") and not before.get(key, {}).get("required"):
                yield f"parameter {key} is now required"
        for key in before.keys() & after.keys():
            yield from self._schema(before[key]["schema"], after[key]["schema"], f"parameter {key}", giving=False)

    def _named(self, operation: Json, components: Json) -> dict[str, Json]:
        opened = [
            components["parameters"][one["$ref"].rpartition("/")[2]] if "$ref" in one else one
            for one in operation.get("parameters", [])
        ]
        return {f"{one['in']} {one['name']}": one for one in opened}

    def _body(self, old: Json | None, new: Json | None) -> Iterator[str]:
        if new and new.get("required") and not (old and old.get("required")):
            yield "a body is now required"
        if old:
            yield from self._contents(old, new or {}, "body", giving=False)

    def _contents(self, old: Json, new: Json, at: str, *, giving: bool) -> Iterator[str]:
        for kind, content in old.get("content", {}).items():
            now = new.get("content", {}).get(kind)
            if now is None:
                yield f"{at}: {kind} is gone"
            elif "schema" in content and "schema" in now:
                yield from self._schema(content["schema"], now["schema"], at, giving=giving)

    def _schema(self, old: Json, new: Json, at: str, *, giving: bool) -> Iterator[str]:
        before, after = _variants(old, self._old), _variants(new, self._new)
        was, now = before.keys(), after.keys()
        for kind in sorted(now - was if giving else was - now):
            yield f"{at}: {kind} {'may come now' if giving else 'is no longer taken'}"
        for kind in sorted(was & now):
            yield from self._variant(before[kind], after[kind], at, giving=giving)

    def _variant(self, old: Json, new: Json, at: str, *, giving: bool) -> Iterator[str]:
        if (id(old), id(new)) in self._compared:
            return
        self._compared.add((id(old), id(new)))
        before, after = old.get("properties", {}), new.get("properties", {})
        for name in sorted(before.keys() - after.keys()):
            yield f"{at}: {name} is {'gone' if giving else 'no longer taken'}"
        was, now = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted((was - now) & after.keys() if giving else now - was):
            yield f"{at}: {name} {'may be missing now' if giving else 'is now required'}"
        if not giving and "enum" in new:
            for value in [value for value in old.get("enum", ["other values"]) if value not in new["enum"]]:
                yield f"{at}: {value!r} is no longer taken"
        for name in sorted(before.keys() & after.keys()):
            yield from self._schema(before[name], after[name], f"{at}: {name}", giving=giving)
        if "items" in old and "items" in new:
            yield from self._schema(old["items"], new["items"], f"{at}[]", giving=giving)


def _variants(schema: Json, components: Json) -> dict[str, Json]:
    """The kinds of value that a schema stands for (`string date-time`, `object`, `null`), and the schema of each."""
    if "$ref" in schema:
        return _variants(components["schemas"][schema["$ref"].rpartition("/")[2]], components)
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return {kind: one for option in options for kind, one in _variants(option, components).items()}
    return {f"{schema.get('type', 'anything')} {schema.get('format', '')}".strip(): schema}
