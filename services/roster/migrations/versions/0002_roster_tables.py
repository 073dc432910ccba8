"""roster tables"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attendance",
        sa.Column("attendance_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("shift_on", sa.Date(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("deviation", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("attendance_id", "revision"),
        schema="roster",
    )
    op.create_index("attendance_of_agent", "attendance", ["agent_id", "shift_on"], unique=False, schema="roster")
    op.create_index("attendance_of_team", "attendance", ["team_id", "shift_on"], unique=False, schema="roster")
    op.create_table(
        "shift_changes",
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("roster_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("agent_name", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("team_name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("days", sa.Text(), nullable=False),
        sa.Column("diff_hash", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("late_notice", sa.Boolean(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirm_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("superseded_by", sa.Uuid(), nullable=True),
        sa.Column("history", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("change_id"),
        schema="roster",
    )
    op.create_index("shift_changes_board", "shift_changes", ["team_id", "state"], unique=False, schema="roster")
    op.create_index("shift_changes_of_agent", "shift_changes", ["agent_id", "roster_id"], unique=False, schema="roster")
    op.create_index(
        "shift_changes_updated", "shift_changes", ["updated_at", "change_id"], unique=False, schema="roster"
    )
    op.create_table(
        "shifts",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("shift_on", sa.Date(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("roster_id", sa.Uuid(), nullable=True),
        sa.Column("planned_number", sa.Integer(), nullable=True),
        sa.Column("planned_code", sa.Text(), nullable=True),
        sa.Column("planned_starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("planned_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accountable_number", sa.Integer(), nullable=True),
        sa.Column("accountable_code", sa.Text(), nullable=True),
        sa.Column("accountable_starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accountable_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("change_id", sa.Uuid(), nullable=True),
        sa.Column("settlement_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("agent_id", "shift_on"),
        schema="roster",
    )
    op.create_index(
        "shifts_to_settle",
        "shifts",
        ["settlement_id"],
        unique=False,
        schema="roster",
        postgresql_where=sa.text("settlement_id IS NOT NULL"),
    )
    op.create_table(
        "teams",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=True),
        sa.Column("supervisor", sa.Text(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["roster.teams.team_id"],
        ),
        sa.PrimaryKeyConstraint("team_id"),
        sa.UniqueConstraint("code"),
        schema="roster",
    )
    op.create_index("teams_updated", "teams", ["updated_at", "team_id"], unique=False, schema="roster")
    op.create_table(
        "agents",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("skills", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("hired_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"],
            ["roster.teams.team_id"],
        ),
        sa.PrimaryKeyConstraint("agent_id"),
        sa.UniqueConstraint("staff_no"),
        schema="roster",
    )
    op.create_index("agents_of_team", "agents", ["team_id"], unique=False, schema="roster")
    op.create_index("agents_updated", "agents", ["updated_at", "agent_id"], unique=False, schema="roster")
    op.create_table(
        "rosters",
        sa.Column("roster_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"],
            ["roster.teams.team_id"],
        ),
        sa.PrimaryKeyConstraint("roster_id"),
        schema="roster",
    )
    op.create_index("rosters_updated", "rosters", ["updated_at", "roster_id"], unique=False, schema="roster")
    op.create_table(
        "shift_codes",
        sa.Column("code_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("starts", sa.Time(), nullable=True),
        sa.Column("ends", sa.Time(), nullable=True),
        sa.Column("breaks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"],
            ["roster.teams.team_id"],
        ),
        sa.PrimaryKeyConstraint("code_id"),
        schema="roster",
    )
    op.create_index(
        "shift_codes_of_team",
        "shift_codes",
        ["team_id", "code"],
        unique=True,
        schema="roster",
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("shift_codes_updated", "shift_codes", ["updated_at", "code_id"], unique=False, schema="roster")
    op.create_table(
        "draft_lines",
        sa.Column("roster_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("cells", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"],
            ["roster.agents.agent_id"],
        ),
        sa.ForeignKeyConstraint(
            ["roster_id"],
            ["roster.rosters.roster_id"],
        ),
        sa.PrimaryKeyConstraint("roster_id", "agent_id"),
        schema="roster",
    )
    op.create_table(
        "punches",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"],
            ["roster.agents.agent_id"],
        ),
        sa.PrimaryKeyConstraint("agent_id", "at", "kind"),
        schema="roster",
    )
    op.create_table(
        "roster_versions",
        sa.Column("roster_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("override_reason", sa.Text(), nullable=True),
        sa.Column("problems", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("change_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["roster_id"],
            ["roster.rosters.roster_id"],
        ),
        sa.PrimaryKeyConstraint("roster_id", "number"),
        schema="roster",
    )
    op.create_table(
        "version_lines",
        sa.Column("roster_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("cells", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"],
            ["roster.agents.agent_id"],
        ),
        sa.PrimaryKeyConstraint("roster_id", "number", "agent_id"),
        schema="roster",
    )
    _rosters_of_a_team_do_not_overlap()


def _rosters_of_a_team_do_not_overlap() -> None:
    """A range of the team's id stands for the id, so that no extension is needed."""
    op.execute("CREATE TYPE roster.uuidrange AS RANGE (subtype = uuid)")
    op.execute(
        "ALTER TABLE roster.rosters ADD CONSTRAINT rosters_apart EXCLUDE USING gist ("
        "roster.uuidrange(team_id, team_id, '[]') WITH &&, daterange(from_on, to_on, '[]') WITH &&)"
    )


def downgrade() -> None:
    raise RuntimeError("restore a backup instead: the tables hold what was published and answered")
