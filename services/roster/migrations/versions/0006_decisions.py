"""by when leave, corrections and swaps are to be decided; reminders for what is undecided"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_UNDECIDED = (
    ("leave_requests", "requested_at", "leave_id", "chase_leave", ("requested",)),
    ("attendance_corrections", "requested_at", "correction_id", "chase_correction", ("requested",)),
    ("swaps", "offered_at", "swap_id", "chase_swap", ("offered", "accepted")),
    ("open_shifts", None, "open_shift_id", "chase_open_shift", ("open",)),
)


def upgrade() -> None:
    for table, since, key, kind, states in _UNDECIDED:
        if since:
            due = sa.Column("decide_by", sa.DateTime(timezone=True), nullable=False, server_default=_A_DAY)
            op.add_column(table, due, schema="roster")
            op.execute(f"UPDATE roster.{table} SET decide_by = {since} + interval '1 day'")
        named = ", ".join(f"'{state}'" for state in states)
        _remind(f"SELECT '{kind}', {key} FROM roster.{table} WHERE state IN ({named})")
    _remind(
        "SELECT DISTINCT ON (roster_id, number) 'chase_unresolved', change_id FROM roster.shift_changes"
        " WHERE state IN ('pending', 'notified', 'opened', 'refused', 'expired') AND resolution IS NULL"
        " ORDER BY roster_id, number, change_id"
    )


_A_DAY = sa.text("now() + interval '1 day'")


def _remind(waiting: str) -> None:
    """What waits already has a reminder too: at once, then as everything else."""
    op.execute(
        "INSERT INTO roster.timers (kind, subject_id, version, due_at)"
        f" SELECT kind, subject_id, 0, now() FROM ({waiting}) AS waiting (kind, subject_id) ON CONFLICT DO NOTHING"
    )


def downgrade() -> None:
    raise RuntimeError("restore a backup instead: nobody would be reminded any more")
