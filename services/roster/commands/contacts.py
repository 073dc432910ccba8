"""Who can be reached personally, as notify tells it: only that there is a way, never the address."""

from __future__ import annotations

from services.roster.store.people import save_contact
from shared.contracts.notify import ContactFact
from shared.platform.work import Work


async def keep_contact(work: Work, event: ContactFact, *, verified: bool) -> None:
    """Note a contact method as verified or gone; older news than what is known is dropped."""
    assert work.cause is not None, "contacts come as events"
    await save_contact(work.conn, event, verified=verified, sequence=work.cause.sequence)
