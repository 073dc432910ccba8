"""conversion: how many contacts were to convert, and how many did"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for rollup in ("contact_quarters", "contact_days", "contact_months"):
        for name in ("conversion_told", "converted"):
            op.add_column(rollup, sa.Column(name, sa.BigInteger()), schema="kpi")


def downgrade() -> None:
    for rollup in ("contact_quarters", "contact_days", "contact_months"):
        for name in ("conversion_told", "converted"):
            op.drop_column(rollup, name, schema="kpi")
