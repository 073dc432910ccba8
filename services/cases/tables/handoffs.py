"""Tables of hand-offs, progress requests and promises, of partners outside the system, and of who is on duty."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, Uuid, text

from services.cases.tables.cases import cases
from services.cases.tables.schema import metadata
from shared.platform.kernel import Moment

handoffs = Table(
    "handoffs",
    metadata,
    Column("handoff_id", Uuid, primary_key=True),
    Column("case_id", ForeignKey(cases.c.case_id), nullable=False),
    Column("hop", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("from_team_id", Uuid),
    Column("from_team_name", Text),
    Column("sender", Text, nullable=False),
    Column("sender_name", Text, nullable=False),
    Column("to_team_id", Uuid, nullable=False),
    Column("to_team_code", Text, nullable=False),
    Column("to_team_name", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("external", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("terms", Text, nullable=False),
    Column("requested_at", Moment, nullable=False),
    Column("ack_due_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("receiver", Text),
    Column("receiver_name", Text),
    Column("accepted_at", Moment),
    Column("answered_at", Moment),
    Column("answer", Text),
    Column("word_due_at", Moment),
    Column("told_at", Moment),
    Column("ended_at", Moment),
    Column("outcome", Text),
    Column("next_step_at", Moment),
    Column("chased", Integer, nullable=False),
    Column("previous_handoff_id", Uuid),
    Column("history", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
    comment="One row a hop. A trigger refuses rewriting what was asked, when, and what the history says.",
)
_open = handoffs.c.state.in_(("requested", "accepted", "answered"))
Index("handoffs_by_case", handoffs.c.case_id, handoffs.c.hop, unique=True)
Index("handoffs_one_open", handoffs.c.case_id, unique=True, postgresql_where=_open)
Index("handoffs_board", handoffs.c.to_team_id, handoffs.c.state)
Index("handoffs_by_update", handoffs.c.updated_at, handoffs.c.handoff_id)

progress_requests = Table(
    "progress_requests",
    metadata,
    Column("progress_id", Uuid, primary_key=True),
    Column("case_id", ForeignKey(cases.c.case_id), nullable=False),
    Column("handoff_id", ForeignKey(handoffs.c.handoff_id), nullable=False),
    Column("nth", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("to_team_id", Uuid, nullable=False),
    Column("to_team_name", Text, nullable=False),
    Column("handler", Text),
    Column("sender", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("contact_id", Uuid),
    Column("requested_by", Text, nullable=False),
    Column("requested_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("next_step_at", Moment),
    Column("chased", Integer, nullable=False),
    Column("answered_at", Moment),
    Column("answered_by", Text),
    Column("standing", Text),
    Column("eta_at", Moment),
    Column("promise_id", Uuid),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index("progress_requests_by_case", progress_requests.c.case_id)
Index("progress_requests_by_handoff", progress_requests.c.handoff_id)
Index("progress_requests_by_update", progress_requests.c.updated_at, progress_requests.c.progress_id)

promises = Table(
    "promises",
    metadata,
    Column("promise_id", Uuid, primary_key=True),
    Column("case_id", ForeignKey(cases.c.case_id), nullable=False),
    Column("handoff_id", Uuid),
    Column("state", Text, nullable=False),
    Column("promised_by", Text, nullable=False),
    Column("promised_by_name", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("warned_at", Moment),
    Column("broken_at", Moment),
    Column("kept_at", Moment),
    Column("kept_by", Text),
    Column("contact_id", Uuid),
    Column("cancelled_at", Moment),
    Column("cancelled_by", Text),
    Column("why", Text),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index("promises_by_case", promises.c.case_id)
Index("promises_by_update", promises.c.updated_at, promises.c.promise_id)
Index("promises_open", promises.c.promised_by, promises.c.due_at, postgresql_where=text("state = 'open'"))

partners = Table(
    "partners",
    metadata,
    Column("partner_id", Uuid, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("contact", Text),
    Column("zone", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
    comment="Those who are asked outside the system. `contact` is whom to ask for, not a number.",
)

duty = Table(
    "duty",
    metadata,
    Column("duty_id", Uuid, primary_key=True),
    Column("starts_at", Moment, primary_key=True),
    Column("ends_at", Moment, nullable=False),
    Column("team_id", Uuid),
    Column("staff_no", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    comment="Turns of the duty managers as heard; where turns of a post overlap, the latest heard counts.",
)
Index("duty_by_end", duty.c.ends_at)
