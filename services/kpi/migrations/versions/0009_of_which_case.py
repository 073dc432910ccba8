"""of which case a fact is, and contacts that were rated badly and given to another

What was heard before: a fact that is a case's own knows its case by its key; contacts know both of themselves.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BY_KEY = ("case", "resolution", "reopening", "intake", "complaint")
BY_ANOTHER = ("transfer", "sla", "handoff", "handoff_ack", "promise", "survey")

RATED_BAD, TRANSFERRED, TRANSFERRED_BAD = 1 << 8, 1 << 15, 1 << 19

ROLLUPS = {
    "contact_quarters": ("bucket_at", "date_bin('15 min', happened_at, '2000-01-01Z')", ("centre", "team")),
    "contact_days": ("day_on", "day_on", ("centre", "team", "agent", "subject")),
    "contact_months": ("month_on", "date_trunc('month', day_on)::date", ("agent", "subject")),
}


def upgrade() -> None:
    for kind in (*BY_KEY, *BY_ANOTHER):
        op.add_column(f"{kind}_facts", sa.Column("case_id", sa.Uuid()), schema="kpi")
    for kind in BY_KEY:
        op.execute(f"UPDATE kpi.{kind}_facts SET case_id = fact_key")
    both = RATED_BAD | TRANSFERRED
    op.execute(f"UPDATE kpi.contact_facts SET tallies = tallies | {TRANSFERRED_BAD} WHERE tallies & {both} = {both}")
    for rollup, (place, at, views) in ROLLUPS.items():
        op.add_column(rollup, sa.Column("transferred_bad", sa.BigInteger()), schema="kpi")
        kept = ", ".join(f"(sets.{view}_set)" for view in views)
        op.execute(
            f"""
            UPDATE kpi.{rollup} AS rollup SET transferred_bad = counted.contacts
            FROM (
                SELECT {at} AS place, kept.set_id, count(*) AS contacts
                FROM kpi.contact_facts AS facts
                JOIN kpi.dimension_sets AS sets ON sets.set_id = facts.set_id
                CROSS JOIN LATERAL (VALUES {kept}) AS kept (set_id)
                WHERE tallies & {TRANSFERRED_BAD} <> 0
                GROUP BY 1, 2
            ) AS counted
            WHERE rollup.set_id = counted.set_id AND rollup.{place} = counted.place
            """
        )


def downgrade() -> None:
    for rollup in ROLLUPS:
        op.drop_column(rollup, "transferred_bad", schema="kpi")
    op.execute(f"UPDATE kpi.contact_facts SET tallies = tallies & ~{TRANSFERRED_BAD}")
    for kind in (*BY_KEY, *BY_ANOTHER):
        op.drop_column(f"{kind}_facts", "case_id", schema="kpi")
