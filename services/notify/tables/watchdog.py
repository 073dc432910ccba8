"""The table of what the watchdog has said."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table, Text

from services.notify.tables.schema import metadata
from shared.platform.kernel import Moment

alarms = Table(
    "alarms",
    metadata,
    Column("name", Text, primary_key=True),
    Column("raised_at", Moment, nullable=False),
    Column("told_at", Moment, nullable=False),
    Column("cleared_at", Moment),
    Column("version", BigInteger, nullable=False),
)
"""The alarm as it stands: raised while something is late, said again now and then, cleared when all is well."""
