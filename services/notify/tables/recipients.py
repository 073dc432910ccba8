"""Tables of teams, people, their contact methods and their preferences."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Date,
    Index,
    Integer,
    Table,
    Text,
    Time,
    UniqueConstraint,
    Uuid,
)

from services.notify.tables.schema import metadata
from shared.platform.kernel import Moment

teams = Table(
    "teams",
    metadata,
    Column("team_id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("lead", Text),
    Column("supervisor", Text),
    Column("parent_id", Uuid, index=True),
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
    Column("code_number", Integer, nullable=False, server_default="0"),
    Column("code_sent_at", Moment),
    Column("code_tries", Integer, nullable=False, server_default="0"),
    Column("version", BigInteger, nullable=False),
    UniqueConstraint("staff_no", "channel", name="contacts_one_per_channel"),
)

preferences = Table(
    "preferences",
    metadata,
    Column("staff_no", Text, primary_key=True),
    Column("channels", ARRAY(Text), nullable=False),
    Column("quiet_from", Time),
    Column("quiet_until", Time),
    Column("zone", Text),
    Column("language", Text),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
)
