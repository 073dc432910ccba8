"""The tables of the notify schema: its own, and the kernel's."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Date,
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

from shared.platform.kernel import Moment, kernel_of

kernel = kernel_of("notify")
metadata = kernel.metadata

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
)

recipients = Table(
    "recipients",
    metadata,
    Column("agent_id", Uuid, primary_key=True),
    Column("staff_no", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("team_id", Uuid, nullable=False),
    Column("team_name", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("language", Text, nullable=False),
    Column("left_on", Date),
    Column("sequence", BigInteger, nullable=False),
)
Index("recipients_team", recipients.c.team_id, recipients.c.staff_no)

contacts = Table(
    "contacts",
    metadata,
    Column("contact_id", Uuid, primary_key=True),
    Column("staff_no", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("added_at", Moment, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("verified_at", Moment),
    Column("verified_by", Text),
    Column("version", BigInteger, nullable=False),
    UniqueConstraint("staff_no", "channel", name="contacts_one_per_channel"),
)

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
    UniqueConstraint("subject_type", "subject_id", "subject_version", name="acknowledgements_subject"),
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

messages = Table(
    "messages",
    metadata,
    Column("message_id", Uuid, primary_key=True),
    Column("about_id", Uuid, nullable=False),
    Column("occasion", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("staff_no", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("queued_at", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("acknowledgement_id", Uuid, index=True),
    Column("subject_type", Text),
    Column("subject_id", Uuid, index=True),
    Column("team_id", Uuid),
    Column("subject_version", BigInteger),
    Column("link_expires_at", Moment),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("claimed_at", Moment),
    Column("accepted_at", Moment),
    Column("delivered_at", Moment),
    Column("failed_at", Moment),
    Column("reason", Text),
    Column("version", BigInteger, nullable=False),
    UniqueConstraint("about_id", "occasion", "number", "staff_no", "channel", name="messages_said_once"),
)
Index("messages_reader", messages.c.staff_no, messages.c.message_id)
Index(
    "messages_waiting",
    messages.c.next_at,
    messages.c.message_id,
    postgresql_where=messages.c.state.in_(["queued", "sending"]),
)
