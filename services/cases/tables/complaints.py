"""Tables of complaints, of what was done in each stage, and of customers to be invited as service monitors."""

from __future__ import annotations

from sqlalchemy import ARRAY, Boolean, Column, ForeignKey, Index, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from services.cases.tables.cases import cases
from services.cases.tables.schema import metadata
from shared.platform.kernel import Moment

complaints = Table(
    "complaints",
    metadata,
    Column("case_id", Uuid, ForeignKey(cases.c.case_id), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("stage", Text, nullable=False),
    Column("said", Text, nullable=False),
    Column("kind", Text),
    Column("loss", Text),
    Column("findings", Text),
    Column("subjects", ARRAY(Text), nullable=False),
    Column("step", Text),
    Column("customer_id", Uuid),
    Column("team_id", Uuid),
    Column("handler", Text),
    Column("handler_name", Text),
    Column("raised_at", Moment, nullable=False),
    Column("raised_by", Text, nullable=False),
    Column("raised_by_name", Text, nullable=False),
    Column("acknowledged_at", Moment),
    Column("handoff_id", Uuid),
    Column("waived", Text),
    Column("decision", Text),
    Column("decided_by", Text),
    Column("deciders", ARRAY(Text), nullable=False),
    Column("remedy", Text),
    Column("appeal_count", Integer, nullable=False),
    Column("responded_at", Moment),
    Column("accepted", Boolean),
    Column("root_cause", Text),
    Column("closed_at", Moment),
    Column("due_at", Moment),
    Column("reminder_count", Integer, nullable=False),
    Column("support_wanted", Boolean, nullable=False),
    Column("support_for", Text),
    Column("support_given_at", Moment),
    Column("support_given_by", Text),
    Column("updated_at", Moment, nullable=False),
)
Index("complaints_by_raising", complaints.c.raised_at, complaints.c.case_id)
Index("complaints_by_update", complaints.c.updated_at, complaints.c.case_id)
Index("complaints_on_desks", complaints.c.handler, complaints.c.due_at, postgresql_where=text("stage <> 'closed'"))
Index("complaints_by_customer", complaints.c.customer_id, postgresql_where=complaints.c.customer_id.is_not(None))

complaint_steps = Table(
    "complaint_steps",
    metadata,
    Column("step_id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey(complaints.c.case_id), nullable=False),
    Column("what", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("evidence", JSONB, nullable=False),
    comment="What was done about a complaint, with its evidence. Never changed.",
)
Index("complaint_steps_by_case", complaint_steps.c.case_id, complaint_steps.c.step_id)

monitor_proposals = Table(
    "monitor_proposals",
    metadata,
    Column("proposal_id", Uuid, primary_key=True),
    Column("customer_id", Uuid, nullable=False, unique=True),
    Column("case_ids", ARRAY(Uuid), nullable=False, comment="the claims without loss that led to it"),
    Column("state", Text, nullable=False),
    Column("proposed_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", Text),
    Column("note", Text),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index("monitor_proposals_by_time", monitor_proposals.c.proposed_at, monitor_proposals.c.proposal_id)
