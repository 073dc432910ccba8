"""A service's HTTP application: routers, problem documents, correlation, body caps, access log, health and metrics."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, FastAPI
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

from shared.platform import health, openapi, ops
from shared.platform.auth import Verifier
from shared.platform.edge import Edge
from shared.platform.problems import HANDLERS
from shared.platform.rates import Rates
from shared.platform.settings import Settings
from shared.platform.work import Database

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def _storable(text: str) -> str:
    if _UNSTORABLE.search(text):
        raise PydanticCustomError("text-unstorable", "NUL or a lone surrogate")
    return text


Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), AfterValidator(_storable)
]
"""A non-empty text from outside, up to 2,000 characters."""

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_storable)]
"""A name from outside, up to 200 characters."""

Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), AfterValidator(_storable)]
"""A short identifier from outside, up to 64 characters."""


class Body(BaseModel):
    """A request body: unknown fields are refused, and so are NaN and Infinity."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


def create_app(
    database: Database, verifier: Verifier, routers: list[APIRouter], *, title: str, summary: str, own: bool = True
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
    app.add_middleware(Edge, service=service, rates=app.state.rates)
    openapi.complete(app)
    return app
