"""Tables of teams, agents (and how notify can reach them) and shift codes."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text, Time, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.roster.tables.schema import metadata
from shared.platform.kernel import Moment

teams = Table(
    "teams",
    metadata,
    Column("team_id", Uuid, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("lead", Text),
    Column("supervisor", Text),
    Column("parent_id", Uuid, ForeignKey("roster.teams.team_id")),
    Column("settings", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index("teams_updated", teams.c.updated_at, teams.c.team_id)

agents = Table(
    "agents",
    metadata,
    Column("agent_id", Uuid, primary_key=True),
    Column("staff_no", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("team_id", Uuid, ForeignKey("roster.teams.team_id"), nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("skills", ARRAY(Text), nullable=False),
    Column("hired_on", Date, nullable=False),
    Column("left_on", Date),
    Column("language", Text, nullable=False),
    Column("mentor", Text),
    Column("status", Text, nullable=False, server_default="active"),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index("agents_of_team", agents.c.team_id)
Index("agents_updated", agents.c.updated_at, agents.c.agent_id)

contacts = Table(
    "contacts",
    metadata,
    Column("contact_id", Uuid, primary_key=True),
    Column("staff_no", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)
Index("contacts_of_staff", contacts.c.staff_no, postgresql_where=contacts.c.verified)

shift_codes = Table(
    "shift_codes",
    metadata,
    Column("code_id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("team_id", Uuid, ForeignKey("roster.teams.team_id")),
    Column("starts", Time),
    Column("ends", Time),
    Column("breaks", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index("shift_codes_of_team", shift_codes.c.team_id, shift_codes.c.code, unique=True, postgresql_nulls_not_distinct=True)
Index("shift_codes_updated", shift_codes.c.updated_at, shift_codes.c.code_id)
