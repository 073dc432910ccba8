"""The tables of the notify schema: its own, and the kernel's."""

from __future__ import annotations

from services.notify.tables.acknowledgements import acknowledgements, rungs, subjects
from services.notify.tables.broadcasts import broadcasts, quizzes, tallied
from services.notify.tables.duty import duty
from services.notify.tables.messages import allowances, attempts, messages
from services.notify.tables.policies import policies, templates
from services.notify.tables.recipients import contacts, preferences, recipients, teams
from services.notify.tables.schema import kernel, metadata
from services.notify.tables.watchdog import alarms
from services.notify.tables.webhooks import deliveries, delivery_attempts, webhooks

__all__ = [
    "acknowledgements",
    "alarms",
    "allowances",
    "attempts",
    "broadcasts",
    "contacts",
    "deliveries",
    "delivery_attempts",
    "duty",
    "kernel",
    "messages",
    "metadata",
    "policies",
    "preferences",
    "quizzes",
    "recipients",
    "rungs",
    "subjects",
    "tallied",
    "teams",
    "templates",
    "webhooks",
]
