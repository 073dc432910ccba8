"""The tables of the cases schema: its own, and the kernel's."""

from __future__ import annotations

from services.cases.tables.bulletins import bulletin_keys, bulletins
from services.cases.tables.cases import (
    case_columns,
    case_numbers,
    case_types,
    cases,
    entries,
    links,
    numbers,
)
from services.cases.tables.complaints import complaint_steps, complaints, monitor_proposals
from services.cases.tables.contacts import contact_columns, contact_versions, contacts
from services.cases.tables.customers import customers, identities
from services.cases.tables.handoffs import duty, handoffs, partners, progress_requests, promises
from services.cases.tables.people import agents, teams
from services.cases.tables.problems import (
    problem_acknowledgements,
    problem_cases,
    problem_notices,
    problem_words,
    problems,
)
from services.cases.tables.schema import kernel, metadata
from services.cases.tables.sla import calendars, sla_clocks, sla_policies
from services.cases.tables.surges import surge_rules, surges, topic_counts
from services.cases.tables.surveys import surveys
from services.cases.tables.topics import topics

__all__ = [
    "agents",
    "bulletin_keys",
    "bulletins",
    "calendars",
    "case_columns",
    "case_numbers",
    "case_types",
    "cases",
    "complaint_steps",
    "complaints",
    "contact_columns",
    "contact_versions",
    "contacts",
    "customers",
    "duty",
    "entries",
    "handoffs",
    "identities",
    "kernel",
    "links",
    "metadata",
    "monitor_proposals",
    "numbers",
    "partners",
    "problem_acknowledgements",
    "problem_cases",
    "problem_notices",
    "problem_words",
    "problems",
    "progress_requests",
    "promises",
    "sla_clocks",
    "sla_policies",
    "surge_rules",
    "surges",
    "surveys",
    "teams",
    "topic_counts",
    "topics",
]
