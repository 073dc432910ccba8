"""Customers and identities into and out of the database."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Table, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.case import Case, case_from
from services.cases.domain.contact import Contact
from services.cases.domain.customer import Customer, Identity
from services.cases.tables import (
    case_columns,
    cases,
    complaints,
    contact_columns,
    contacts,
    customers,
    identities,
    monitor_proposals,
    problem_cases,
    problem_notices,
)
from shared.contracts.refusal import Fault, Refusal


async def load_customer(conn: AsyncConnection, customer_id: UUID) -> Customer:
    """A customer, locked for change; 404 `not-found`."""
    customer = await find_customer(conn, customer_id)
    if customer is None:
        raise Refusal("not-found", noun="customer", what=customer_id)
    return customer


async def find_customer(conn: AsyncConnection, customer_id: UUID) -> Customer | None:
    """A customer, locked for change; none when there is none."""
    query = select(customers).where(customers.c.customer_id == customer_id).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        return None
    theirs = select(identities).where(identities.c.customer_id == customer_id).order_by(identities.c.place)
    known = tuple(Identity(one.kind, one.value) for one in await conn.execute(theirs))
    return Customer(**row._mapping, identities=known)


async def add_customer(conn: AsyncConnection, customer: Customer) -> None:
    """Store a new customer. 409 when the external id or an identity belongs to another."""
    new = insert(customers).values(_values(customer)).on_conflict_do_nothing(index_elements=[customers.c.external_id])
    if (await conn.execute(new.returning(customers.c.customer_id))).one_or_none() is None:
        await _refuse_number(conn, customer)
    await _save_identities(conn, customer)


async def save_customer(conn: AsyncConnection, customer: Customer) -> None:
    """Store a changed customer. 409 as for a new one."""
    await _refuse_number(conn, customer)
    mine = customers.c.customer_id == customer.customer_id
    await conn.execute(update(customers).where(mine).values(_values(customer)))
    await conn.execute(delete(identities).where(identities.c.customer_id == customer.customer_id))
    await _save_identities(conn, customer)


async def customer_known_by(conn: AsyncConnection, identity: Identity) -> UUID | None:
    """Whose identity it is, as it is written once normalised; none when it is nobody's."""
    same = (identities.c.kind == identity.kind, identities.c.value == identity.value)
    owner: UUID | None = (await conn.execute(select(identities.c.customer_id).where(*same))).scalar_one_or_none()
    return owner


async def hold_customers(conn: AsyncConnection, *customer_ids: UUID) -> None:
    """Let nobody open cases for these customers until this is over."""
    for customer_id in sorted(customer_ids):
        await conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(customer_id), 0))))


async def move_history(conn: AsyncConnection, *, of: UUID, to: UUID, now: datetime) -> tuple[list[Contact], list[Case]]:
    """Give one customer's contacts, cases and earlier merges to another; what was moved."""
    moved = {"customer_id": to, "updated_at": now}
    theirs = update(contacts).where(contacts.c.customer_id == of).values(**moved, version=contacts.c.version + 1)
    told = await conn.execute(theirs.returning(*contact_columns))
    their_cases = update(cases).where(cases.c.customer_id == of).values(**moved, version=cases.c.version + 1)
    matters = await conn.execute(their_cases.returning(*case_columns))
    await conn.execute(update(customers).where(customers.c.merged_into == of).values(merged_into=to))
    for table in (complaints, problem_cases):
        await conn.execute(update(table).where(table.c.customer_id == of).values(customer_id=to))
    await _move_once_each(conn, monitor_proposals, of=of, to=to)
    await _move_once_each(conn, problem_notices, of=of, to=to)
    return [Contact(**row._mapping) for row in told], [case_from(row._mapping) for row in matters]


async def _move_once_each(conn: AsyncConnection, table: Table, *, of: UUID, to: UUID) -> None:
    """What each customer has once stays where the other has it as well: told twice is told twice."""
    other, same = table.alias("other"), []
    if "revision" in table.c:
        same = [other.c.problem_id == table.c.problem_id, other.c.revision == table.c.revision]
    theirs = select(other.c.customer_id).where(other.c.customer_id == to, *same).exists()
    await conn.execute(update(table).where(table.c.customer_id == of, ~theirs).values(customer_id=to))


async def _refuse_number(conn: AsyncConnection, customer: Customer) -> None:
    """Refuse when the external id is another's (none is nobody's)."""
    if customer.external_id is None:
        return
    theirs = select(customers.c.customer_id).where(
        customers.c.external_id == customer.external_id, customers.c.customer_id != customer.customer_id
    )
    if (owner := (await conn.execute(theirs)).scalar_one_or_none()) is not None:
        extra: dict[str, object] = {"customer_id": str(owner)}
        raise Refusal("customer-number-taken", extra=extra, external_id=customer.external_id)


async def _save_identities(conn: AsyncConnection, customer: Customer) -> None:
    """Conflicts are asked for, not run into: the database's own message would quote personal data."""
    if not customer.identities:
        return
    rows = [
        {"kind": one.kind, "value": one.value, "customer_id": customer.customer_id, "place": place}
        for place, one in enumerate(customer.identities)
    ]
    new = insert(identities).values(rows).on_conflict_do_nothing().returning(identities.c.place)
    kept = {row.place for row in await conn.execute(new)}
    if len(kept) < len(rows):
        await _refuse_taken(conn, customer, kept)


async def _refuse_taken(conn: AsyncConnection, customer: Customer, kept: set[int]) -> None:
    wanted = {(one.kind, one.value): place for place, one in enumerate(customer.identities) if place not in kept}
    taken = select(identities).where(tuple_(identities.c.kind, identities.c.value).in_(wanted))
    owners = {wanted[row.kind, row.value]: row for row in await conn.execute(taken)}
    conflicts = [
        {"field": f"identities.{place}", "kind": row.kind, "customer_id": str(row.customer_id)}
        for place, row in sorted(owners.items())
    ]
    faults = tuple(Fault(f"identities.{place}", "identity-taken", {}) for place in sorted(owners))
    raise Refusal("identity-taken", faults=faults, extra={"conflicts": conflicts})


def _values(customer: Customer) -> dict[str, object]:
    return {
        "customer_id": customer.customer_id,
        "external_id": customer.external_id,
        "name": customer.name,
        "tier": customer.tier,
        "version": customer.version,
        "created_at": customer.created_at,
        "updated_at": customer.updated_at,
        "handle_with_care": customer.handle_with_care,
        "care_note": customer.care_note,
        "do_not_contact": customer.do_not_contact,
        "language": customer.language,
        "merged_into": customer.merged_into,
    }
