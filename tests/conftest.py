"""What tests stand on: one private PostgreSQL for the session, a fresh migrated database for each test that asks.

`DATABASE_URL` (an administrator's) is used when given; then nothing is started and nothing of it but our own
`ringback_test_*` databases is touched.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import pytest
import structlog
from fastapi import FastAPI
from hypothesis import settings

from deploy.postgres import PrivatePostgres
from deploy.provision import migrate, provision_database, role_of
from deploy.rabbit import PrivateRabbit
from shared.contracts.routes import SERVICES
from shared.platform.auth import Keys, Signer, Verifier
from shared.platform.db import connect
from shared.platform.ids import new_id
from shared.platform.topology import provision_broker
from shared.platform.work import Database

structlog.configure(processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)])

settings.register_profile("steady", derandomize=True)
settings.load_profile("steady")
"""The same examples every time, so that a change is judged by what it changed. `--hypothesis-profile=default` looks for
new ones."""

os.environ.setdefault("RATE_LIMIT_PER_MINUTE", "0")
"""Tests ask a lot; those of the limit set their own."""

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""A Monday, 09:00 in Shanghai."""


MEMORY, ROOM_NEEDED = Path("/dev/shm"), 3 << 30


def scratch() -> str | None:
    """Where the tests' servers keep their data: in memory where there is room, since every test's database is a copy of
    the template's files; else where temporary files go."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_NEEDED
    return str(MEMORY) if roomy else None


class ManualClock:
    """A clock that stands still until moved."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move_to(self, instant: datetime) -> None:
        self._now = max(self._now, instant)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def admin_url() -> Iterator[str]:
    """An administrator's connection to the tests' PostgreSQL."""
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="ringback-test-pg-", dir=scratch()) as folder:
        server = PrivatePostgres(Path(folder) / "data", durable=False)
        try:
            yield server.start()
        finally:
            server.stop()


def with_database(url: str, database: str, user: str | None = None) -> str:
    """The same server, another database (and role)."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    netloc = f"{user}@{host}" if user else parts.netloc
    return urlunsplit(parts._replace(netloc=netloc, path=f"/{database}"))


async def _run(url: str, sql: str) -> None:
    conn = await asyncpg.connect(url)
    try:
        await conn.execute(sql)
    finally:
        await conn.close()


async def make_template(admin_url: str, name: str) -> None:
    """Make a database with every service's schema."""
    await _run(admin_url, f"CREATE DATABASE {name}")
    url = with_database(admin_url, name)
    await provision_database(url)
    for service in SERVICES:
        await migrate(with_database(url, name, role_of(service)), service)


@pytest.fixture(scope="session")
def template(admin_url: str) -> Iterator[str]:
    """A database with every service's schema migrated, to be copied."""
    name = f"ringback_test_template_{os.getpid()}"
    asyncio.run(make_template(admin_url, name))
    yield name
    asyncio.run(_run(admin_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def database_url(admin_url: str, template: str) -> AsyncIterator[str]:
    """A fresh database with all schemas (administrator's URL)."""
    name = f"ringback_test_{new_id().hex}"
    await _run(admin_url, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield with_database(admin_url, name)
    await _run(admin_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def open_database(database_url: str, clock: ManualClock) -> AsyncIterator[Callable[[str], Database]]:
    """Open a service's database with its own role: `open_database("roster")`."""
    opened: list[Database] = []

    def open_(service: str) -> Database:
        url = with_database(database_url, urlsplit(database_url).path[1:], role_of(service))
        opened.append(Database(service, connect(url, pool_size=10, name=f"test-{service}"), clock))
        return opened[-1]

    yield open_
    for database in opened:
        await database.close()


@dataclass(frozen=True)
class Rabbit:
    """A broker the tests may use: vhosts of their own on it, never the default one's content."""

    amqp_url: str
    management_url: str
    node: PrivateRabbit | None = None
    """The node, when the tests started it: then it may be killed and frozen."""


@pytest.fixture(scope="session")
def rabbit() -> Iterator[Rabbit]:
    """The tests' RabbitMQ: `AMQP_URL` with `RABBITMQ_MANAGEMENT_URL` when given, else a private node."""
    if given := os.environ.get("AMQP_URL"):
        yield Rabbit(given, os.environ["RABBITMQ_MANAGEMENT_URL"])
        return
    with tempfile.TemporaryDirectory(prefix="ringback-test-mq-", dir=scratch()) as folder:
        node = PrivateRabbit(Path(folder))
        try:
            node.start()
            yield Rabbit(node.amqp_url, node.management_url, node)
        finally:
            node.kill()
            node.stop()


@asynccontextmanager
async def virtual_host(amqp_url: str, management_url: str, **topology: Any) -> AsyncIterator[str]:
    """A fresh virtual host with the services' topology (see `provision_broker`), gone afterwards; its AMQP URL."""
    vhost = f"ringback-{new_id().hex}"
    try:
        await provision_broker(management_url, vhost=vhost, **topology)
        yield urlsplit(amqp_url)._replace(path=f"/{vhost}").geturl()
    finally:
        async with httpx.AsyncClient(base_url=management_url, timeout=30) as client:
            await client.delete(f"/api/vhosts/{vhost}")


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    """Signs tokens that the services under test accept."""
    return Signer(tmp_path_factory.mktemp("keys"))


class Api:
    """One service over HTTP, in process: `await api.as_("manager").post("/roster/v1/teams", json={...})`."""

    def __init__(self, app: FastAPI, signer: Signer) -> None:
        self.app = app
        self._signer = signer
        self._clients: list[httpx.AsyncClient] = []

    def as_(
        self, role: str, *, staff_no: str | None = None, teams: tuple[str, ...] = (), language: str = "zh-CN"
    ) -> httpx.AsyncClient:
        """A client with a token of that role."""
        token = self._signer.token(sub=staff_no or role, roles=(role,), staff_no=staff_no, teams=teams)
        return self.client({"Authorization": f"Bearer {token}", "Accept-Language": language})

    def client(self, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
        """A client with these headers; errors in the app reach it as a real client would see them."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        self._clients.append(httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers))
        return self._clients[-1]

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()


@pytest.fixture
async def open_api(
    open_database: Callable[[str], Database], signer: Signer, clock: ManualClock
) -> AsyncIterator[Callable[[str], Api]]:
    """Build a service's application on a fresh database: `api = open_api("roster")`."""
    opened: list[tuple[str, Api]] = []

    def open_(service: str, database: Database | None = None) -> Api:
        verifier = Verifier(Keys(str(signer.jwks_file)), "ringback")
        built = importlib.import_module(f"services.{service}.app").build(database or open_database(service), verifier)
        opened.append((service, Api(_warm(service, built), signer)))
        return opened[-1][1]

    yield open_
    for service, api in opened:
        await api.close()
        _WARM[service].append(api.app)


_WARM: defaultdict[str, list[FastAPI]] = defaultdict(list)
"""Applications that earlier tests are done with. FastAPI works out its routes at the first request, which takes up to
half a second with a hundred of them."""


def _warm(service: str, built: FastAPI) -> FastAPI:
    """An application that has its routes, with the state of the one just built."""
    if not _WARM[service]:
        return built
    app = _WARM[service].pop()
    app.state = built.state
    return app
