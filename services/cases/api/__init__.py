"""HTTP routes of cases."""

from __future__ import annotations

from fastapi import APIRouter

from services.cases.api import cases, contacts, customers, surges, topics

# The busiest first: routes are tried in order.
ROUTERS: list[APIRouter] = [contacts.router, cases.router, customers.router, topics.router, surges.router]
