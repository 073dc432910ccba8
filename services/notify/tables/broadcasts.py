"""Tables of broadcasts and of how their quizzes were answered."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    func,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.notify.tables.acknowledgements import acknowledgements
from services.notify.tables.messages import messages
from services.notify.tables.schema import metadata
from shared.platform.kernel import Moment

broadcasts = Table(
    "broadcasts",
    metadata,
    Column("broadcast_id", Uuid, primary_key=True),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("audience", JSONB, nullable=False),
    Column("quiz", JSONB(none_as_null=True)),
    Column("manner", JSONB, nullable=False),
    Column("ladder", JSONB, nullable=False),
    Column("zone", Text, nullable=False),
    Column("announced_at", Moment, nullable=False),
    Column("ack_by", Moment, nullable=False),
    Column("announced_by", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("closed_at", Moment),
    Column("closed_by", Text),
    Column("reason", Text),
    Column("asked_count", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
)
Index("broadcasts_open", broadcasts.c.broadcast_id, postgresql_where=broadcasts.c.state == "open")

quizzes = Table(
    "quizzes",
    metadata,
    Column(
        "acknowledgement_id",
        Uuid,
        ForeignKey(acknowledgements.c.acknowledgement_id, ondelete="CASCADE"),
        nullable=False,
    ),
    Column("attempt", Integer, nullable=False),
    Column("choices", ARRAY(Integer), nullable=False),
    Column("correct_count", Integer, nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("answered_at", Moment, nullable=False),
    PrimaryKeyConstraint("acknowledgement_id", "attempt"),
)
"""Every attempt at a broadcast's quiz."""


def tallied() -> list[ColumnElement[int]]:
    """Counts over questions about broadcasts, each a step further than the one before: see domain.broadcast.Tally."""
    asked = acknowledgements
    own = (messages.c.acknowledgement_id == asked.c.acknowledgement_id) & (messages.c.staff_no == asked.c.staff_no)
    took = messages.c.state.in_(["accepted", "delivered", "opened"])
    passed = select(quizzes.c.attempt).where(quizzes.c.acknowledgement_id == asked.c.acknowledgement_id)
    conditions = {
        "asked": true(),
        "reached": select(messages.c.message_id).where(own, took).exists(),
        "opened": asked.c.opened_at.is_not(None),
        "confirmed": asked.c.answer == "given",
        "refused": asked.c.answer == "refused",
        "understood": passed.where(quizzes.c.passed).exists(),
    }
    return [func.count().filter(condition).label(name) for name, condition in conditions.items()]
