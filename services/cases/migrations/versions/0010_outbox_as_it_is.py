"""Events are stored as they are: to press five hundred contacts together costs as much as half of writing them."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

EVERY_PART = """
DO $$
DECLARE part regclass;
BEGIN
    FOR part IN SELECT relid FROM pg_partition_tree('cases.outbox') LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN body SET STORAGE {storage}', part);
    END LOOP;
END
$$
"""


def upgrade() -> None:
    op.execute(EVERY_PART.format(storage="EXTERNAL"))


def downgrade() -> None:
    op.execute(EVERY_PART.format(storage="EXTENDED"))
