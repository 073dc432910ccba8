"""a notice to a customer in the other language, too: theirs is known only when the address is"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("other_title", "other_text"):
        op.add_column("messages", sa.Column(name, sa.Text(), nullable=True), schema="notify")


def downgrade() -> None:
    for name in ("other_title", "other_text"):
        op.drop_column("messages", name, schema="notify")
