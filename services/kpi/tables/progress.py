"""What is kept beside the ledger: how far it has heard, and what teams are called."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, Column, Identity, Index, SmallInteger, Table, Text, Uuid

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

unjudged = Table(
    "unjudged",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("keys", ARRAY(Uuid), nullable=False),
)
"""Contacts that were posted and not yet judged among their customers' others, a batch in a row."""

progress = Table(
    "progress",
    metadata,
    Column("progress_id", SmallInteger, primary_key=True, autoincrement=False),
    Column("as_of", Moment, nullable=False),
)
"""One row: the time of the newest event applied."""
