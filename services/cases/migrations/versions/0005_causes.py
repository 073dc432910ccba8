"""Surges, known problems, bulletins, complaints."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "surge_rules",
        sa.Column("topic", sa.Text(), nullable=False, comment="a topic's code, or * for the centre"),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("min_contacts", sa.Integer(), nullable=False),
        sa.Column("min_customers", sa.Integer(), nullable=False),
        sa.Column("window_minutes", sa.Integer(), nullable=False),
        sa.Column("lift", sa.Double(), nullable=False),
        sa.Column("baseline_weeks", sa.Integer(), nullable=False),
        sa.Column("ack_minutes", sa.Integer(), nullable=False),
        sa.Column("act_minutes", sa.Integer(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("topic"),
        schema="cases",
    )
    op.create_table(
        "surges",
        sa.Column("surge_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("topic_name", sa.Text(), nullable=False),
        sa.Column("window_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contacts", sa.Integer(), nullable=False),
        sa.Column("all_contacts", sa.Integer(), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("baseline_share", sa.Double(), nullable=True),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("detected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ack_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_team_id", sa.Uuid(), nullable=True),
        sa.Column("owner_team_name", sa.Text(), nullable=True),
        sa.Column("historic", sa.Boolean(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acted_by", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("problem_id", sa.Uuid(), nullable=True),
        sa.Column("later_share", sa.Double(), nullable=True),
        sa.Column("later_contacts", sa.Integer(), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_count", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("surge_id"),
        schema="cases",
    )
    op.create_index("surges_by_detection", "surges", ["detected_at", "surge_id"], unique=False, schema="cases")
    op.create_index("surges_by_topic", "surges", ["topic", "detected_at"], unique=False, schema="cases")
    op.create_index("surges_by_update", "surges", ["updated_at", "surge_id"], unique=False, schema="cases")
    op.create_table(
        "topic_counts",
        sa.Column("bucket_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False, comment="empty where none was told"),
        sa.Column("contacts", sa.Integer(), nullable=False),
        sa.Column("people", sa.ARRAY(sa.BigInteger()), nullable=False, comment="a sketch of who they were"),
        sa.Column("unwatched", sa.Boolean(), nullable=False, comment="changed since surges were last looked for"),
        sa.PrimaryKeyConstraint("bucket_at", "topic"),
        schema="cases",
        comment="Contacts, and cases opened without one, by quarter of an hour; kept as long as baselines reach back.",
    )
    op.create_index("topic_counts_by_topic", "topic_counts", ["topic", "bucket_at"], unique=False, schema="cases")
    op.create_index(
        "topic_counts_unwatched",
        "topic_counts",
        ["bucket_at"],
        unique=False,
        schema="cases",
        postgresql_where=sa.text("unwatched"),
    )


def downgrade() -> None:
    raise RuntimeError("restore a backup instead: these tables hold what was accepted")
