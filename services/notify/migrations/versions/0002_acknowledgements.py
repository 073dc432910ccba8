"""acknowledgements"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "acknowledgements",
        sa.Column("acknowledgement_id", sa.Uuid(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject_version", sa.BigInteger(), nullable=False),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("team_name", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=True),
        sa.Column("supervisor", sa.Text(), nullable=True),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminder_count", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("acknowledgement_id"),
        sa.UniqueConstraint("subject_type", "subject_id", "subject_version", name="acknowledgements_subject"),
        schema="notify",
    )
    op.create_index(
        "acknowledgements_open",
        "acknowledgements",
        ["acknowledgement_id"],
        unique=False,
        schema="notify",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "acknowledgements_staff", "acknowledgements", ["staff_no", "acknowledgement_id"], unique=False, schema="notify"
    )
    op.create_index(
        "acknowledgements_team", "acknowledgements", ["team_id", "acknowledgement_id"], unique=False, schema="notify"
    )
    op.create_table(
        "contacts",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_by", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("contact_id"),
        sa.UniqueConstraint("staff_no", "channel", name="contacts_one_per_channel"),
        schema="notify",
    )
    op.create_table(
        "messages",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledgement_id", sa.Uuid(), nullable=True),
        sa.Column("subject_type", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("subject_version", sa.BigInteger(), nullable=True),
        sa.Column("link_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("message_id"),
        sa.UniqueConstraint("about_id", "occasion", "number", "staff_no", "channel", name="messages_said_once"),
        schema="notify",
    )
    op.create_index(
        op.f("ix_notify_messages_acknowledgement_id"), "messages", ["acknowledgement_id"], unique=False, schema="notify"
    )
    op.create_index(op.f("ix_notify_messages_subject_id"), "messages", ["subject_id"], unique=False, schema="notify")
    op.create_index("messages_reader", "messages", ["staff_no", "message_id"], unique=False, schema="notify")
    op.create_index(
        "messages_waiting",
        "messages",
        ["next_at", "message_id"],
        unique=False,
        schema="notify",
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.create_table(
        "recipients",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("team_name", sa.Text(), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("agent_id"),
        schema="notify",
    )
    op.create_index(op.f("ix_notify_recipients_staff_no"), "recipients", ["staff_no"], unique=False, schema="notify")
    op.create_index("recipients_team", "recipients", ["team_id", "staff_no"], unique=False, schema="notify")
    op.create_table(
        "subjects",
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("subject_type", "subject_id"),
        schema="notify",
    )
    op.create_table(
        "teams",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=True),
        sa.Column("supervisor", sa.Text(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("team_id"),
        schema="notify",
    )
    op.create_table(
        "rungs",
        sa.Column("acknowledgement_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("offset", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("staff_no", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["acknowledgement_id"], ["notify.acknowledgements.acknowledgement_id"], ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("acknowledgement_id", "number"),
        schema="notify",
    )


def downgrade() -> None:
    op.drop_table("rungs", schema="notify")
    op.drop_table("teams", schema="notify")
    op.drop_table("subjects", schema="notify")
    op.drop_index("recipients_team", table_name="recipients", schema="notify")
    op.drop_index(op.f("ix_notify_recipients_staff_no"), table_name="recipients", schema="notify")
    op.drop_table("recipients", schema="notify")
    op.drop_index(
        "messages_waiting",
        table_name="messages",
        schema="notify",
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.drop_index("messages_reader", table_name="messages", schema="notify")
    op.drop_index(op.f("ix_notify_messages_subject_id"), table_name="messages", schema="notify")
    op.drop_index(op.f("ix_notify_messages_acknowledgement_id"), table_name="messages", schema="notify")
    op.drop_table("messages", schema="notify")
    op.drop_table("contacts", schema="notify")
    op.drop_index("acknowledgements_team", table_name="acknowledgements", schema="notify")
    op.drop_index("acknowledgements_staff", table_name="acknowledgements", schema="notify")
    op.drop_index(
        "acknowledgements_open",
        table_name="acknowledgements",
        schema="notify",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_table("acknowledgements", schema="notify")
