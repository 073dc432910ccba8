"""Looking customers up."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.functions import func

from services.cases.domain.customer import Customer, Identity, identity_forms, masked
from services.cases.tables import customers, identities
from shared.contracts.refusal import Refusal
from shared.platform.paging import Page, page


async def get_customer(conn: AsyncConnection, *, customer_id: UUID, personal: bool) -> Customer:
    """One customer; identities masked unless `personal`."""
    row = (await conn.execute(_with_identities().where(customers.c.customer_id == customer_id))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="customer", what=customer_id)
    return _customer(row, personal)


async def list_customers(
    conn: AsyncConnection,
    *,
    external_id: str | None,
    tier: str | None,
    identity: str | None,
    updated_after: datetime | None,
    personal: bool,
    limit: int,
    after: str | None,
) -> Page[Customer]:
    """Customers in order of update, oldest first; identities masked unless `personal`.

    Those merged into others are left out, but not from an export by `updated_after`.
    """
    query = _with_identities()
    if identity is not None:
        known = select(identities.c.customer_id).where(identities.c.value.in_(identity_forms(identity)))
        query = query.where(customers.c.customer_id.in_(known))
    if external_id is not None:
        query = query.where(customers.c.external_id == external_id)
    if tier is not None:
        query = query.where(customers.c.tier == tier)
    if updated_after:
        query = query.where(customers.c.updated_at > updated_after)
    else:
        query = query.where(customers.c.merged_into.is_(None))
    return await page(
        conn,
        query,
        order=(customers.c.updated_at, customers.c.customer_id),
        limit=limit,
        after=after,
        make=lambda row: _customer(row, personal),
    )


def _with_identities() -> Any:
    pair = func.json_build_array(identities.c.kind, identities.c.value)
    theirs = (
        select(func.json_agg(aggregate_order_by(pair, identities.c.place)))
        .where(identities.c.customer_id == customers.c.customer_id)
        .scalar_subquery()
        .label("identities")
    )
    return select(customers, theirs)


def _customer(row: Row[Any], personal: bool) -> Customer:
    known = tuple(Identity(kind, value) for kind, value in row.identities or ())
    customer = Customer(**{**row._mapping, "identities": known})
    return customer if personal else masked(customer)
