"""SLA policies, calendars and clocks; hand-offs, progress requests, promises; partners; who is on duty."""

import json
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEEP_WHAT_WAS_SAID = """
CREATE FUNCTION cases.keep_handoff() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a hand-off is kept';
    END IF;
    IF (new.case_id, new.hop, new.to_team_id, new.request, new.requested_at, new.ack_due_at)
            IS DISTINCT FROM (old.case_id, old.hop, old.to_team_id, old.request, old.requested_at, old.ack_due_at)
        OR (old.accepted_at IS NOT NULL AND new.accepted_at IS DISTINCT FROM old.accepted_at)
        OR (old.answered_at IS NOT NULL AND new.answered_at IS DISTINCT FROM old.answered_at)
        OR (old.ended_at IS NOT NULL AND new.ended_at IS DISTINCT FROM old.ended_at)
        OR NOT starts_with(new.history, left(old.history, -1)) THEN
        RAISE EXCEPTION 'what was said of a hand-off stays as it was said';
    END IF;
    RETURN new;
END
$$
"""

OFFICE = [{"start": "09:00", "end": "18:00"}]
CALENDAR = {
    "name": "标准工作时间",
    "zone": None,
    "windows": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), OFFICE),
    "make_up": OFFICE,
    "overrides": [],
    "holidays": True,
    "teams": [],
}
MINUTES = (
    ("first_response", 1, None, 30),
    ("first_response", None, "vip", 15),
    ("first_response", None, None, 120),
    ("next_update", 1, None, 240),
    ("next_update", None, None, 540),
    ("resolution", 1, None, 480),
    ("resolution", 2, None, 1080),
    ("resolution", None, "vip", 480),
    ("resolution", None, None, 1620),
)
POLICY = {
    "name": "标准时限",
    "calendar": None,
    "targets": [
        {"target": target, "seconds": minutes * 60, "quadrant": quadrant, "tier": tier}
        for target, quadrant, tier, minutes in MINUTES
    ],
    "warn_percent": [75],
    "escalate_after_minutes": [60, 240],
    "pauses": ["waiting_customer"],
    "handoff": {
        "ack_minutes": 60,
        "chase_minutes": 30,
        "work_days": 3,
        "overdue_minutes": 240,
        "progress_minutes": 120,
        "word_minutes": 120,
    },
}


def seed_standard(table: str, key: str, given: UUID, body: object, **more: str) -> None:
    names = "".join(f", {name}" for name in more)
    values = "".join(f", {value}" for value in more.values())
    insert = sa.text(
        f"INSERT INTO cases.{table} ({key}, version, code, since, body{names}) "
        f"VALUES (:id, 1, 'standard', '2020-01-01T00:00:00Z', :body{values})"
    )
    op.execute(insert.bindparams(sa.bindparam("id", given, sa.Uuid()), body=json.dumps(body, ensure_ascii=False)))


