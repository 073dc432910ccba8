"""Tables of SLA policies, calendars (every version of both) and clocks."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, Column, Index, Integer, PrimaryKeyConstraint, SmallInteger, Table, Text, Uuid

from services.cases.tables.schema import metadata
from shared.platform.kernel import Moment

sla_policies = Table(
    "sla_policies",
    metadata,
    Column("policy_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("calendar", Text),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("policy_id", "version"),
    comment="Every version of every policy; the highest is in force.",
)
Index("sla_policies_by_code", sla_policies.c.code, sla_policies.c.version, unique=True)

calendars = Table(
    "calendars",
    metadata,
    Column("calendar_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("teams", ARRAY(Text), nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("calendar_id", "version"),
    comment="Every version of every calendar; the highest is in force.",
)
Index("calendars_by_code", calendars.c.code, calendars.c.version, unique=True)

sla_clocks = Table(
    "sla_clocks",
    metadata,
    Column("clock_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("target", Text, nullable=False),
    Column("cycle", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("activated_at", Moment, nullable=False),
    Column("terms", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("policy_version", Integer, nullable=False),
    Column("calendar", Text, nullable=False),
    Column("calendar_version", Integer, nullable=False),
    Column("accrued_us", BigInteger, nullable=False, comment="microseconds counted until `since`"),
    Column("since", Moment, nullable=False),
    Column("due_at", Moment),
    Column("warned", SmallInteger, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("log", Text, nullable=False, comment="what happened to it, in order; the rest follows from this"),
    Column("version", Integer, nullable=False),
)
Index("sla_clocks_by_case", sla_clocks.c.case_id)
_open = sla_clocks.c.state != "fulfilled"
Index("sla_clocks_by_policy", sla_clocks.c.policy, sla_clocks.c.policy_version, postgresql_where=_open)
Index(
    "sla_clocks_by_calendar",
    sla_clocks.c.calendar,
    sla_clocks.c.calendar_version,
    postgresql_where=_open,
)
