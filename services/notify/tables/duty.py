"""The table of who is duty manager when, as roster announced it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, PrimaryKeyConstraint, Table, Text, Uuid

from services.notify.tables.schema import metadata
from shared.platform.kernel import Moment

duty = Table(
    "duty",
    metadata,
    Column("duty_id", Uuid, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("team_id", Uuid),
    Column("staff_no", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    PrimaryKeyConstraint("duty_id", "sequence"),
)
"""Every turn of every post that is not long over; of those that contain an instant, the latest word counts."""
Index("duty_ends", duty.c.ends_at)
