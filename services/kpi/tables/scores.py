"""Tables of agents, targets, scorecards, rankings, alerts and patterns."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB

from services.kpi.tables.ledger import metadata
from shared.platform.kernel import Moment

agents = Table(
    "agents",
    metadata,
    Column("staff_no", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("team_id", Uuid, nullable=False),
    Column("team_name", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("hired_on", Date, nullable=False),
    Column("left_on", Date),
    Column("sequence", BigInteger, nullable=False),
)

targets = Table(
    "targets",
    metadata,
    Column("target_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("current", Boolean, nullable=False),
    Column("metric", Text, nullable=False),
    Column("group_by", Text, nullable=False),
    Column("group", Text),
    Column("value", Double, nullable=False),
    Column("stretch", ARRAY(Double), nullable=False),
    Column("tiers", JSONB, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("note", Text),
    Column("set_by", Text, nullable=False),
    Column("set_at", Moment, nullable=False),
    PrimaryKeyConstraint("target_id", "version"),
)
"""Every version of every target; `current` marks the newest of each."""
Index("targets_of_metric", targets.c.metric, targets.c.group_by)
Index(
    "targets_once",
    targets.c.metric,
    targets.c.group_by,
    targets.c.group,
    unique=True,
    postgresql_where=targets.c.current,
    postgresql_nulls_not_distinct=True,
)

scorecard_definitions = Table(
    "scorecard_definitions",
    metadata,
    Column("definition_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("weighed", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
)

scorecards = Table(
    "scorecards",
    metadata,
    Column("scorecard_id", Uuid, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("current", Boolean, nullable=False),
    Column("staff_no", Text, nullable=False),
    Column("team_id", Uuid),
    Column("period_from", Date, nullable=False),
    Column("period_to", Date, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("card", Text, nullable=False),
    PrimaryKeyConstraint("scorecard_id", "revision"),
)
"""Every revision of every published card, whole, as JSON; `current` marks the newest of each."""
Index("scorecards_of_agent", scorecards.c.staff_no, scorecards.c.period_from)
Index("scorecards_published", scorecards.c.published_at, scorecards.c.scorecard_id)

rankings = Table(
    "rankings",
    metadata,
    Column("ranking_id", Uuid, primary_key=True),
    Column("of", Text, nullable=False),
    Column("metric", Text, nullable=False),
    Column("period_from", Date, nullable=False),
    Column("period_to", Date, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("ranking", Text, nullable=False),
)
Index("rankings_published", rankings.c.published_at, rankings.c.ranking_id)

uses = Table(
    "uses",
    metadata,
    Column("metric", Text, nullable=False),
    Column("of", Text, nullable=False),
    Column("period_from", Date, nullable=False),
    Column("period_to", Date, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("source_id", Uuid, nullable=False),
    Column("staff_nos", postgresql.ARRAY(Text)),
    Column("definition_id", Uuid),
    PrimaryKeyConstraint("source_id", "metric", "purpose"),
)
"""For which of pay, team award and appraisal the facts of a metric were used: of these agents, or of everybody.

Cards have one `source_id` for each period and those whom they are about, and name their definition beside it.
"""

alert_rules = Table(
    "alert_rules",
    metadata,
    Column("rule_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("metric", Text, nullable=False),
    Column("group_by", Text, nullable=False),
    Column("group", Text),
    Column("direction", Text, nullable=False),
    Column("threshold", Double, nullable=False),
    Column("clear_at", Double, nullable=False),
    Column("for_minutes", Integer, nullable=False),
    Column("window_minutes", Integer, nullable=False),
    Column("least_n", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", Uuid, primary_key=True),
    Column("rule_id", Uuid, nullable=False),
    Column("group", Text),
    Column("group_name", Text),
    Column("state", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("value", Double),
    Column("n", Integer, nullable=False),
    Column("window_from", Moment),
    Column("window_to", Moment),
    Column("raised_at", Moment),
    Column("resolved_at", Moment),
    Column("version", Integer, nullable=False),
)
Index(
    "alerts_open",
    alerts.c.rule_id,
    alerts.c.group,
    unique=True,
    postgresql_where=alerts.c.state != "resolved",
    postgresql_nulls_not_distinct=True,
)
Index("alerts_by_age", alerts.c.since, alerts.c.alert_id)

patterns = Table(
    "patterns",
    metadata,
    Column("pattern_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("staff_no", Text, nullable=False),
    Column("agent_name", Text, nullable=False),
    Column("team_id", Uuid),
    Column("team_name", Text),
    Column("metric", Text, nullable=False),
    Column("fact_count", Integer, nullable=False),
    Column("window_from", Moment, nullable=False),
    Column("window_to", Moment, nullable=False),
    Column("found_at", Moment, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", Text),
    Column("note", Text),
)
Index("patterns_by_age", patterns.c.found_at, patterns.c.pattern_id)
