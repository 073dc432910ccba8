"""Phone numbers do not travel: what people wrote freely is masked before it leaves the service that owns it."""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from typing import Any, TypeVar, cast

from shared.contracts.event import Event

FREE_TEXT = frozenset(
    {
        "answer",
        "cause",
        "decision",
        "fix",
        "news",
        "note",
        "override_reason",
        "question",
        "questions",
        "reason",
        "refusal",
        "request",
        "shown",
        "standing",
        "subject",
        "summary",
        "text",
        "title",
        "why",
        "workaround",
    }
)
"""Names of event fields in which people write what they like."""

_IN_TEXT = re.compile(
    r"(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"|(?<![0-9A-Za-z])(?!\d{4}-\d\d-\d\d)\+?\d(?:[ \-().]{0,2}\d){6,14}(?![0-9A-Za-z])"
)
"""An id, which stays; or seven to fifteen digits, perhaps in groups: a long order number is hidden too, which is the
lesser harm."""

_MOBILE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")

E = TypeVar("E", bound=Event)


def mask_mobiles_in(text: str) -> str:
    """A text that also names other numbers (errors, logs): mainland mobile numbers in it are hidden, nothing else."""
    return _MOBILE.sub(r"\1****\2", text)


def mask_phones_in(text: str) -> str:
    """A text for events and logs: whatever reads like a phone number in it is hidden (`138****0000`)."""
    return _IN_TEXT.sub(lambda found: found["id"] or _hidden(found.group()), text)


def without_phones(event: E) -> E:
    """The event, with phone numbers hidden in what people wrote freely."""
    hidden, cls = {}, cast("Any", type(event))
    for name in _free_fields(cls):
        value = getattr(event, name)
        if value and (masked := _masked(value)) != value:
            hidden[name] = masked
    return dataclasses.replace(event, **hidden) if hidden else event


def _masked(value: Any) -> Any:
    return tuple(map(mask_phones_in, value)) if isinstance(value, tuple) else mask_phones_in(value)


@cache
def _free_fields(cls: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cls) if field.name in FREE_TEXT)


def _hidden(written: str) -> str:
    digits = [character for character in written if character.isdigit()]
    return f"{''.join(digits[:3])}****{''.join(digits[-4:])}" if len(digits) >= 10 else "****"
