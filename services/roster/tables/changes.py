"""Tables of shift changes, and of shifts: per agent and day what is planned beside what they answer for."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import TSTZMULTIRANGE

from services.roster.tables.schema import metadata
from shared.platform.kernel import Moment

shifts = Table(
    "shifts",
    metadata,
    Column("agent_id", Uuid, primary_key=True),
    Column("shift_on", Date, primary_key=True),
    Column("team_id", Uuid, nullable=False),
    Column("roster_id", Uuid),
    Column("planned_number", Integer),
    Column("planned_code", Text),
    Column("planned_starts_at", Moment),
    Column("planned_ends_at", Moment),
    Column("accountable_number", Integer),
    Column("accountable_code", Text),
    Column("accountable_starts_at", Moment),
    Column("accountable_ends_at", Moment),
    Column("change_id", Uuid),
    Column("settlement_id", Uuid),
)
Index("shifts_to_settle", shifts.c.settlement_id, postgresql_where=shifts.c.settlement_id.is_not(None))

planned_hours = Table(
    "planned_hours",
    metadata,
    Column("agent_id", Uuid, primary_key=True),
    Column("month", Date, primary_key=True),
    Column("odd", Boolean, primary_key=True),
    Column("hours", TSTZMULTIRANGE, nullable=False),
)
"""Kept by a trigger on `shifts`, for one purpose: that nobody is planned twice at one time (`planned_hours_apart`).

The shifts that begin on odd days cannot touch each other, nor those of even days; an exclusion constraint keeps the two
apart. A month of an agent is two rows of it: one row per shift would make publishing five times as slow.
"""

shift_changes = Table(
    "shift_changes",
    metadata,
    Column("change_id", Uuid, primary_key=True),
    Column("roster_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("agent_id", Uuid, nullable=False),
    Column("staff_no", Text, nullable=False),
    Column("agent_name", Text, nullable=False),
    Column("team_id", Uuid, nullable=False),
    Column("team_name", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("days", Text, nullable=False),
    Column("diff_hash", Text, nullable=False),
    Column("note", Text),
    Column("late_notice", Boolean, nullable=False),
    Column("announced_at", Moment, nullable=False),
    Column("confirm_by", Moment, nullable=False),
    Column("first_start_at", Moment, nullable=False),
    Column("answer", Text),
    Column("resolution", Text),
    Column("superseded_by", Uuid),
    Column("last_delivery", Text),
    Column("escalation", Text),
    Column("history", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index("shift_changes_of_agent", shift_changes.c.agent_id, shift_changes.c.roster_id)
Index("shift_changes_board", shift_changes.c.team_id, shift_changes.c.state)
Index("shift_changes_of_roster", shift_changes.c.roster_id, shift_changes.c.team_id, shift_changes.c.state)
Index(
    "shift_changes_waiting",
    shift_changes.c.confirm_by,
    shift_changes.c.change_id,
    postgresql_where=shift_changes.c.state.in_(["pending", "notified", "opened", "refused", "expired"])
    & shift_changes.c.resolution.is_(None),
)
Index("shift_changes_updated", shift_changes.c.updated_at, shift_changes.c.change_id)
