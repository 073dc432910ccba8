"""The HTTP application of roster."""

from __future__ import annotations

from fastapi import FastAPI

from services.roster.api import ROUTERS
from shared.platform.auth import Verifier
from shared.platform.web import create_app
from shared.platform.work import Database


def build(database: Database, verifier: Verifier) -> FastAPI:
    """The application, on a database and a token verifier."""
    return create_app(
        database,
        verifier,
        ROUTERS,
        title="Ringback roster",
        summary="who works when, who knows it, who did",
    )
