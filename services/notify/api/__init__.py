"""HTTP routes of notify, by aggregate, and the page behind the answer link."""

from __future__ import annotations

from fastapi import APIRouter

from services.notify.api import acknowledgements, link, messages, policies, recipients

ROUTERS: list[APIRouter] = [recipients.router, acknowledgements.router, messages.router, policies.router, link.router]

__all__ = ["ROUTERS", "link"]
