"""The tables of the cases schema: its own, and the kernel's."""

from __future__ import annotations

from services.cases.tables.contacts import contact_columns, contact_versions, contacts
from services.cases.tables.customers import customers, identities
from services.cases.tables.people import agents, teams
from services.cases.tables.schema import kernel, metadata
from services.cases.tables.topics import topics

__all__ = [
    "agents",
    "contact_columns",
    "contact_versions",
    "contacts",
    "customers",
    "identities",
    "kernel",
    "metadata",
    "teams",
    "topics",
]
