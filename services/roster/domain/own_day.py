"""A day for which the organisation decides itself whether it works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDay:
    """`working` goes before what the official calendar says of the day."""

    on: date
    working: bool
    name: str | None = None
    set_by: str
    version: int = 1
    updated_at: datetime
