"""Identifiers made by the application."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import uuid_utils.compat

_NAMESPACE = UUID("6f0c1a52-7f0e-5d5a-9f0b-9b1d4c1f3a77")


def new_id() -> UUID:
    """A UUIDv7: unique, and ordered by the time it was made."""
    return uuid_utils.compat.uuid7()


def made_at(id_: UUID) -> float:
    """When a UUIDv7 was made, in seconds since 1970."""
    return (id_.int >> 80) / 1000


def first_id_at(instant: datetime) -> UUID:
    """What no UUIDv7 made at that instant or later is smaller than."""
    return UUID(int=max(0, round(instant.timestamp() * 1000)) << 80)


def stable_id(*parts: object) -> UUID:
    """The same id for the same parts, always (UUIDv5): for things known to others by a natural key."""
    return uuid_utils.compat.uuid5(_NAMESPACE, "\x1f".join([_text(part) for part in parts]))


def _text(part: object) -> str:
    if isinstance(part, str):
        return part
    return part.isoformat() if isinstance(part, datetime) else str(part)
