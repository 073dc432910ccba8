"""what lies behind midnight in a shift of the day before is marked and summed, rather than looked up when it is asked

What was heard before is noted to be judged: the worker does it when it starts.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NIGHTS = {"contact_nights": "contact_days", "contact_night_bins": "contact_bins", "return_nights": "return_days"}
BEHIND_MIDNIGHT = 1 << 30


def upgrade() -> None:
    for nights, days in NIGHTS.items():
        op.execute(f"CREATE TABLE kpi.{nights} (LIKE kpi.{days} INCLUDING ALL) WITH (fillfactor = 70)")
    op.create_table(
        "overnight",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("staff_nos", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("days", sa.ARRAY(sa.Date()), nullable=False),
        schema="kpi",
    )
    for facts in ("contact_facts", "return_facts"):
        op.create_index(
            f"{facts}_behind_midnight",
            facts,
            ["day_on"],
            schema="kpi",
            postgresql_where=sa.text(f"tallies >= {BEHIND_MIDNIGHT}"),
        )
    op.create_index(
        "dimension_sets_of_agent",
        "dimension_sets",
        ["agent"],
        schema="kpi",
        postgresql_where=sa.text("view IS NULL"),
    )
    op.execute(
        """
        INSERT INTO kpi.overnight (staff_nos, days)
        SELECT array_agg(staff_no), array_agg(shift_on + 1) FROM kpi.shifts WHERE over_midnight GROUP BY shift_on
        """
    )


def downgrade() -> None:
    for facts in ("contact_facts", "return_facts"):
        op.drop_index(f"{facts}_behind_midnight", facts, schema="kpi")
        op.execute(f"UPDATE kpi.{facts} SET tallies = tallies & ~{BEHIND_MIDNIGHT} WHERE tallies >= {BEHIND_MIDNIGHT}")
    op.drop_index("dimension_sets_of_agent", "dimension_sets", schema="kpi")
    op.drop_table("overnight", schema="kpi")
    for nights in NIGHTS:
        op.drop_table(nights, schema="kpi")
