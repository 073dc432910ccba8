"""What is kept beside the ledger: how far it has heard, what teams are called, and who works when."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Date, Identity, Index, SmallInteger, Table, Text, Uuid

from services.kpi.tables.ledger import metadata
from shared.platform.kernel import Moment

teams = Table(
    "teams",
    metadata,
    Column("team_id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)
"""Roster's teams as last heard: facts know a team by its id, tokens may by its code."""

Index("teams_by_code", teams.c.code)

shifts = Table(
    "shifts",
    metadata,
    Column("staff_no", Text, primary_key=True),
    Column("shift_on", Date, primary_key=True),
    Column("starts_at", Moment),
    Column("ends_at", Moment),
    Column("over_midnight", Boolean, nullable=False),
    Column("settled", Boolean, nullable=False),
    Column("told_at", Moment, nullable=False),
)
"""When each agent works, as roster said last: the shift that they answer for once it is settled, before that the one
planned; without times on a day off. What they do after midnight counts on the day of a shift `over_midnight`."""

Index("shifts_over_midnight", shifts.c.staff_no, shifts.c.starts_at, postgresql_where=shifts.c.over_midnight)

unjudged = Table(
    "unjudged",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("keys", ARRAY(Uuid), nullable=False),
)
"""Contacts that were posted and not yet judged among their customers' others, a batch in a row."""

overnight = Table(
    "overnight",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("staff_nos", ARRAY(Text), nullable=False),
    Column("days", ARRAY(Date), nullable=False),
)
"""Agents' days of which contacts were posted, or into which shifts were told to reach, and nobody has looked yet."""

progress = Table(
    "progress",
    metadata,
    Column("progress_id", SmallInteger, primary_key=True, autoincrement=False),
    Column("as_of", Moment, nullable=False),
)
"""One row: the time of the newest event applied."""
