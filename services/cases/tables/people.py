"""Tables of what cases knows of teams and agents."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Table,
    Text,
    Uuid,
)

from services.cases.tables.schema import metadata

agents = Table(
    "agents",
    metadata,
    Column("staff_no", Text, primary_key=True),
    Column("agent_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("team_id", Uuid, nullable=False),
    Column("team_name", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    comment="Roster's agents as last heard.",
)

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
    comment="Roster's teams as last heard.",
)
Index("teams_by_code", teams.c.code)
