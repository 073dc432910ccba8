"""Partners: who is asked outside the system, by phone, chat or e-mail. The sender records what they reply."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.contracts.refusal import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """A partner. `contact` is whom to ask for, not how to reach them."""

    partner_id: UUID
    code: str
    name: str
    channel: str
    contact: str | None = None
    zone: str
    active: bool = True
    version: int = 1
    updated_at: datetime


def changed(partner: Partner, *, seen_version: int, now: datetime, changes: dict[str, Any]) -> Partner:
    """The partner with some fields replaced, if nobody changed it since the caller looked (`stale-version`)."""
    if partner.version != seen_version:
        raise Refusal("stale-version", current=partner.version)
    return replace(partner, **changes, version=partner.version + 1, updated_at=now)
