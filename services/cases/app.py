"""The HTTP application of cases."""

from __future__ import annotations

from fastapi import FastAPI

from services.cases.api import ROUTERS
from shared.platform.auth import Verifier
from shared.platform.web import create_app
from shared.platform.work import Database


def build(database: Database, verifier: Verifier) -> FastAPI:
    """The application, on a database and a token verifier."""
    return create_app(
        database,
        verifier,
        ROUTERS,
        title="Ringback cases",
        summary="what customers brought, and whether it is really over",
    )
