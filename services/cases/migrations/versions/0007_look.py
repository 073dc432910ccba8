"""a daily look at every case that is not over"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LOOK = """
INSERT INTO cases.timers (kind, subject_id, version, due_at)
SELECT 'case-look', case_id, 0, now() + interval '1 day' FROM cases.cases WHERE state <> 'closed' AND NOT historic
ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.execute(LOOK)


def downgrade() -> None:
    raise RuntimeError("restore a backup instead: no loop may lose its timer")
