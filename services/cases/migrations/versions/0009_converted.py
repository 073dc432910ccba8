"""whether a contact brought about what it was to bring about"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contacts", sa.Column("converted", sa.Boolean(), nullable=True), schema="cases")


def downgrade() -> None:
    raise RuntimeError("restore a backup instead: nobody would know any more which contacts converted")
