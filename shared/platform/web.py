"""A service's HTTP application: routers, problem documents, correlation, body caps, access log, health and metrics."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import APIRouter, FastAPI

from shared.platform import health, openapi, ops, reference
from shared.platform.auth import Verifier
from shared.platform.edge import Edge
from shared.platform.fields import Body, Code, Name, Text
from shared.platform.problems import HANDLERS
from shared.platform.rates import Rates
from shared.platform.settings import Settings
from shared.platform.work import Database

__all__ = ["Body", "Code", "Name", "Text", "create_app"]

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(
    database: Database, verifier: Verifier, routers: Sequence[APIRouter], *, title: str, summary: str, own: bool = True
) -> FastAPI:
    """The application of one service under `/<service>/v1`. `own`: the app closes the database when it ends."""
    service = database.service

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        if own:
            await database.close()

    prefix = f"/{service}/v1"
    app = FastAPI(
        title=title,
        summary=summary,
        version="1",
        lifespan=lifespan,
        openapi_url=f"{prefix}/openapi.json",
        docs_url=None,
        redoc_url=None,
        exception_handlers=HANDLERS,
        responses=openapi.RESPONSES,
    )
    app.state.database = database
    app.state.verifier = verifier
    app.state.rates = Rates(Settings().rate_limit_per_minute)
    for router in routers:
        app.include_router(router, prefix=prefix)
    app.include_router(ops.router, prefix=prefix)
    app.include_router(health.router)
    reference.add_reference(app, service, prefix)
    app.add_middleware(Edge, service=service, rates=app.state.rates)
    openapi.complete(app)
    return app
