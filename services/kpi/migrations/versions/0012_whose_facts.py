"""whose facts were used, by which definition; of earlier uses that is not known: they are of everybody's"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("uses", sa.Column("staff_nos", sa.ARRAY(sa.Text())), schema="kpi")
    op.add_column("uses", sa.Column("definition_id", sa.Uuid()), schema="kpi")


def downgrade() -> None:
    op.drop_column("uses", "definition_id", schema="kpi")
    op.drop_column("uses", "staff_nos", schema="kpi")
