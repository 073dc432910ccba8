"""Servers that may be killed: always private ones, whatever the environment offers."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from itertools import cycle
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text

from deploy.postgres import PrivatePostgres
from deploy.provision import role_of
from deploy.rabbit import PrivateRabbit
from shared.contracts.roster import TeamChanged
from shared.platform.clock import SystemClock
from shared.platform.db import connect, is_outage
from shared.platform.ids import new_id
from shared.platform.tasks import being_cancelled
from shared.platform.work import Database
from tests.conftest import make_template, scratch, virtual_host
from tests.faults.worker import HEARS
from tests.forked import Forked

TABLES = """
CREATE TABLE roster.written (position bigserial, team_id uuid, sequence bigint, UNIQUE (team_id, sequence));
CREATE TABLE notify.applied (position bigserial, team_id uuid, sequence bigint);
CREATE TABLE notify.totals (team_id uuid PRIMARY KEY, count bigint, sum numeric);
GRANT ALL ON ALL TABLES IN SCHEMA roster TO ringback_roster;
GRANT ALL ON ALL TABLES IN SCHEMA notify TO ringback_notify;
GRANT ALL ON ALL SEQUENCES IN SCHEMA roster TO ringback_roster;
GRANT ALL ON ALL SEQUENCES IN SCHEMA notify TO ringback_notify;
"""

TEAMS = 12
WRITES_PER_SECOND = 150


@pytest.fixture(scope="session")
def postgres() -> Iterator[PrivatePostgres]:
    """A durable server: what was committed before a crash is there after it."""
    with tempfile.TemporaryDirectory(prefix="ringback-faults-pg-", dir=scratch()) as folder:
        server = PrivatePostgres(Path(folder) / "data")
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def migrated(postgres: PrivatePostgres) -> str:
    """A database on it with every service's schema, to be copied."""
    asyncio.run(make_template(postgres.url(), "faults_template"))
    return "faults_template"


