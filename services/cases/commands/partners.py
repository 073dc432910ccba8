"""Partners outside the system: added and changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.cases.domain import partner as rules
from services.cases.domain.partner import Partner
from services.cases.store import handoffs as store
from shared.platform.ids import new_id
from shared.platform.work import Work


async def create_partner(work: Work, *, code: str, name: str, channel: str, contact: str | None, zone: str) -> Partner:
    """Add a partner; 409 when somebody is called so already."""
    partner = Partner(
        partner_id=new_id(),
        code=code,
        name=name,
        channel=channel,
        contact=contact,
        zone=zone,
        updated_at=work.now,
    )
    await store.add_partner(work.conn, partner)
    return partner


async def change_partner(work: Work, *, partner_id: UUID, seen_version: int, changes: dict[str, Any]) -> Partner:
    """Replace the given fields; the code stays. An inactive one is not asked any more."""
    before = await store.load_partner(work.conn, partner_id)
    after = rules.changed(before, seen_version=seen_version, now=work.now, changes=changes)
    await store.save_partner(work.conn, after)
    return after
