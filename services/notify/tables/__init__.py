"""The tables of the notify schema: its own, and the kernel's."""

from __future__ import annotations

from services.notify.tables.acknowledgements import acknowledgements, rungs, subjects
from services.notify.tables.messages import messages
from services.notify.tables.recipients import contacts, recipients, teams
from services.notify.tables.schema import kernel, metadata

__all__ = [
    "acknowledgements",
    "contacts",
    "kernel",
    "messages",
    "metadata",
    "recipients",
    "rungs",
    "subjects",
    "teams",
]