@pytest.fixture
async def database(postgres: PrivatePostgres, migrated: str) -> AsyncIterator[str]:
    """The name of a fresh database on it with every service's schema."""
    name = f"faults_{new_id().hex}"
    await _execute(postgres.url(), f"CREATE DATABASE {name} TEMPLATE {migrated} STRATEGY FILE_COPY")
    yield name
    await _execute(postgres.url(), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def node() -> Iterator[PrivateRabbit]:
    """A broker to kill and freeze."""
    with tempfile.TemporaryDirectory(prefix="ringback-faults-mq-", dir=scratch()) as folder:
        node = PrivateRabbit(Path(folder))
        try:
            node.start()
            yield node
        finally:
            node.kill()
            node.stop()


class Site:
    """roster and notify, a worker process each, under steady writes."""

    def __init__(self, urls: dict[str, str], amqp_url: str, folder: Path) -> None:
        self._urls = urls
        self._amqp_url = amqp_url
        self.folder = folder
        self.roster = Database("roster", connect(urls["roster"], pool_size=4), SystemClock())
        self._teams = [new_id() for _ in range(TEAMS)]
        self._processes: dict[str, Forked] = {}
        self._writing: asyncio.Task[None] | None = None

    def start(self, service: str) -> None:
        """Start a service's worker (again)."""
        environment = {"SERVICE_DATABASE_URL": self._urls[service], "SERVICE_AMQP_URL": self._amqp_url}
        words = ("tests.faults.worker", service, str(self.folder))
        self._processes[service] = Forked(*words, env=environment, stdout=self.folder / f"{service}.log")

    async def begin(self) -> None:
        """Start both workers and the writes."""
        self.start("roster")
        self.start("notify")
        self._writing = asyncio.create_task(self._write())
        await self.until_applied(1)

    async def doom(self, service: str, doom: str, times: int) -> None:
        """Let a worker kill itself at that point so many times, starting it again each time."""
        for _ in range(times):
            (self.folder / doom).touch()
            await asyncio.to_thread(self._processes[service].wait, 30)
            self.start(service)

    async def settle(self, seconds: float = 120) -> None:
        """Stop writing and wait until everything written is applied, and nothing is left to send."""
        assert self._writing is not None
        self._writing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._writing
        deadline = time.monotonic() + seconds
        while await self.unsettled():
            assert time.monotonic() < deadline, f"not settled: {await self.unsettled()}\n{self._logs()}"
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.5)

    async def unsettled(self) -> str:
        """What is missing for everything to be settled, in words; empty when nothing is."""
        applied, written = await self.count("notify.applied"), await self.count("roster.written")
        unsent = await self.count("roster.outbox WHERE sent_at IS NULL")
        return "" if (applied >= written and not unsent) else f"{applied} of {written} applied, {unsent} unsent"

    async def count(self, what: str) -> int:
        """How many rows."""
        return int((await self.rows(f"SELECT count(*) FROM {what}"))[0][0])

    async def rows(self, sql: str) -> list[asyncpg.Record]:
        """Ask as an administrator."""
        conn = await asyncpg.connect(self._urls["admin"])
        try:
            return await conn.fetch(sql)
        finally:
            await conn.close()

    async def until_applied(self, more: int, seconds: float = 120) -> None:
        """Wait until that many more events were applied: the site works."""
        deadline, before = time.monotonic() + seconds, await self.count("notify.applied")
        while await self.count("notify.applied") < before + more:
            assert time.monotonic() < deadline, f"nothing moves\n{self._logs()}"
            await asyncio.sleep(0.1)

    def _logs(self) -> str:
        """What the workers said last."""
        return "\n".join(file.read_text()[-3000:] for file in sorted(self.folder.glob("*.log")))

    async def _write(self) -> None:
        """Write steadily, team after team; a write that fails because the database is away is simply not accepted."""
        for number, team_id in enumerate(cycle(self._teams)):
            if being_cancelled():  # an error that the cancellation itself caused may have hidden it
                return
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._write_one(team_id)
            await asyncio.sleep(1 / WRITES_PER_SECOND if number % 25 else 0)

    async def _write_one(self, team_id: object) -> None:
        try:
            async with self.roster.work() as work:
                sql = (
                    "INSERT INTO roster.written (team_id, sequence) SELECT :id, coalesce(max(sequence), 0) + 1 "
                    "FROM roster.written WHERE team_id = :id RETURNING sequence"
                )
                sequence = (await work.conn.execute(text(sql), {"id": team_id})).scalar_one()
                event = TeamChanged(team_id=team_id, code="A", name="A", zone="Asia/Shanghai")  # type: ignore[arg-type]
                work.record(event, sequence=sequence)
        except Exception as error:
            if not is_outage(error):
                raise
            await asyncio.sleep(0.1)

    async def end(self) -> None:
        """Let go of everything."""
        if self._writing:
            self._writing.cancel()
        for process in self._processes.values():
            process.kill()
            process.wait()
        await self.roster.close()


@pytest.fixture
async def site(postgres: PrivatePostgres, database: str, node: PrivateRabbit) -> AsyncIterator[Site]:
    """A fresh site on a database and a virtual host of its own."""
    urls = {"admin": postgres.url(database)} | {s: postgres.url(database, role_of(s)) for s in ("roster", "notify")}
    await _execute(urls["admin"], TABLES)
    async with virtual_host(node.amqp_url, node.management_url, hears=HEARS) as amqp_url:
        with tempfile.TemporaryDirectory(prefix="ringback-faults-") as folder:
            site = Site(urls, amqp_url, Path(folder))
            try:
                yield site
            finally:
                await site.end()


async def _execute(url: str, sql: str) -> None:
    conn = await asyncpg.connect(url)
    try:
        await conn.execute(sql)
    finally:
        await conn.close()
