"""All services in one process: their databases, background workers and HTTP applications on one origin."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from deploy.dev.watched import Watched
from shared.contracts.routes import SERVICES
from shared.platform.auth import Verifier
from shared.platform.clock import Clock
from shared.platform.db import connect
from shared.platform.embedded import EmbeddedTransport
from shared.platform.transport import Transport
from shared.platform.work import Database
from shared.platform.worker import Worker

POOL_SIZE = 8


@dataclass
class House:
    """What runs behind the one origin."""

    transport: Transport
    databases: dict[str, Database]
    workers: dict[str, Worker]
    apps: dict[str, FastAPI]

    async def close(self) -> None:
        """Let go of the transport and every database connection."""
        await self.transport.close()
        for database in self.databases.values():
            await database.close()


def furnish(urls: Mapping[str, str], clock: Clock, verifier: Verifier, amqp_url: str = "") -> House:
    """Build everything; nothing runs yet. Without `amqp_url` events go straight from service to service."""
    databases = {
        service: Database(service, connect(urls[service], pool_size=POOL_SIZE, name=f"dev-{service}"), clock)
        for service in SERVICES
    }
    embedded = None if amqp_url else EmbeddedTransport()
    transport: Transport = embedded or _rabbit(amqp_url)
    workers = {service: _part(service, "worker").build(databases[service], transport) for service in SERVICES}
    if embedded:
        for service in SERVICES:
            embedded.register(workers[service].consumer, databases[service])
    apps = {service: _part(service, "app").build(databases[service], verifier) for service in SERVICES}
    if isinstance(transport, Watched):
        for app in apps.values():
            app.state.checks = getattr(app.state, "checks", {}) | {"broker": transport.check}
    return House(transport, databases, workers, apps)


def _rabbit(amqp_url: str) -> Transport:
    from shared.platform.broker import RabbitTransport  # noqa: PLC0415 - embedded needs no AMQP client

    return Watched(RabbitTransport(amqp_url, name="dev"))


def _part(service: str, name: str) -> Any:
    return importlib.import_module(f"services.{service}.{name}")


class Origin:
    """Hands each request to the application named by its first path segment; the path stays whole."""

    def __init__(self, apps: Mapping[str, ASGIApp], front: ASGIApp) -> None:
        self._apps = apps
        self._front = front

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        segment = scope["path"].removeprefix("/").partition("/")[0]
        await self._apps.get(segment, self._front)(scope, receive, send)
