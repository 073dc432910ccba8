"""Which ways lead to a person, in the order to try them."""

from __future__ import annotations

from services.notify.domain.contact import in_order
from services.notify.store.recipients import load_contacts, load_preferences
from shared.platform.work import Work


async def own_channels(work: Work, staff_no: str) -> tuple[str, ...]:
    """Somebody's own proved channels, in the order they are tried; empty when only the inbox reaches them."""
    contacts = await load_contacts(work, staff_no)
    chosen = (await load_preferences(work, [staff_no])).get(staff_no)
    proved = [contact.channel for contact in contacts if contact.verified_at]
    return in_order(proved, chosen.channels if chosen else ())
