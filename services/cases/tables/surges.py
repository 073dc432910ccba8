"""Tables of surges: what counts as one, what came in by quarter of an hour, and the surges themselves."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy import text as sql

from services.cases.tables.schema import metadata
from shared.platform.kernel import Moment

surge_rules = Table(
    "surge_rules",
    metadata,
    Column("topic", Text, primary_key=True, comment="a topic's code, or * for the centre"),
    Column("enabled", Boolean, nullable=False),
    Column("threshold", Double, nullable=False),
    Column("min_contacts", Integer, nullable=False),
    Column("min_customers", Integer, nullable=False),
    Column("window_minutes", Integer, nullable=False),
    Column("lift", Double, nullable=False),
    Column("baseline_weeks", Integer, nullable=False),
    Column("ack_minutes", Integer, nullable=False),
    Column("act_minutes", Integer, nullable=False),
    Column("zone", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

topic_counts = Table(
    "topic_counts",
    metadata,
    Column("bucket_at", Moment, nullable=False),
    Column("topic", Text, nullable=False, comment="empty where none was told"),
    Column("contacts", Integer, nullable=False),
    Column("people", ARRAY(BigInteger), nullable=False, comment="a sketch of who they were"),
    Column("unwatched", Boolean, nullable=False, comment="changed since surges were last looked for"),
    PrimaryKeyConstraint("bucket_at", "topic"),
    comment="Contacts, and cases opened without one, by quarter of an hour; kept as long as baselines reach back.",
)
Index("topic_counts_by_topic", topic_counts.c.topic, topic_counts.c.bucket_at)
Index("topic_counts_unwatched", topic_counts.c.bucket_at, postgresql_where=sql("unwatched"))

surges = Table(
    "surges",
    metadata,
    Column("surge_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("topic_name", Text, nullable=False),
    Column("window_from", Moment, nullable=False),
    Column("window_to", Moment, nullable=False),
    Column("contacts", Integer, nullable=False),
    Column("all_contacts", Integer, nullable=False),
    Column("customers", Integer, nullable=False),
    Column("share", Double, nullable=False),
    Column("baseline_share", Double),
    Column("threshold", Double, nullable=False),
    Column("detected_at", Moment, nullable=False),
    Column("ack_by", Moment, nullable=False),
    Column("act_by", Moment, nullable=False),
    Column("owner_team_id", Uuid),
    Column("owner_team_name", Text),
    Column("historic", Boolean, nullable=False),
    Column("acknowledged_at", Moment),
    Column("acknowledged_by", Text),
    Column("acted_at", Moment),
    Column("acted_by", Text),
    Column("action", Text),
    Column("note", Text),
    Column("problem_id", Uuid),
    Column("later_share", Double),
    Column("later_contacts", Integer),
    Column("measured_at", Moment),
    Column("overdue_count", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index("surges_by_topic", surges.c.topic, surges.c.detected_at)
Index("surges_by_detection", surges.c.detected_at, surges.c.surge_id)
Index("surges_by_update", surges.c.updated_at, surges.c.surge_id)
