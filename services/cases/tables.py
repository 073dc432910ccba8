"""The tables of the cases schema: its own, and the kernel's."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.platform.kernel import Moment, kernel_of

kernel = kernel_of("cases")
metadata = kernel.metadata

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
)
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

topics = Table(
    "topics",
    metadata,
    Column("topic_id", Uuid, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("parent", Text, ForeignKey("cases.topics.code")),
    Column("owner_team", Text),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

contacts = Table(
    "contacts",
    metadata,
    Column("contact_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("external_id", Text),
    Column("channel", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("queue", Text),
    Column("agent", Text),
    Column("agent_name", Text),
    Column("team_id", Uuid),
    Column("team_name", Text),
    Column("customer_id", ForeignKey(customers.c.customer_id)),
    Column("topic", Text),
    Column("topic_name", Text),
    Column("queued_at", Moment, nullable=False),
    Column("answered_at", Moment),
    Column("ended_at", Moment),
    Column("answered", Boolean, nullable=False),
    Column("abandoned", Boolean, nullable=False),
    Column("wait_seconds", Double),
    Column("talk_seconds", Double),
    Column("hold_seconds", Double),
    Column("wrap_seconds", Double),
    Column("transferred", Boolean, nullable=False),
    Column("resolved", Boolean),
    Column("rating", SmallInteger),
    Column("zone", Text, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False, comment="of what the source told, to know a repeat"),
    Column("updated_at", Moment, nullable=False),
    comment="The newest version of each contact; agent, team and topic named as they were when it was recorded.",
)
Index("contacts_by_queued", contacts.c.queued_at, contacts.c.contact_id)
Index("contacts_by_agent", contacts.c.agent, contacts.c.queued_at)
Index(
    "contacts_by_customer",
    contacts.c.customer_id,
    contacts.c.queued_at,
    postgresql_where=contacts.c.customer_id.is_not(None),
)
Index("contacts_by_update", contacts.c.updated_at)

contact_columns = [column for column in contacts.columns if column.name != "fingerprint"]
"""What others see of a contact."""

contact_versions = Table(
    "contact_versions",
    metadata,
    Column("contact_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("replaced_at", Moment, nullable=False),
    Column("contact", JSONB, nullable=False),
    PrimaryKeyConstraint("contact_id", "version"),
    comment="What a contact was before it was corrected; written by a trigger on contacts.",
)

agents = Table(
    "agents",
    metadata,
    Column("staff_no", Text, primary_key=True),
    Column("agent_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("team_id", Uuid, nullable=False),
    Column("team_name", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    comment="Roster's agents as last heard.",
)

teams = Table(
    "teams",
    metadata,
    Column("team_id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("lead", Text),
    Column("supervisor", Text),
    Column("sequence", BigInteger, nullable=False),
    comment="Roster's teams as last heard.",
)
Index("teams_by_code", teams.c.code)
