"""Customers: added and changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from services.cases.domain.contact import BATCH, fact_again
from services.cases.domain.customer import Customer, Identity, changed, masked, merged, new_customer
from services.cases.store.cases import add_entry
from services.cases.store.customers import (
    add_customer,
    find_customer,
    hold_customers,
    load_customer,
    move_history,
    save_customer,
)
from shared.contracts.cases import ContactRecorded
from shared.platform.ids import new_id
from shared.platform.timers import Timer, set_timers
from shared.platform.work import Work

LATECOMERS = "customer-merged"
LATECOMERS_AFTER = (timedelta(minutes=1), timedelta(hours=1))
"""When it is looked, after a merge, whether anything came for the customer that is gone."""

PERSONAL = "cases:personal"
"""The scope that sees and replaces whole phone numbers and other identities."""


async def create_customer(
    work: Work, *, external_id: str | None, name: str, tier: str, identities: tuple[Identity, ...], **more: Any
) -> Customer:
    """Add a customer; 409 with whose it is when an identity or the external id is already somebody's."""
    customer = new_customer(
        customer_id=new_id(), external_id=external_id, name=name, tier=tier, identities=identities, now=work.now, **more
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


async def merge_customers(work: Work, *, customer_id: UUID, other_id: UUID) -> Customer:
    """Two customers are one: the first keeps the histories and identities of both; the other points to it."""
    await hold_customers(work.conn, customer_id, other_id)
    first_id, last_id = sorted((customer_id, other_id))
    first, last = await load_customer(work.conn, first_id), await load_customer(work.conn, last_id)
    kept, other = (first, last) if first_id == customer_id else (last, first)
    both, left = merged(kept, other, now=work.now)
    await save_customer(work.conn, left)
    await save_customer(work.conn, both)
    await _move(work, of=other_id, to=customer_id)
    await set_timers(work, [_after_merge(work, other_id, turn=1)])
    return _seen(work, both)


async def move_latecomers(work: Work, timer: Timer) -> None:
    """Whoever was writing when two customers became one may have named the one that is gone: what came late follows."""
    gone = await find_customer(work.conn, timer.subject_id)
    if gone is None or gone.merged_into is None:
        return
    await _move(work, of=gone.customer_id, to=gone.merged_into)
    if timer.version < len(LATECOMERS_AFTER):
        await set_timers(work, [_after_merge(work, gone.customer_id, turn=timer.version + 1)])


async def _move(work: Work, *, of: UUID, to: UUID) -> None:
    """Give one customer's history to another, and say so."""
    told, matters = await move_history(work.conn, of=of, to=to, now=work.now)
    for case in matters:
        await add_entry(work, case, "customer_merged", data={"from": of, "to": to})
    for start in range(0, len(told), BATCH):
        facts = tuple(map(fact_again, told[start : start + BATCH]))
        work.record(ContactRecorded(batch_id=new_id(), contacts=facts), sequence=1)


def _after_merge(work: Work, customer_id: UUID, *, turn: int) -> Timer:
    due_at = work.now + LATECOMERS_AFTER[turn - 1]
    return Timer(kind=LATECOMERS, subject_id=customer_id, due_at=due_at, version=turn)


def _seen(work: Work, customer: Customer) -> Customer:
    return customer if PERSONAL in work.actor.scopes else masked(customer)
