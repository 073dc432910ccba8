"""ledger: tables for each kind of fact, with their rollups; adjustments, rebuilds"""

from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


ROOMY = {"fillfactor": 70}


class Ledger(NamedTuple):
    kind: str
    counts: list[str]
    amounts: list[str]
    links: list[str]
    bins: bool


LEDGERS = (
    Ledger(
        "contact",
        counts=[
            "contacts",
            "offered",
            "answered",
            "abandoned",
            "handled",
            "timed",
            "rated",
            "rated_good",
            "rated_bad",
            "resolution_told",
            "resolved",
            "answered_quickly",
            "abandoned_quickly",
            "left_otherwise_quickly",
            "abandoned_shortly",
            "transferred",
            "with_topic",
        ],
        amounts=["answered_wait_ms", "abandoned_wait_ms", "other_wait_ms", "talk_ms", "handle_ms", "rating_points"],
        links=["customer_id"],
        bins=True,
    ),
    Ledger(
        "return",
        counts=["known_customer", "repeat", "first_on_topic", "settled_first"],
        amounts=[],
        links=["customer_id"],
        bins=False,
    ),
    Ledger(
        "shift_change", counts=["asked", "confirmed_before_start", "confirmed"], amounts=["ack_ms"], links=[], bins=True
    ),
    Ledger(
        "attendance",
        counts=[
            "settled",
            "deviations",
            "deviations_by_agent",
            "deviations_by_management",
            "deviations_by_system",
            "deviations_excused",
            "scheduled",
            "attended",
        ],
        amounts=[],
        links=[],
        bins=False,
    ),
    Ledger(
        "adherence",
        counts=["measured", "measured_as_edited"],
        amounts=[
            "scheduled_ms",
            "adhered_ms",
            "worked_ms",
            "break_ms",
            "break_kept_ms",
            "busy_ms",
            "ready_ms",
            "edited_scheduled_ms",
            "edited_adhered_ms",
        ],
        links=[],
        bins=False,
    ),
    Ledger("case", counts=["opened", "open", "closed"], amounts=["opened_ms"], links=[], bins=False),
    Ledger(
        "resolution",
        counts=["ever_resolved", "resolved", "worked"],
        amounts=["resolution_ms", "working_ms"],
        links=[],
        bins=True,
    ),
    Ledger("reopening", counts=["reopened"], amounts=[], links=[], bins=False),
    Ledger("transfer", counts=["transfers"], amounts=[], links=[], bins=False),
    Ledger(
        "sla",
        counts=["met", "breached", "responded"],
        amounts=["response_ms", "response_calendar_ms"],
        links=[],
        bins=True,
    ),
    Ledger("handoff", counts=["due", "closed_loop"], amounts=[], links=[], bins=False),
    Ledger("handoff_ack", counts=["accepted", "accepted_in_time"], amounts=["handoff_ack_ms"], links=[], bins=True),
    Ledger("promise", counts=["promise_due", "promise_kept"], amounts=[], links=[], bins=False),
    Ledger(
        "intake",
        counts=["judged"],
        amounts=["required", "given", "refused", "unknown", "not_asked"],
        links=[],
        bins=False,
    ),
    Ledger("complaint", counts=["complaints"], amounts=[], links=[], bins=False),
    Ledger(
        "survey",
        counts=[
            "requested",
            "invited",
            "declined",
            "survey_rated",
            "survey_good",
            "survey_bad",
            "recommend_told",
            "promoters",
            "detractors",
        ],
        amounts=["survey_points"],
        links=[],
        bins=False,
    ),
)


def upgrade() -> None:
    op.drop_table("rollups", schema="kpi")
    op.drop_table("facts", schema="kpi")
    op.drop_table("dimension_sets", schema="kpi")
    _create_dimension_sets()
    for ledger in LEDGERS:
        _create_ledger(ledger)
    op.create_index("return_facts_of_customer", "return_facts", ["customer_id", "happened_at"], schema="kpi")
    op.create_table(
        "unjudged",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("keys", sa.ARRAY(sa.Uuid()), nullable=False),
        schema="kpi",
    )
    op.create_table(
        "pay_periods",
        sa.Column("period_id", sa.Uuid(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=False),
        schema="kpi",
    )
    op.create_table(
        "adjustments",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("period_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fact_key", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("sign", sa.SmallInteger(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day_on", sa.Date(), nullable=False),
        sa.Column("set_id", sa.Uuid(), nullable=False),
        sa.Column("tallies", sa.Integer(), nullable=False),
        sa.Column("amounts", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        schema="kpi",
    )
    op.create_index("adjustments_of_period", "adjustments", ["period_id", "kind"], schema="kpi")


def _create_dimension_sets() -> None:
    names = [
        "agent",
        "agent_name",
        "team",
        "team_name",
        "topic",
        "topic_name",
        "channel",
        "queue",
        "cause",
        "deviation",
        "case_type",
        "target",
        "to_team",
        "to_team_name",
        "step",
        "root_cause",
        "zone",
    ]
    op.create_table(
        "dimension_sets",
        sa.Column("set_id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in names),
        sa.Column("view", sa.Text()),
        sa.Column("centre_set", sa.Uuid()),
        sa.Column("team_set", sa.Uuid()),
        sa.Column("agent_set", sa.Uuid()),
        sa.Column("subject_set", sa.Uuid()),
        schema="kpi",
    )
    op.create_index("dimension_sets_by_view", "dimension_sets", ["kind", "view", "zone"], schema="kpi")


def _create_ledger(ledger: Ledger) -> None:
    facts, measures = f"{ledger.kind}_facts", ledger.counts + ledger.amounts
    op.create_table(
        facts,
        sa.Column("fact_key", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day_on", sa.Date(), nullable=False),
        sa.Column("set_id", sa.Uuid(), nullable=False),
        sa.Column("tallies", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.BigInteger()) for name in ledger.amounts),
        *(sa.Column(name, sa.Uuid()) for name in ledger.links),
        schema="kpi",
    )
    op.create_index(f"{facts}_when", facts, ["happened_at", "fact_key"], schema="kpi")
    for rollup, at in (
        ("quarters", _key("bucket_at", sa.DateTime(timezone=True))),
        ("days", _key("day_on", sa.Date())),
        ("months", _key("month_on", sa.Date())),
    ):
        sums = (sa.Column(name, sa.BigInteger()) for name in measures)
        op.create_table(
            f"{ledger.kind}_{rollup}", _key("set_id", sa.Uuid()), at, *sums, schema="kpi", postgresql_with=ROOMY
        )
    if ledger.bins:
        _create_bins(f"{ledger.kind}_bins", "day_on")
        _create_bins(f"{ledger.kind}_month_bins", "month_on")


def _create_bins(name: str, when: str) -> None:
    op.create_table(
        name,
        _key("set_id", sa.Uuid()),
        _key(when, sa.Date()),
        _key("spread", sa.SmallInteger()),
        _key("bin", sa.SmallInteger()),
        sa.Column("durations", sa.BigInteger(), nullable=False),
        schema="kpi",
        postgresql_with=ROOMY,
    )


def _key(name: str, type_: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, type_, primary_key=True, autoincrement=False)
