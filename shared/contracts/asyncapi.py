"""The AsyncAPI 3.0 document of what the services say to each other, from the event registry and who hears what."""

from __future__ import annotations

from typing import Any

from shared.contracts.codec import CONTENT_TYPE, SPEC_VERSION
from shared.contracts.event import EVENTS, Event
from shared.contracts.routes import HEARS, SERVICES
from shared.contracts.schema import schema_of

_TEXT = {"type": "string"}
_ID = {"type": "string", "format": "uuid"}


def document() -> dict[str, Any]:
    """The whole document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Ringback events",
            "version": "1",
            "description": "CloudEvents 1.0 in structured JSON on one topic exchange; the type is the routing key.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {type_: _channel(type_, cls) for type_, cls in sorted(EVENTS.items())},
        "operations": _publications() | _subscriptions(),
        "components": {"messages": {cls.__name__: _message(cls) for _, cls in sorted(EVENTS.items())}},
    }


def _channel(type_: str, cls: type[Event]) -> dict[str, Any]:
    return {
        "address": type_,
        "messages": {cls.__name__: {"$ref": f"#/components/messages/{cls.__name__}"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": {"name": "events", "type": "topic", "durable": True}}},
    }


def _publications() -> dict[str, Any]:
    return {
        f"{type_.split('.')[0]}.publish.{cls.__name__}": _operation("send", type_, cls.__name__)
        for type_, cls in sorted(EVENTS.items())
    }


def _subscriptions() -> dict[str, Any]:
    return {
        f"{service}.hear.{EVENTS[type_].__name__}": _operation("receive", type_, EVENTS[type_].__name__)
        for service in SERVICES
        for type_ in sorted(HEARS[service])
    }


def _operation(action: str, type_: str, name: str) -> dict[str, Any]:
    channel = f"#/channels/{type_}"
    return {"action": action, "channel": {"$ref": channel}, "messages": [{"$ref": f"{channel}/messages/{name}"}]}


def _message(cls: type[Event]) -> dict[str, Any]:
    data = {name: value for name, value in schema_of(cls).items() if name not in ("$schema", "$id")}
    return {
        "name": cls.type,
        "title": cls.__name__,
        "summary": data["description"],
        "contentType": CONTENT_TYPE,
        "payload": _envelope(cls, data),
    }


def _envelope(cls: type[Event], data: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "subject", "time", "sequence", "correlationid", "data"],
        "properties": {
            "specversion": {"const": SPEC_VERSION},
            "id": _ID,
            "source": {"const": f"/{cls.type.split('.')[0]}"},
            "type": {"const": cls.type},
            "subject": _ID | {"description": f"{cls.subject_field}: the aggregate this happened to"},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            "sequence": {"type": "integer", "description": "the aggregate's version after the event"},
            "correlationid": _TEXT,
            "causationid": _TEXT,
            "traceparent": _TEXT,
            "data": data,
        },
    }
