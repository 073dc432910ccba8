"""over which window an alert's value was read, so that it opens; of earlier alerts that is not known"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ENDS = ("window_from", "window_to")


def upgrade() -> None:
    for end in ENDS:
        op.add_column("alerts", sa.Column(end, sa.DateTime(timezone=True)), schema="kpi")


def downgrade() -> None:
    for end in ENDS:
        op.drop_column("alerts", end, schema="kpi")
