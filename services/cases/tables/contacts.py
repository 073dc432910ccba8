"""Tables of contacts and their earlier versions."""

from __future__ import annotations

from sqlalchemy import (
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

from services.cases.tables.customers import customers
from services.cases.tables.schema import metadata
from shared.platform.kernel import Moment

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
    Column("case_id", Uuid, comment="the case it belongs to"),
    Column("converted", Boolean),
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

Index("contacts_by_case", contacts.c.case_id, contacts.c.queued_at, postgresql_where=contacts.c.case_id.is_not(None))

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
