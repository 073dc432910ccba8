"""message attempts, contact codes, preferences, provider limits, watchdog alarms"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alarms",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        schema="notify",
    )
    op.create_table(
        "allowances",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.ARRAY(sa.DateTime(timezone=True)), nullable=False),
        sa.PrimaryKeyConstraint("channel", "reader"),
        schema="notify",
    )
    op.create_table(
        "preferences",
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("channels", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("staff_no"),
        schema="notify",
    )
    op.create_table(
        "attempts",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("together", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["notify.messages.message_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message_id", "number"),
        schema="notify",
    )
    op.create_index(op.f("ix_notify_attempts_provider_id"), "attempts", ["provider_id"], unique=False, schema="notify")
    op.add_column(
        "contacts", sa.Column("code_number", sa.Integer(), server_default="0", nullable=False), schema="notify"
    )
    op.add_column("contacts", sa.Column("code_sent_at", sa.DateTime(timezone=True), nullable=True), schema="notify")
    op.add_column(
        "contacts", sa.Column("code_tries", sa.Integer(), server_default="0", nullable=False), schema="notify"
    )
    op.add_column("messages", sa.Column("customer_id", sa.Uuid(), nullable=True), schema="notify")
    op.add_column("messages", sa.Column("failures", sa.Integer(), server_default="0", nullable=False), schema="notify")
    op.add_column("messages", sa.Column("together", sa.Integer(), server_default="1", nullable=False), schema="notify")
    op.add_column("messages", sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True), schema="notify")
    op.add_column("messages", sa.Column("code", sa.Text(), nullable=True), schema="notify")
    op.add_column("messages", sa.Column("via", sa.Text(), nullable=True), schema="notify")
    op.alter_column("messages", "staff_no", existing_type=sa.TEXT(), nullable=True, schema="notify")
    op.create_index(
        "messages_customer_once",
        "messages",
        ["customer_id", "subject_type", "subject_id", "subject_version"],
        unique=True,
        schema="notify",
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "messages_customer_once",
        table_name="messages",
        schema="notify",
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.alter_column("messages", "staff_no", existing_type=sa.TEXT(), nullable=False, schema="notify")
    op.drop_column("messages", "via", schema="notify")
    op.drop_column("messages", "code", schema="notify")
    op.drop_column("messages", "opened_at", schema="notify")
    op.drop_column("messages", "together", schema="notify")
    op.drop_column("messages", "failures", schema="notify")
    op.drop_column("messages", "customer_id", schema="notify")
    op.drop_column("contacts", "code_tries", schema="notify")
    op.drop_column("contacts", "code_sent_at", schema="notify")
    op.drop_column("contacts", "code_number", schema="notify")
    op.drop_index(op.f("ix_notify_attempts_provider_id"), table_name="attempts", schema="notify")
    op.drop_table("attempts", schema="notify")
    op.drop_table("preferences", schema="notify")
    op.drop_table("allowances", schema="notify")
    op.drop_table("alarms", schema="notify")
