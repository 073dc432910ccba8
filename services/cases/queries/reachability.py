"""Where a customer can be reached: asked for at the moment of sending, and for nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.customer import Customer, channel_of
from services.cases.queries.customers import get_customer
from services.cases.queries.surveys import survey_link
from services.cases.tables import customers

SURVEY = "cases.survey"


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One way to reach a customer."""

    channel: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachability:
    """Ways to reach a customer in the order in which they were given; read `handle_with_care` before calling.

    `language` is the customer's, where it is known. `fields` are for the text of the matter asked for: the `link` of a
    survey.
    """

    customer_id: UUID
    name: str
    methods: list[Method]
    do_not_contact: bool
    handle_with_care: bool
    care_note: str | None
    language: str | None
    fields: dict[str, str]


async def reachability(
    conn: AsyncConnection, *, customer_id: UUID, matter_type: str | None, matter_id: UUID | None
) -> Reachability:
    """How to reach a customer (a merged one as the one it became) about a matter."""
    customer = await get_customer(conn, customer_id=await _kept_id(conn, customer_id), personal=True)
    return Reachability(
        customer_id=customer.customer_id,
        name=customer.name,
        methods=_methods(customer),
        do_not_contact=customer.do_not_contact,
        handle_with_care=customer.handle_with_care,
        care_note=customer.care_note,
        language=customer.language,
        fields=await _fields(conn, customer.customer_id, matter_type, matter_id),
    )


async def _kept_id(conn: AsyncConnection, customer_id: UUID) -> UUID:
    kept = func.coalesce(customers.c.merged_into, customers.c.customer_id)
    found = (await conn.execute(select(kept).where(customers.c.customer_id == customer_id))).scalar_one_or_none()
    return found or customer_id


def _methods(customer: Customer) -> list[Method]:
    return [Method(channel=channel_of(one), address=one.value) for one in customer.identities]


async def _fields(
    conn: AsyncConnection, customer_id: UUID, matter_type: str | None, matter_id: UUID | None
) -> dict[str, str]:
    if matter_type != SURVEY or matter_id is None:
        return {}
    link = await survey_link(conn, matter_id, customer_id)
    return {"link": link} if link else {}
