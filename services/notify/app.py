"""The HTTP application of notify."""

from __future__ import annotations

from fastapi import FastAPI

from services.notify.api import ROUTERS, link
from services.notify.links import links_from
from services.notify.queries import watchdog
from services.notify.settings import NotifySettings
from shared.platform.auth import Verifier
from shared.platform.web import create_app
from shared.platform.work import Database


def build(database: Database, verifier: Verifier) -> FastAPI:
    """The application, on a database and a token verifier. Answer links are served at `/a/…` of the origin too."""
    app = create_app(
        database,
        verifier,
        ROUTERS,
        title="Ringback notify",
        summary="who was reached, who answered, who stayed silent",
    )
    app.include_router(link.router)
    settings = NotifySettings()
    app.state.links = links_from(settings)
    app.state.captured = settings.capture
    app.state.private_webhooks = settings.webhook_private
    app.state.sms_secret = settings.sms_secret.get_secret_value()
    app.state.checks = {"ladders": watchdog.readiness}
    return app
