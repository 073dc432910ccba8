"""Customers, topics and contacts; a trigger keeps what a contact was before each correction."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEEP_VERSION = """
CREATE FUNCTION cases.keep_contact_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO cases.contact_versions (contact_id, version, replaced_at, contact)
    VALUES (old.contact_id, old.version, new.updated_at, to_jsonb(old) - 'fingerprint');
    RETURN NULL;
END
$$
"""


def upgrade() -> None:
    op.create_table(
        "agents",
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("team_name", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("staff_no"),
        schema="cases",
        comment="Roster's agents as last heard.",
    )
    op.create_table(
        "contact_versions",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contact", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("contact_id", "version"),
        schema="cases",
        comment="What a contact was before it was corrected; written by a trigger on contacts.",
    )
    op.create_table(
        "customers",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("customer_id"),
        sa.UniqueConstraint("external_id"),
        schema="cases",
    )
    op.create_index("customers_by_update", "customers", ["updated_at", "customer_id"], unique=False, schema="cases")
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
        schema="cases",
        comment="Roster's teams as last heard.",
    )
    op.create_index("teams_by_code", "teams", ["code"], unique=False, schema="cases")
    op.create_table(
        "topics",
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("owner_team", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent"],
            ["cases.topics.code"],
        ),
        sa.PrimaryKeyConstraint("topic_id"),
        sa.UniqueConstraint("code"),
        schema="cases",
    )
    op.create_table(
        "contacts",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("agent_name", sa.Text(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("team_name", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("topic_name", sa.Text(), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("abandoned", sa.Boolean(), nullable=False),
        sa.Column("wait_seconds", sa.Double(), nullable=True),
        sa.Column("talk_seconds", sa.Double(), nullable=True),
        sa.Column("hold_seconds", sa.Double(), nullable=True),
        sa.Column("wrap_seconds", sa.Double(), nullable=True),
        sa.Column("transferred", sa.Boolean(), nullable=False),
        sa.Column("resolved", sa.Boolean(), nullable=True),
        sa.Column("rating", sa.SmallInteger(), nullable=True),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False, comment="of what the source told, to know a repeat"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["cases.customers.customer_id"],
        ),
        sa.PrimaryKeyConstraint("contact_id"),
        schema="cases",
        comment="The newest version of each contact; agent, team and topic named as they were when it was recorded.",
    )
    op.create_index("contacts_by_agent", "contacts", ["agent", "queued_at"], unique=False, schema="cases")
    op.create_index(
        "contacts_by_customer",
        "contacts",
        ["customer_id", "queued_at"],
        unique=False,
        schema="cases",
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_index("contacts_by_queued", "contacts", ["queued_at", "contact_id"], unique=False, schema="cases")
    op.create_index("contacts_by_update", "contacts", ["updated_at"], unique=False, schema="cases")
    op.create_table(
        "identities",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["cases.customers.customer_id"],
        ),
        sa.PrimaryKeyConstraint("kind", "value"),
        schema="cases",
        comment="How a customer is recognised, normalised; `place` is the order in which the customer's were given.",
    )
    op.create_index("identities_by_customer", "identities", ["customer_id"], unique=False, schema="cases")
    op.execute(KEEP_VERSION)
    op.execute(
        "CREATE TRIGGER keep_version AFTER UPDATE ON cases.contacts "
        "FOR EACH ROW EXECUTE FUNCTION cases.keep_contact_version()"
    )


def downgrade() -> None:
    raise RuntimeError("restore a backup instead: these tables hold what was accepted")
