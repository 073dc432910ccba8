"""Tables of subjects, the questions asked about them, and their rungs."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.notify.tables.schema import metadata
from shared.platform.kernel import Moment

subjects = Table(
    "subjects",
    metadata,
    Column("subject_type", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("content", JSONB, nullable=False),
    PrimaryKeyConstraint("subject_type", "subject_id"),
)
"""The newest word of its owner about each subject: what arrives late is measured against it."""

acknowledgements = Table(
    "acknowledgements",
    metadata,
    Column("acknowledgement_id", Uuid, primary_key=True),
    Column("subject_type", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("subject_version", BigInteger, nullable=False),
    Column("staff_no", Text, nullable=False),
    Column("person_name", Text, nullable=False),
    Column("team_id", Uuid, nullable=False),
    Column("team_name", Text, nullable=False),
    Column("lead", Text),
    Column("supervisor", Text),
    Column("manager", Text),
    Column("zone", Text, nullable=False),
    Column("manner", JSONB, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("announced_at", Moment, nullable=False),
    Column("deadline", Moment, nullable=False),
    Column("state", Text, nullable=False),
    Column("opened_at", Moment),
    Column("answer", Text),
    Column("answered_at", Moment),
    Column("channel", Text),
    Column("reason", Text),
    Column("ended_at", Moment),
    Column("reminded_at", Moment),
    Column("reminder_count", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    UniqueConstraint("subject_type", "subject_id", "subject_version", "staff_no", name="acknowledgements_subject"),
)
Index("acknowledgements_staff", acknowledgements.c.staff_no, acknowledgements.c.acknowledgement_id)
Index("acknowledgements_team", acknowledgements.c.team_id, acknowledgements.c.acknowledgement_id)
Index(
    "acknowledgements_open",
    acknowledgements.c.acknowledgement_id,
    postgresql_where=acknowledgements.c.state == "open",
)

rungs = Table(
    "rungs",
    metadata,
    Column(
        "acknowledgement_id",
        Uuid,
        ForeignKey(acknowledgements.c.acknowledgement_id, ondelete="CASCADE"),
        nullable=False,
    ),
    Column("number", Integer, nullable=False),
    Column("offset", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("state", Text, nullable=False),
    Column("staff_no", Text),
    Column("sent_at", Moment),
    Column("outcome", Text),
    PrimaryKeyConstraint("acknowledgement_id", "number"),
)
