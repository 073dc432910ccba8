"""leave, swaps, open shifts, duty, agent states, corrections, adherence, the calendar"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leave_requests",
        sa.Column("leave_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("agent_name", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("change_ids", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"],
            ["roster.agents.agent_id"],
        ),
        sa.ForeignKeyConstraint(
            ["team_id"],
            ["roster.teams.team_id"],
        ),
        sa.PrimaryKeyConstraint("leave_id"),
        schema="roster",
    )
    op.create_index("leave_of_agent", "leave_requests", ["agent_id", "to_on"], unique=False, schema="roster")
    op.create_index("leave_of_team", "leave_requests", ["team_id", "to_on"], unique=False, schema="roster")
    op.create_index("leave_updated", "leave_requests", ["updated_at", "leave_id"], unique=False, schema="roster")
    op.create_table(
        "agent_states",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"],
            ["roster.agents.agent_id"],
        ),
        sa.PrimaryKeyConstraint("agent_id", "starts_at", "ends_at", "state"),
        schema="roster",
    )
    op.create_table(
        "attendance_corrections",
        sa.Column("correction_id", sa.Uuid(), nullable=False),
        sa.Column("attendance_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("agent_name", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("shift_on", sa.Date(), nullable=False),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("went_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("correction_id"),
        schema="roster",
    )
    op.create_index(
        "corrections_of_attendance",
        "attendance_corrections",
        ["attendance_id", "correction_id"],
        unique=False,
        schema="roster",
    )
    op.create_index(
        "corrections_of_team", "attendance_corrections", ["team_id", "state"], unique=False, schema="roster"
    )
    op.create_index(
        "corrections_updated", "attendance_corrections", ["updated_at", "correction_id"], unique=False, schema="roster"
    )
    op.create_table(
        "adherence",
        sa.Column("measure_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("attendance_id", sa.Uuid(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("shift_on", sa.Date(), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("measure_id", "revision"),
        schema="roster",
    )
    op.create_index("adherence_of_day", "adherence", ["attendance_id"], unique=False, schema="roster")
    op.create_index("adherence_of_team", "adherence", ["team_id", "shift_on"], unique=False, schema="roster")
    op.create_table(
        "swaps",
        sa.Column("swap_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("roster_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("from_agent_id", sa.Uuid(), nullable=False),
        sa.Column("from_staff_no", sa.Text(), nullable=False),
        sa.Column("from_name", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("from_cell", sa.Text(), nullable=False),
        sa.Column("to_agent_id", sa.Uuid(), nullable=False),
        sa.Column("to_staff_no", sa.Text(), nullable=False),
        sa.Column("to_name", sa.Text(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("to_cell", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["roster_id"],
            ["roster.rosters.roster_id"],
        ),
        sa.ForeignKeyConstraint(
            ["team_id"],
            ["roster.teams.team_id"],
        ),
        sa.PrimaryKeyConstraint("swap_id"),
        schema="roster",
    )
    op.create_index("swaps_of_giver", "swaps", ["from_agent_id"], unique=False, schema="roster")
    op.create_index("swaps_of_taker", "swaps", ["to_agent_id"], unique=False, schema="roster")
    op.create_index("swaps_of_team", "swaps", ["team_id", "state"], unique=False, schema="roster")
    op.create_index("swaps_updated", "swaps", ["updated_at", "swap_id"], unique=False, schema="roster")
    op.create_table(
        "open_shifts",
        sa.Column("open_shift_id", sa.Uuid(), nullable=False),
        sa.Column("roster_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("team_name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("shift_on", sa.Date(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("skills", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_staff_no", sa.Text(), nullable=True),
        sa.Column("claimed_name", sa.Text(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["roster_id"],
            ["roster.rosters.roster_id"],
        ),
        sa.ForeignKeyConstraint(
            ["team_id"],
            ["roster.teams.team_id"],
        ),
        sa.PrimaryKeyConstraint("open_shift_id"),
        schema="roster",
    )
    op.create_index("open_shifts_of_team", "open_shifts", ["team_id", "state"], unique=False, schema="roster")
    op.create_index(
        "open_shifts_updated", "open_shifts", ["updated_at", "open_shift_id"], unique=False, schema="roster"
    )
    op.create_table(
        "duty_posts",
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("rotas", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("told_staff_no", sa.Text(), nullable=True),
        sa.Column("told_name", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"],
            ["roster.teams.team_id"],
        ),
        sa.PrimaryKeyConstraint("duty_id"),
        schema="roster",
    )
    op.create_index(
        "duty_posts_of_team",
        "duty_posts",
        ["team_id"],
        unique=True,
        schema="roster",
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "duty_overrides",
        sa.Column("override_id", sa.Uuid(), nullable=False),
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["duty_id"],
            ["roster.duty_posts.duty_id"],
        ),
        sa.PrimaryKeyConstraint("override_id"),
        schema="roster",
    )
    op.create_index("duty_overrides_of_post", "duty_overrides", ["duty_id", "ends_at"], unique=False, schema="roster")
    op.create_table(
        "calendar_overrides",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("on"),
        schema="roster",
    )
    op.create_table(
        "calendar_feeds",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"],
            ["roster.agents.agent_id"],
        ),
        sa.PrimaryKeyConstraint("agent_id"),
        schema="roster",
    )
