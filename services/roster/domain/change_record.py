"""A shift change in its stored form, and back."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from services.roster.domain.change import Answer, Delivery, Escalation, Resolution, ShiftChange, Step
from services.roster.domain.line import days_from, days_json
from shared.contracts.codec import from_json, to_json

T = TypeVar("T")

_PARTS: dict[str, type] = {
    "answer": Answer,
    "resolution": Resolution,
    "last_delivery": Delivery,
    "escalation": Escalation,
}


def change_from(record: Any) -> ShiftChange:
    """A change from its stored record."""
    return ShiftChange(
        **{
            **record,
            "days": days_from(record["days"]),
            **{name: _part(kind, record[name]) for name, kind in _PARTS.items()},
            "history": tuple(from_json(Step, step) for step in json.loads(record["history"])),
        }
    )


def change_record(change: ShiftChange) -> dict[str, Any]:
    """A change in its stored form."""
    return {
        **{name: getattr(change, name) for name in ShiftChange.__slots__},
        "days": days_json(change.days),
        **{name: _stored_part(getattr(change, name)) for name in _PARTS},
        "history": _stored([to_json(step) for step in change.history]),
    }


def _part(kind: type[T], stored: str | None) -> T | None:
    return from_json(kind, json.loads(stored)) if stored else None


def _stored_part(value: Any) -> str | None:
    return None if value is None else _stored(to_json(value))


def _stored(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
