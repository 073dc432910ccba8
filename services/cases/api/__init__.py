"""HTTP routes of cases."""

from __future__ import annotations

from fastapi import APIRouter

from services.cases.api import contacts, customers, topics

# The busiest first: routes are tried in order.
ROUTERS: list[APIRouter] = [contacts.router, customers.router, topics.router]
