"""Tables of known problems: each word given about one, the cases it explains, who was told, who knows."""

from __future__ import annotations

from sqlalchemy import ARRAY, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from services.cases.tables.schema import metadata
from shared.platform.kernel import Moment

problems = Table(
    "problems",
    metadata,
    Column("problem_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("number", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("workaround", Text, nullable=False),
    Column("eta_at", Moment),
    Column("next_word_at", Moment),
    Column("owner_team_id", Uuid, nullable=False),
    Column("owner_team_name", Text, nullable=False),
    Column("topics", ARRAY(Text), nullable=False),
    Column("team_ids", ARRAY(Uuid), nullable=False, comment="who is told; none: everybody"),
    Column("announced_at", Moment, nullable=False),
    Column("announced_by", Text, nullable=False),
    Column("ack_by", Moment, nullable=False),
    Column("fix", Text),
    Column("fixed_at", Moment),
    Column("fixed_by", Text),
    Column("surge_id", Uuid),
    Column("overdue_count", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index("problems_by_announcement", problems.c.announced_at, problems.c.problem_id)
Index("problems_by_update", problems.c.updated_at, problems.c.problem_id)
Index("problems_open", problems.c.announced_at, postgresql_where=text("state = 'open'"))

problem_words = Table(
    "problem_words",
    metadata,
    Column("word_id", Uuid, primary_key=True),
    Column("problem_id", ForeignKey(problems.c.problem_id), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("said", JSONB, nullable=False, comment="the values of the notice's template"),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("told_at", Moment, comment="when the last customer waiting for it was asked to be told"),
    comment="Each word given about a problem: announced, updated, fixed. Never changed.",
)
Index("problem_words_by_problem", problem_words.c.problem_id, problem_words.c.revision, unique=True)

problem_cases = Table(
    "problem_cases",
    metadata,
    Column("problem_id", ForeignKey(problems.c.problem_id), nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("customer_id", Uuid),
    Column("linked_at", Moment, nullable=False),
    Column("linked_by", Text, nullable=False),
    Column("noted_at", Moment, comment="when the case's own timeline said so"),
    Column("settled_at", Moment, comment="when the fix was applied to the case"),
    Column("outcome", Text, comment="what the fix did: resolved, or why it could not"),
    PrimaryKeyConstraint("problem_id", "case_id"),
    comment="Cases that a problem explains.",
)
Index("problem_cases_by_case", problem_cases.c.case_id)
Index("problem_cases_by_customer", problem_cases.c.problem_id, problem_cases.c.customer_id)

problem_notices = Table(
    "problem_notices",
    metadata,
    Column("problem_id", ForeignKey(problems.c.problem_id), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("requested_at", Moment, nullable=False),
    Column("settled_at", Moment),
    Column("channel", Text),
    Column("reason", Text),
    PrimaryKeyConstraint("problem_id", "customer_id", "revision"),
    comment="Whom each word was to reach: once for each customer and word, whatever is killed in between.",
)
Index("problem_notices_by_state", problem_notices.c.problem_id, problem_notices.c.revision, problem_notices.c.state)

problem_acknowledgements = Table(
    "problem_acknowledgements",
    metadata,
    Column("problem_id", Uuid, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("staff_no", Text, nullable=False),
    Column("team_id", Uuid),
    Column("team_name", Text),
    Column("state", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("note", Text),
    PrimaryKeyConstraint("problem_id", "revision", "staff_no"),
    comment="How each person who was asked stands: opened, given, refused, lapsed.",
)
