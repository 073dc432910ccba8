"""Case types, cases with their timelines, links and numbers, surveys; customers merged and handled with care."""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APPEND_ONLY = """
CREATE FUNCTION cases.keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the timeline of a case is only added to';
END
$$
"""

TYPES = (
    ("consult", "咨询", "Consultation", "normal", "normal", ()),
    (
        "feedback",
        "反馈",
        "Feedback",
        "normal",
        "normal",
        (
            (
                "expectation",
                "客户期望",
                "What the customer expects",
                "您希望我们怎样改进？",
                "What should we do better?",
            ),
        ),
    ),
    (
        "complaint",
        "投诉",
        "Complaint",
        "high",
        "high",
        (
            (
                "demand",
                "客户诉求",
                "What the customer asks for",
                "您希望怎样解决？",
                "How would you like it to be solved?",
            ),
        ),
    ),
)


def seed_types() -> None:
    insert = sa.text(
        "INSERT INTO cases.case_types (code, version, name, name_en, fields, urgency, importance, silence_days,"
        " repeat_days, updated_at, updated_by) VALUES (:code, 1, :name, :name_en, CAST(:fields AS jsonb), :urgency,"
        " :importance, 3, 7, '2026-01-01T00:00:00Z', 'ringback')"
    )
    for code, name, name_en, urgency, importance, fields in TYPES:
        names = ("code", "name", "name_en", "question_zh", "question_en")
        told = json.dumps([dict(zip(names, field, strict=True)) for field in fields], ensure_ascii=False)
        values = {"code": code, "name": name, "name_en": name_en, "urgency": urgency, "importance": importance}
        op.execute(insert.bindparams(**values, fields=told))


