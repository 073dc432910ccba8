"""Hand-offs as they are stored, and back."""

from __future__ import annotations

import json
from typing import Any

from services.cases.domain.handoff import Handoff, Step
from services.cases.domain.sla_policy import HandoffTerms
from shared.contracts.codec import from_json, to_json


def handoff_record(handoff: Handoff) -> dict[str, Any]:
    """A hand-off in its stored form."""
    return {name: getattr(handoff, name) for name in Handoff.__slots__} | {
        "terms": _stored(to_json(handoff.terms)),
        "history": _stored([to_json(step) for step in handoff.history]),
    }


def handoff_from(row: Any) -> Handoff:
    """A hand-off from its stored form."""
    values = {name: row[name] for name in Handoff.__slots__}
    return Handoff(
        **values
        | {
            "terms": from_json(HandoffTerms, json.loads(values["terms"])),
            "history": tuple(from_json(Step, step) for step in json.loads(values["history"])),
        }
    )


def _stored(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
