"""HTTP routes of cases."""

from __future__ import annotations

from fastapi import APIRouter

from services.cases.api import contacts, customers, topics

ROUTERS: list[APIRouter] = [customers.router, topics.router, contacts.router]
