"""One service in production: its HTTP application, or its worker with a small HTTP port for health and metrics."""

from __future__ import annotations

import asyncio
import gc
import importlib
import socket
from typing import Any

import uvloop
from fastapi import FastAPI

from deploy.ending import end, stop_on_signals
from deploy.environment import required
from deploy.http import bind, serve
from shared.platform import health, logs, tracing
from shared.platform.auth import Keys, Verifier
from shared.platform.broker import RabbitTransport
from shared.platform.clock import SystemClock
from shared.platform.db import connect
from shared.platform.settings import Settings
from shared.platform.work import Database


def serve_api(service: str, host: str, port: int) -> None:
    """Answer a service's requests until SIGTERM."""
    settings = Settings()
    required(settings, "DATABASE_URL", "JWKS")
    logs.configure(settings.log_format)
    tracing.configure(f"{service}-api")
    with bind(host, port) as at:
        load(service, "app")
        uvloop.run(_api(service, settings, at))


def serve_worker(service: str, host: str, port: int) -> None:
    """Do a service's background work until SIGTERM."""
    settings = Settings()
    required(settings, "DATABASE_URL", "AMQP_URL")
    logs.configure(settings.log_format)
    tracing.configure(f"{service}-worker")
    with bind(host, port) as at:
        load(service, "worker")
        uvloop.run(_worker(service, settings, at))


def load(service: str, part: str) -> None:
    """Load the code of a service's part for good, and look for garbage less often.

    A worker's batch makes some hundred thousand objects that die with it, none in cycles; to walk through them and all
    the loaded code again and again took a good part of its time.
    """
    _part(service, part)
    gc.collect()
    gc.freeze()
    gc.set_threshold(500_000 if part == "worker" else 50_000, 20, 50)


async def _api(service: str, settings: Settings, at: socket.socket) -> None:
    database = _database(service, settings, "api")
    verifier = Verifier(Keys(settings.jwks), settings.jwt_issuer)
    app = _part(service, "app").build(database, verifier)
    try:
        await serve(app, at, stop_on_signals())
    finally:
        await database.close()


async def _worker(service: str, settings: Settings, at: socket.socket) -> None:
    stop = stop_on_signals()
    database = _database(service, settings, "worker")
    transport = RabbitTransport(settings.amqp_url, name=f"{service}-worker")
    working = asyncio.create_task(_part(service, "worker").build(database, transport).run())
    try:
        await serve(health_app(database, {"broker": transport.check}), at, stop)
    finally:
        await end([working])
        await transport.close()
        await database.close()


def health_app(database: Database, checks: dict[str, Any]) -> FastAPI:
    """`/livez`, `/readyz` and `/metrics` of a worker."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.database = database
    app.state.checks = checks
    app.include_router(health.router)
    return app


def _database(service: str, settings: Settings, part: str) -> Database:
    return Database(service, connect(settings.database_url, name=f"{service}-{part}"), SystemClock())


def _part(service: str, name: str) -> Any:
    return importlib.import_module(f"services.{service}.{name}")
