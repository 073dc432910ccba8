"""planning: checks, preflight, board"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contacts",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("contact_id"),
        schema="roster",
    )
    op.create_index(
        "contacts_of_staff",
        "contacts",
        ["staff_no"],
        unique=False,
        schema="roster",
        postgresql_where=sa.text("verified"),
    )
    op.add_column("agents", sa.Column("mentor", sa.Text(), nullable=True), schema="roster")
    op.add_column("agents", sa.Column("status", sa.Text(), server_default="active", nullable=False), schema="roster")
    op.add_column("rosters", sa.Column("edited_by", sa.Text(), nullable=True), schema="roster")
    op.add_column("shift_changes", sa.Column("last_delivery", sa.Text(), nullable=True), schema="roster")
    op.add_column("shift_changes", sa.Column("escalation", sa.Text(), nullable=True), schema="roster")
    op.create_index(
        "shift_changes_of_roster", "shift_changes", ["roster_id", "team_id", "state"], unique=False, schema="roster"
    )
    op.create_index(
        "shift_changes_waiting",
        "shift_changes",
        ["confirm_by", "change_id"],
        unique=False,
        schema="roster",
        postgresql_where=sa.text(
            "state IN ('pending', 'notified', 'opened', 'refused', 'expired') AND resolution IS NULL"
        ),
    )
    _keep_shifts_apart()


def _keep_shifts_apart() -> None:
    op.create_table(
        "planned_hours",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("odd", sa.Boolean(), nullable=False),
        sa.Column("hours", postgresql.TSTZMULTIRANGE(), nullable=False),
        sa.PrimaryKeyConstraint("agent_id", "month", "odd"),
        schema="roster",
    )
    op.execute(
        "ALTER TABLE roster.planned_hours ADD CONSTRAINT planned_hours_apart EXCLUDE USING gist ("
        "roster.uuidrange(agent_id, agent_id, '[]') WITH &&, hours WITH &&) DEFERRABLE INITIALLY IMMEDIATE"
    )
    op.execute(_KEEP_PLANNED_HOURS)
    op.execute(_AFTER_INSERT)
    op.execute(_AFTER_UPDATE)
    op.execute(
        "CREATE TRIGGER planned_hours_added AFTER INSERT ON roster.shifts REFERENCING NEW TABLE AS after "
        "FOR EACH STATEMENT EXECUTE FUNCTION roster.planned_hours_added()"
    )
    op.execute(
        "CREATE TRIGGER planned_hours_changed AFTER UPDATE ON roster.shifts "
        "REFERENCING OLD TABLE AS before NEW TABLE AS after "
        "FOR EACH STATEMENT EXECUTE FUNCTION roster.planned_hours_changed()"
    )


# Whoever plans the same agent at this moment goes first, so that the hours below have their shifts in them. A day that
# has none leaves a row without hours. No joins here: their plans are
# kept from when there were few rows, and are hopeless with many.
_KEEP_PLANNED_HOURS = """
CREATE FUNCTION roster.keep_planned_hours(whose uuid[], months date[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM roster.agents WHERE agent_id = ANY (whose) ORDER BY agent_id FOR NO KEY UPDATE;
    INSERT INTO roster.planned_hours (agent_id, month, odd, hours)
    SELECT agent_id, month, odd, coalesce(range_agg(planned) FILTER (WHERE planned IS NOT NULL), '{}')
    FROM (
        SELECT agent_id, month, odd, NULL::tstzrange AS planned
        FROM unnest(whose, months) AS touched (agent_id, month), (VALUES (false), (true)) AS parity (odd)
        UNION ALL
        SELECT agent_id, date_trunc('month', shift_on)::date, (shift_on - date '2000-01-01') % 2 <> 0,
            tstzrange(planned_starts_at, planned_ends_at)
        FROM roster.shifts
        WHERE agent_id = ANY (whose) AND planned_starts_at IS NOT NULL
            AND shift_on >= (SELECT min(month) FROM unnest(months) AS month)
            AND shift_on < (SELECT max(month) + interval '1 month' FROM unnest(months) AS month)
    ) AS days
    GROUP BY agent_id, month, odd
    ON CONFLICT (agent_id, month, odd) DO UPDATE SET hours = excluded.hours;
END $$
"""

_AFTER_INSERT = """
CREATE FUNCTION roster.planned_hours_added() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whose uuid[];
    months date[];
BEGIN
    SELECT array_agg(agent_id), array_agg(month) INTO whose, months FROM (
        SELECT DISTINCT agent_id, date_trunc('month', shift_on)::date AS month
        FROM after WHERE planned_starts_at IS NOT NULL) AS touched;
    IF whose IS NOT NULL THEN
        PERFORM roster.keep_planned_hours(whose, months);
    END IF;
    RETURN NULL;
END $$
"""

_AFTER_UPDATE = """
CREATE FUNCTION roster.planned_hours_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whose uuid[];
    months date[];
BEGIN
    SELECT array_agg(agent_id), array_agg(month) INTO whose, months FROM (
        SELECT DISTINCT agent_id, date_trunc('month', shift_on)::date AS month FROM (
            SELECT agent_id, shift_on, planned_starts_at, planned_ends_at FROM after
            EXCEPT
            SELECT agent_id, shift_on, planned_starts_at, planned_ends_at FROM before) AS planned_anew) AS touched;
    IF whose IS NOT NULL THEN
        PERFORM roster.keep_planned_hours(whose, months);
    END IF;
    RETURN NULL;
END $$
"""
