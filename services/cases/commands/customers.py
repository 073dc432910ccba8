"""Customers: added and changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.cases.domain.customer import Customer, Identity, changed, masked, new_customer
from services.cases.store.customers import add_customer, load_customer, save_customer
from shared.platform.ids import new_id
from shared.platform.work import Work

PERSONAL = "cases:personal"
"""The scope that sees and replaces whole phone numbers and other identities."""


async def create_customer(
    work: Work, *, external_id: str | None, name: str, tier: str, identities: tuple[Identity, ...]
) -> Customer:
    """Add a customer; 409 with whose it is when an identity or the external id is already somebody's."""
    customer = new_customer(
        customer_id=new_id(), external_id=external_id, name=name, tier=tier, identities=identities, now=work.now
    )
    await add_customer(work.conn, customer)
    return _seen(work, customer)


async def change_customer(work: Work, *, customer_id: UUID, seen_version: int, changes: dict[str, Any]) -> Customer:
    """Replace the given fields; replacing identities needs the scope to see them."""
    if "identities" in changes:
        work.actor.require(PERSONAL)
    before = await load_customer(work.conn, customer_id)
    after = changed(before, seen_version=seen_version, now=work.now, changes=changes)
    await save_customer(work.conn, after)
    return _seen(work, after)


def _seen(work: Work, customer: Customer) -> Customer:
    return customer if PERSONAL in work.actor.scopes else masked(customer)