def upgrade() -> None:
    op.create_table(
        "calendars",
        sa.Column("calendar_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("teams", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("calendar_id", "version"),
        schema="cases",
        comment="Every version of every calendar; the highest is in force.",
    )
    op.create_index("calendars_by_code", "calendars", ["code", "version"], unique=True, schema="cases")
    op.create_table(
        "duty",
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("duty_id", "starts_at"),
        schema="cases",
        comment="Turns of the duty managers as heard; where turns of a post overlap, the latest heard counts.",
    )
    op.create_index("duty_by_end", "duty", ["ends_at"], unique=False, schema="cases")
    op.create_table(
        "partners",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("partner_id"),
        sa.UniqueConstraint("code"),
        schema="cases",
        comment="Those who are asked outside the system. `contact` is whom to ask for, not a number.",
    )
    op.create_table(
        "sla_clocks",
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("calendar_version", sa.Integer(), nullable=False),
        sa.Column("accrued_us", sa.BigInteger(), nullable=False, comment="microseconds counted until `since`"),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warned", sa.SmallInteger(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column(
            "log", sa.Text(), nullable=False, comment="what happened to it, in order; the rest follows from this"
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("clock_id"),
        schema="cases",
    )
    op.create_index(
        "sla_clocks_by_calendar",
        "sla_clocks",
        ["calendar", "calendar_version"],
        unique=False,
        schema="cases",
        postgresql_where=sa.text("state != 'fulfilled'"),
    )
    op.create_index("sla_clocks_by_case", "sla_clocks", ["case_id"], unique=False, schema="cases")
    op.create_index(
        "sla_clocks_by_policy",
        "sla_clocks",
        ["policy", "policy_version"],
        unique=False,
        schema="cases",
        postgresql_where=sa.text("state != 'fulfilled'"),
    )
    op.create_table(
        "sla_policies",
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("policy_id", "version"),
        schema="cases",
        comment="Every version of every policy; the highest is in force.",
    )
    op.create_index("sla_policies_by_code", "sla_policies", ["code", "version"], unique=True, schema="cases")
    op.create_table(
        "handoffs",
        sa.Column("handoff_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("hop", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("from_team_id", sa.Uuid(), nullable=True),
        sa.Column("from_team_name", sa.Text(), nullable=True),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("sender_name", sa.Text(), nullable=False),
        sa.Column("to_team_id", sa.Uuid(), nullable=False),
        sa.Column("to_team_code", sa.Text(), nullable=False),
        sa.Column("to_team_name", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("external", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ack_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=True),
        sa.Column("receiver_name", sa.Text(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("word_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("next_step_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chased", sa.Integer(), nullable=False),
        sa.Column("previous_handoff_id", sa.Uuid(), nullable=True),
        sa.Column("history", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["cases.cases.case_id"],
        ),
        sa.PrimaryKeyConstraint("handoff_id"),
        schema="cases",
        comment="One row a hop. A trigger refuses rewriting what was asked, when, and what the history says.",
    )
    op.create_index("handoffs_board", "handoffs", ["to_team_id", "state"], unique=False, schema="cases")
    op.create_index("handoffs_by_case", "handoffs", ["case_id", "hop"], unique=True, schema="cases")
    op.create_index("handoffs_by_update", "handoffs", ["updated_at", "handoff_id"], unique=False, schema="cases")
    op.create_index(
        "handoffs_one_open",
        "handoffs",
        ["case_id"],
        unique=True,
        schema="cases",
        postgresql_where=sa.text("state IN ('requested', 'accepted', 'answered')"),
    )
    op.create_table(
        "promises",
        sa.Column("promise_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("handoff_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("promised_by", sa.Text(), nullable=False),
        sa.Column("promised_by_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("broken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept_by", sa.Text(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["cases.cases.case_id"],
        ),
        sa.PrimaryKeyConstraint("promise_id"),
        schema="cases",
    )
    op.create_index("promises_by_case", "promises", ["case_id"], unique=False, schema="cases")
    op.create_index("promises_by_update", "promises", ["updated_at", "promise_id"], unique=False, schema="cases")
    op.create_index(
        "promises_open",
        "promises",
        ["promised_by", "due_at"],
        unique=False,
        schema="cases",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "progress_requests",
        sa.Column("progress_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("handoff_id", sa.Uuid(), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("to_team_id", sa.Uuid(), nullable=False),
        sa.Column("to_team_name", sa.Text(), nullable=False),
        sa.Column("handler", sa.Text(), nullable=True),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_step_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chased", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("standing", sa.Text(), nullable=True),
        sa.Column("eta_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promise_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["cases.cases.case_id"],
        ),
        sa.ForeignKeyConstraint(
            ["handoff_id"],
            ["cases.handoffs.handoff_id"],
        ),
        sa.PrimaryKeyConstraint("progress_id"),
        schema="cases",
    )
    op.create_index("progress_requests_by_case", "progress_requests", ["case_id"], unique=False, schema="cases")
    op.create_index("progress_requests_by_handoff", "progress_requests", ["handoff_id"], unique=False, schema="cases")
    op.create_index(
        "progress_requests_by_update", "progress_requests", ["updated_at", "progress_id"], unique=False, schema="cases"
    )
    op.execute(KEEP_WHAT_WAS_SAID)
    op.execute(
        "CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON cases.handoffs "
        "FOR EACH ROW EXECUTE FUNCTION cases.keep_handoff()"
    )
    seed_standard(
        "calendars", "calendar_id", UUID("0190a000-0000-7000-8000-000000000001"), CALENDAR, teams="ARRAY[]::text[]"
    )
    seed_standard("sla_policies", "policy_id", UUID("0190a000-0000-7000-8000-000000000002"), POLICY)


def downgrade() -> None:
    raise RuntimeError("restore a backup instead: these tables hold what was accepted")
