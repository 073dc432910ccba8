"""HTTP routes of cases."""

from __future__ import annotations

from fastapi import APIRouter

from services.cases.api import (
    bulletins,
    case_acts,
    case_bulk,
    case_types,
    cases,
    complaints,
    contacts,
    customers,
    handoffs,
    history,
    problems,
    promises,
    sla,
    surges,
    surveys,
    topics,
    watchdog,
)

# The busiest first: routes are tried in order.
ROUTERS: list[APIRouter] = [
    contacts.router,
    cases.router,
    case_acts.router,
    case_bulk.router,
    customers.router,
    topics.router,
    case_types.router,
    surveys.router,
    surveys.public,
    surges.router,
    complaints.router,
    problems.router,
    bulletins.router,
    handoffs.router,
    history.router,
    promises.router,
    sla.router,
    watchdog.router,
]
