"""HTTP routes of notify, by aggregate, and the page behind the answer link."""

from __future__ import annotations

from fastapi import APIRouter

from services.notify.api import acknowledgements, broadcasts, link, messages, partners, policies, recipients, webhooks

ROUTERS: list[APIRouter] = [
    recipients.router,
    acknowledgements.router,
    broadcasts.router,
    messages.router,
    partners.router,
    policies.router,
    webhooks.router,
    link.router,
]

__all__ = ["ROUTERS", "link"]
