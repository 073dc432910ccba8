"""Tables of cases: the case itself, its timeline, what is linked to it, its type, and the numbers of a day.

`queue_rank` is how a case stands in the queue: its quadrant (1 to 4) while unfinished, 5 once resolved, 6 once closed.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Sequence,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.cases.tables.customers import customers
from services.cases.tables.schema import metadata
from shared.platform.kernel import Moment

case_types = Table(
    "case_types",
    metadata,
    Column("code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("fields", JSONB, nullable=False),
    Column("team", Text),
    Column("sla_policy", Text),
    Column("urgency", Text, nullable=False),
    Column("importance", Text, nullable=False),
    Column("silence_days", SmallInteger, nullable=False),
    Column("repeat_days", SmallInteger, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("updated_by", Text, nullable=False),
    PrimaryKeyConstraint("code", "version"),
    comment="Every version of every case type; a case keeps the one it was opened with.",
)

cases = Table(
    "cases",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("number", Text, nullable=False, unique=True),
    Column("external_id", Text, unique=True),
    Column("historic", Boolean, nullable=False, server_default=text("false")),
    Column("state", Text, nullable=False),
    Column("case_type", Text, nullable=False),
    Column("type_version", Integer, nullable=False),
    Column("channel", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("description", Text),
    Column("urgency", Text, nullable=False),
    Column("importance", Text, nullable=False),
    Column("quadrant", SmallInteger, nullable=False),
    Column("zone", Text, nullable=False),
    Column("customer_id", ForeignKey(customers.c.customer_id)),
    Column("tier", Text),
    Column("topic", Text),
    Column("topic_name", Text),
    Column("team_id", Uuid),
    Column("team_name", Text),
    Column("owner", Text),
    Column("owner_name", Text),
    Column("opened_at", Moment, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("contact_id", Uuid),
    Column("fields", JSONB, nullable=False),
    Column("waiting_since", Moment),
    Column("waiting_until", Moment),
    Column("resolution", Text),
    Column("resolved_at", Moment),
    Column("resolved_by", Text),
    Column("informed_at", Moment),
    Column("silence_until", Moment),
    Column("closed_at", Moment),
    Column("closed_how", Text),
    Column("reopen_count", Integer, nullable=False),
    Column("repeat_count", Integer, nullable=False),
    Column("transfer_count", Integer, nullable=False),
    Column("contact_count", Integer, nullable=False),
    Column("due_at", Moment, comment="when the next of its SLA clocks runs out"),
    Column("involved", ARRAY(Uuid), nullable=False, comment="teams that were asked to act, besides its own"),
    Column("updated_at", Moment, nullable=False),
    Column("grams", ARRAY(Text), nullable=False, comment="pairs of characters of its words, to be searched"),
    Column(
        "queue_rank",
        SmallInteger,
        Computed("CASE state WHEN 'closed' THEN 6 WHEN 'resolved' THEN 5 ELSE quadrant END", persisted=True),
        nullable=False,
    ),
)
_queue = (cases.c.queue_rank, cases.c.opened_at, cases.c.case_id)
Index("cases_by_queue", *_queue)
Index("cases_by_team", cases.c.team_id, *_queue)
Index("cases_by_topic", cases.c.topic, *_queue)
Index("cases_by_owner", cases.c.owner, *_queue, postgresql_where=cases.c.owner.is_not(None))
Index("cases_by_customer", cases.c.customer_id, cases.c.opened_at, postgresql_where=cases.c.customer_id.is_not(None))
Index("cases_by_due", cases.c.due_at, postgresql_where=cases.c.due_at.is_not(None))
Index("cases_by_update", cases.c.updated_at, cases.c.case_id)
Index("cases_by_opening", cases.c.opened_at, cases.c.case_id)
Index("cases_by_involved", cases.c.involved, postgresql_using="gin")
Index("cases_by_words", cases.c.grams, postgresql_using="gin")

case_columns = [column for column in cases.columns if column.name not in ("grams", "queue_rank")]
"""What is loaded of a case."""

entries = Table(
    "entries",
    metadata,
    Column("entry_id", Uuid, primary_key=True),
    Column("case_id", ForeignKey(cases.c.case_id), nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    Column("visibility", Text, nullable=False),
    Column("by", Text),
    Column("by_name", Text),
    Column("data", JSONB, nullable=False),
    comment="A case's timeline; a trigger refuses changing or deleting what stands there.",
)
Index("entries_by_case", entries.c.case_id, entries.c.at, entries.c.entry_id)

links = Table(
    "links",
    metadata,
    Column("case_id", ForeignKey(cases.c.case_id), nullable=False),
    Column("kind", Text, nullable=False),
    Column("linked_id", Uuid, nullable=False),
    Column("relation", Text, nullable=False),
    Column("linked_at", Moment, nullable=False),
    Column("linked_by", Text, nullable=False),
    PrimaryKeyConstraint("case_id", "kind", "linked_id"),
    comment="What belongs to a case: contacts, other cases, known problems.",
)
Index("links_by_linked", links.c.linked_id, links.c.kind)

numbers = Table(
    "numbers",
    metadata,
    Column("local_on", Date, primary_key=True),
    Column("begins", BigInteger, nullable=False),
    comment="Where a day's numbers begin in the sequence case_numbers, so that nobody waits for another's number.",
)
case_numbers = Sequence("case_numbers", metadata=metadata)
