"""night shifts: on whose day what an agent did after midnight counts"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shifts",
        sa.Column("staff_no", sa.Text(), primary_key=True),
        sa.Column("shift_on", sa.Date(), primary_key=True),
        sa.Column("starts_at", sa.DateTime(timezone=True)),
        sa.Column("ends_at", sa.DateTime(timezone=True)),
        sa.Column("over_midnight", sa.Boolean(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        schema="kpi",
    )
    op.create_index(
        "shifts_over_midnight",
        "shifts",
        ["staff_no", "starts_at"],
        schema="kpi",
        postgresql_where=sa.text("over_midnight"),
    )


def downgrade() -> None:
    op.drop_table("shifts", schema="kpi")