def upgrade() -> None:
    op.create_table(
        "case_types",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("sla_policy", sa.Text(), nullable=True),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("importance", sa.Text(), nullable=False),
        sa.Column("silence_days", sa.SmallInteger(), nullable=False),
        sa.Column("repeat_days", sa.SmallInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", "version"),
        schema="cases",
        comment="Every version of every case type; a case keeps the one it was opened with.",
    )
    op.create_table(
        "numbers",
        sa.Column("local_on", sa.Date(), nullable=False),
        sa.Column("begins", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("local_on"),
        schema="cases",
        comment="Where a day's numbers begin in the sequence case_numbers, so that nobody waits for another's number.",
    )
    op.create_table(
        "cases",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("historic", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("case_type", sa.Text(), nullable=False),
        sa.Column("type_version", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("importance", sa.Text(), nullable=False),
        sa.Column("quadrant", sa.SmallInteger(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("topic_name", sa.Text(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("team_name", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("owner_name", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("informed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("silence_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_how", sa.Text(), nullable=True),
        sa.Column("reopen_count", sa.Integer(), nullable=False),
        sa.Column("repeat_count", sa.Integer(), nullable=False),
        sa.Column("transfer_count", sa.Integer(), nullable=False),
        sa.Column("contact_count", sa.Integer(), nullable=False),
        sa.Column(
            "due_at", sa.DateTime(timezone=True), nullable=True, comment="when the next of its SLA clocks runs out"
        ),
        sa.Column(
            "involved", sa.ARRAY(sa.Uuid()), nullable=False, comment="teams that were asked to act, besides its own"
        ),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "grams", sa.ARRAY(sa.Text()), nullable=False, comment="pairs of characters of its words, to be searched"
        ),
        sa.Column(
            "queue_rank",
            sa.SmallInteger(),
            sa.Computed("CASE state WHEN 'closed' THEN 6 WHEN 'resolved' THEN 5 ELSE quadrant END", persisted=True),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["cases.customers.customer_id"],
        ),
        sa.PrimaryKeyConstraint("case_id"),
        sa.UniqueConstraint("external_id"),
        sa.UniqueConstraint("number"),
        schema="cases",
    )
    op.create_index(
        "cases_by_customer",
        "cases",
        ["customer_id", "opened_at"],
        unique=False,
        schema="cases",
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_index(
        "cases_by_due",
        "cases",
        ["due_at"],
        unique=False,
        schema="cases",
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("cases_by_involved", "cases", ["involved"], unique=False, schema="cases", postgresql_using="gin")
    op.create_index("cases_by_opening", "cases", ["opened_at", "case_id"], unique=False, schema="cases")
    op.create_index(
        "cases_by_owner",
        "cases",
        ["owner", "queue_rank", "opened_at", "case_id"],
        unique=False,
        schema="cases",
        postgresql_where=sa.text("owner IS NOT NULL"),
    )
    op.create_index("cases_by_queue", "cases", ["queue_rank", "opened_at", "case_id"], unique=False, schema="cases")
    op.create_index(
        "cases_by_team", "cases", ["team_id", "queue_rank", "opened_at", "case_id"], unique=False, schema="cases"
    )
    op.create_index(
        "cases_by_topic", "cases", ["topic", "queue_rank", "opened_at", "case_id"], unique=False, schema="cases"
    )
    op.create_index("cases_by_update", "cases", ["updated_at", "case_id"], unique=False, schema="cases")
    op.create_index("cases_by_words", "cases", ["grams"], unique=False, schema="cases", postgresql_using="gin")
    op.create_table(
        "entries",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("by_name", sa.Text(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["cases.cases.case_id"],
        ),
        sa.PrimaryKeyConstraint("entry_id"),
        schema="cases",
        comment="A case's timeline; a trigger refuses changing or deleting what stands there.",
    )
    op.create_index("entries_by_case", "entries", ["case_id", "at", "entry_id"], unique=False, schema="cases")
    op.create_table(
        "links",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("linked_id", sa.Uuid(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("linked_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["cases.cases.case_id"],
        ),
        sa.PrimaryKeyConstraint("case_id", "kind", "linked_id"),
        schema="cases",
        comment="What belongs to a case: contacts, other cases, known problems.",
    )
    op.create_index("links_by_linked", "links", ["linked_id", "kind"], unique=False, schema="cases")
    op.create_table(
        "surveys",
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("invited", sa.Boolean(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False, comment="signs the survey's link"),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined", sa.Boolean(), nullable=True),
        sa.Column("rating", sa.SmallInteger(), nullable=True),
        sa.Column("recommend", sa.SmallInteger(), nullable=True),
        sa.Column("solved", sa.Boolean(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["cases.cases.case_id"],
        ),
        sa.PrimaryKeyConstraint("survey_id"),
        sa.UniqueConstraint("case_id"),
        schema="cases",
        comment="One survey for each resolved case; its last answer counts.",
    )
    op.create_index("surveys_by_request", "surveys", ["requested_at", "survey_id"], unique=False, schema="cases")
    op.add_column(
        "contacts", sa.Column("case_id", sa.Uuid(), nullable=True, comment="the case it belongs to"), schema="cases"
    )
    op.create_index(
        "contacts_by_case",
        "contacts",
        ["case_id", "queued_at"],
        unique=False,
        schema="cases",
        postgresql_where=sa.text("case_id IS NOT NULL"),
    )
    op.add_column(
        "customers",
        sa.Column("handle_with_care", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema="cases",
    )
    op.add_column("customers", sa.Column("care_note", sa.Text(), nullable=True), schema="cases")
    op.add_column(
        "customers",
        sa.Column("do_not_contact", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema="cases",
    )
    op.add_column("customers", sa.Column("merged_into", sa.Uuid(), nullable=True), schema="cases")
    op.create_index(
        "customers_merged",
        "customers",
        ["merged_into"],
        unique=False,
        schema="cases",
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_foreign_key(
        "customers_merged_into_fkey",
        "customers",
        "customers",
        ["merged_into"],
        ["customer_id"],
        source_schema="cases",
        referent_schema="cases",
    )
    op.add_column("topics", sa.Column("urgency", sa.Text(), nullable=True), schema="cases")
    op.add_column("topics", sa.Column("importance", sa.Text(), nullable=True), schema="cases")
    op.execute("CREATE SEQUENCE cases.case_numbers CACHE 1")
    op.execute(APPEND_ONLY)
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON cases.entries "
        "FOR EACH ROW EXECUTE FUNCTION cases.keep_history()"
    )
    op.execute("DROP TRIGGER keep_version ON cases.contacts")
    op.execute(
        "CREATE TRIGGER keep_version AFTER UPDATE ON cases.contacts "
        "FOR EACH ROW WHEN (old.version <> new.version) EXECUTE FUNCTION cases.keep_contact_version()"
    )
    seed_types()


def downgrade() -> None:
    raise RuntimeError("restore a backup instead: these tables hold what was accepted")
