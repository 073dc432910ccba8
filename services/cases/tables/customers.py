"""Tables of customers and what they are known by."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from services.cases.tables.schema import metadata
from shared.platform.kernel import Moment

customers = Table(
    "customers",
    metadata,
    Column("customer_id", Uuid, primary_key=True),
    Column("external_id", Text, unique=True),
    Column("name", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("handle_with_care", Boolean, nullable=False, server_default=text("false")),
    Column("care_note", Text),
    Column("do_not_contact", Boolean, nullable=False, server_default=text("false")),
    Column("language", Text),
    Column("merged_into", ForeignKey("cases.customers.customer_id")),
)
Index("customers_merged", customers.c.merged_into, postgresql_where=customers.c.merged_into.is_not(None))
Index("customers_by_update", customers.c.updated_at, customers.c.customer_id)

identities = Table(
    "identities",
    metadata,
    Column("kind", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("customer_id", ForeignKey(customers.c.customer_id), nullable=False),
    Column("place", SmallInteger, nullable=False),
    PrimaryKeyConstraint("kind", "value"),
    comment="How a customer is recognised, normalised; `place` is the order in which the customer's were given.",
)
Index("identities_by_customer", identities.c.customer_id)
