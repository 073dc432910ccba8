"""Tables of swaps (and shifts given away) and of open shifts."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table, Text, Uuid, text

from services.roster.tables.schema import metadata
from shared.platform.kernel import Moment

swaps = Table(
    "swaps",
    metadata,
    Column("swap_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("roster_id", Uuid, ForeignKey("roster.rosters.roster_id"), nullable=False),
    Column("team_id", Uuid, ForeignKey("roster.teams.team_id"), nullable=False),
    Column("from_agent_id", Uuid, nullable=False),
    Column("from_staff_no", Text, nullable=False),
    Column("from_name", Text, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("from_cell", Text, nullable=False),
    Column("to_agent_id", Uuid, nullable=False),
    Column("to_staff_no", Text, nullable=False),
    Column("to_name", Text, nullable=False),
    Column("to_on", Date),
    Column("to_cell", Text),
    Column("note", Text),
    Column("state", Text, nullable=False),
    Column("offered_at", Moment, nullable=False),
    Column("lapses_at", Moment, nullable=False),
    Column("decide_by", Moment, nullable=False, server_default=text("now() + interval '1 day'")),
    Column("accepted_at", Moment),
    Column("decided_by", Text),
    Column("decided_at", Moment),
    Column("reason", Text),
    Column("number", Integer),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index("swaps_of_giver", swaps.c.from_agent_id)
Index("swaps_of_taker", swaps.c.to_agent_id)
Index("swaps_of_team", swaps.c.team_id, swaps.c.state)
Index("swaps_updated", swaps.c.updated_at, swaps.c.swap_id)

open_shifts = Table(
    "open_shifts",
    metadata,
    Column("open_shift_id", Uuid, primary_key=True),
    Column("roster_id", Uuid, ForeignKey("roster.rosters.roster_id"), nullable=False),
    Column("team_id", Uuid, ForeignKey("roster.teams.team_id"), nullable=False),
    Column("team_name", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("shift_on", Date, nullable=False),
    Column("code", Text, nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("skills", Text, nullable=False),
    Column("note", Text),
    Column("state", Text, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("claimed_by", Uuid),
    Column("claimed_staff_no", Text),
    Column("claimed_name", Text),
    Column("claimed_at", Moment),
    Column("number", Integer),
    Column("reason", Text),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index("open_shifts_of_team", open_shifts.c.team_id, open_shifts.c.state)
Index("open_shifts_updated", open_shifts.c.updated_at, open_shifts.c.open_shift_id)
