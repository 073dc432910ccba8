"""the language of notices to a customer"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customers", sa.Column("language", sa.Text(), nullable=True), schema="cases")


def downgrade() -> None:
    op.drop_column("customers", "language", schema="cases")
