"""policies, templates, broadcasts, webhooks, duty; questions to many about one matter"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


_MANNER = (
    '{"event_type": "roster.shift_change.announced.v1", "policy_version": 1, "asked": "shift_change.asked",'
    ' "reminder": "shift_change.reminder", "silent": "shift_change.silent", "overdue": "shift_change.overdue",'
    ' "urgent": false, "answerable": true}'
)
"""How the questions that are there already were asked."""


def upgrade() -> None:
    op.create_table(
        "broadcasts",
        sa.Column("broadcast_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("audience", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("quiz", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("manner", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("ladder", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ack_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("announced_by", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("asked_count", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("broadcast_id"),
        schema="notify",
    )
    op.create_index(
        "broadcasts_open",
        "broadcasts",
        ["broadcast_id"],
        unique=False,
        schema="notify",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "duty",
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("duty_id", "sequence"),
        schema="notify",
    )
    op.create_index("duty_ends", "duty", ["ends_at"], unique=False, schema="notify")
    op.create_table(
        "policies",
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("policy_id"),
        schema="notify",
    )
    op.create_index(
        "policies_version",
        "policies",
        ["event_type", sa.literal_column("coalesce(team_id, '00000000-0000-0000-0000-000000000000'::uuid)"), "version"],
        unique=True,
        schema="notify",
    )
    op.create_table(
        "templates",
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("texts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("template", "version"),
        schema="notify",
    )
    op.create_table(
        "webhooks",
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("secret_number", sa.Integer(), nullable=False),
        sa.Column("old_secret_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("webhook_id"),
        schema="notify",
    )
    op.create_index(
        "webhooks_active",
        "webhooks",
        ["webhook_id"],
        unique=False,
        schema="notify",
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_table(
        "deliveries",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replayed", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["webhook_id"], ["notify.webhooks.webhook_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("delivery_id"),
        sa.UniqueConstraint("webhook_id", "event_id", name="deliveries_event"),
        schema="notify",
    )
    op.create_index(
        "deliveries_waiting",
        "deliveries",
        ["next_at"],
        unique=False,
        schema="notify",
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.create_table(
        "quizzes",
        sa.Column("acknowledgement_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("choices", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("correct_count", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["acknowledgement_id"], ["notify.acknowledgements.acknowledgement_id"], ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("acknowledgement_id", "attempt"),
        schema="notify",
    )
    op.create_table(
        "delivery_attempts",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["notify.deliveries.delivery_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("delivery_id", "attempt"),
        schema="notify",
    )
    op.add_column("acknowledgements", sa.Column("manager", sa.Text(), nullable=True), schema="notify")
    op.add_column(
        "acknowledgements", sa.Column("zone", sa.Text(), server_default="UTC", nullable=False), schema="notify"
    )
    op.alter_column("acknowledgements", "zone", server_default=None, schema="notify")
    op.add_column(
        "acknowledgements",
        sa.Column("manner", postgresql.JSONB(astext_type=sa.Text()), server_default=_MANNER, nullable=False),
        schema="notify",
    )
    op.alter_column("acknowledgements", "manner", server_default=None, schema="notify")
    op.add_column(
        "messages", sa.Column("urgent", sa.Boolean(), server_default="false", nullable=False), schema="notify"
    )
    op.drop_constraint(op.f("acknowledgements_subject"), "acknowledgements", schema="notify", type_="unique")
    op.create_unique_constraint(
        "acknowledgements_subject",
        "acknowledgements",
        ["subject_type", "subject_id", "subject_version", "staff_no"],
        schema="notify",
    )
    op.add_column("teams", sa.Column("parent_id", sa.Uuid(), nullable=True), schema="notify")
    op.create_index(op.f("ix_notify_teams_parent_id"), "teams", ["parent_id"], unique=False, schema="notify")


def downgrade() -> None:
    op.drop_index(op.f("ix_notify_teams_parent_id"), table_name="teams", schema="notify")
    op.drop_column("teams", "parent_id", schema="notify")
    op.drop_constraint("acknowledgements_subject", "acknowledgements", schema="notify", type_="unique")
    op.create_unique_constraint(
        op.f("acknowledgements_subject"),
        "acknowledgements",
        ["subject_type", "subject_id", "subject_version"],
        schema="notify",
    )
    op.drop_column("messages", "urgent", schema="notify")
    op.drop_column("acknowledgements", "manner", schema="notify")
    op.drop_column("acknowledgements", "zone", schema="notify")
    op.drop_column("acknowledgements", "manager", schema="notify")
    op.drop_table("delivery_attempts", schema="notify")
    op.drop_table("quizzes", schema="notify")
    op.drop_index(
        "deliveries_waiting",
        table_name="deliveries",
        schema="notify",
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.drop_table("deliveries", schema="notify")
    op.drop_index(
        "webhooks_active", table_name="webhooks", schema="notify", postgresql_where=sa.text("state = 'active'")
    )
    op.drop_table("webhooks", schema="notify")
    op.drop_table("templates", schema="notify")
    op.drop_index("policies_version", table_name="policies", schema="notify")
    op.drop_table("policies", schema="notify")
    op.drop_index("duty_ends", table_name="duty", schema="notify")
    op.drop_table("duty", schema="notify")
    op.drop_index(
        "broadcasts_open", table_name="broadcasts", schema="notify", postgresql_where=sa.text("state = 'open'")
    )
    op.drop_table("broadcasts", schema="notify")
