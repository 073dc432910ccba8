"""Tables of the duty manager: a post for each team with a rota of its own and one for the centre, and overrides."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, Uuid

from services.roster.tables.schema import metadata
from shared.platform.kernel import Moment

duty_posts = Table(
    "duty_posts",
    metadata,
    Column("duty_id", Uuid, primary_key=True),
    Column("team_id", Uuid, ForeignKey("roster.teams.team_id")),
    Column("zone", Text, nullable=False),
    Column("rotas", Text, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("told", Integer, nullable=False),
    Column("told_staff_no", Text),
    Column("told_name", Text),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index("duty_posts_of_team", duty_posts.c.team_id, unique=True, postgresql_nulls_not_distinct=True)

duty_overrides = Table(
    "duty_overrides",
    metadata,
    Column("override_id", Uuid, primary_key=True),
    Column("duty_id", Uuid, ForeignKey("roster.duty_posts.duty_id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("agent_id", Uuid, nullable=False),
    Column("staff_no", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("reason", Text),
    Column("made_by", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("cancelled_at", Moment),
    Column("cancelled_by", Text),
)
Index("duty_overrides_of_post", duty_overrides.c.duty_id, duty_overrides.c.ends_at)
