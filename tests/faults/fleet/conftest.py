"""`fleet`: roster, notify, cases and kpi as processes on a private broker and database, under steady load.

`check_promise` is what is asserted after every fault: accepted = applied exactly once, order kept, nothing silent,
projections equal recomputation.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from deploy.postgres import PrivatePostgres
from deploy.provision import migrate, provision_database, role_of
from deploy.rabbit import PrivateRabbit
from shared.contracts.routes import HEARS, SERVICES
from shared.platform.auth import Signer
from shared.platform.ids import new_id
from shared.platform.topology import provision_broker
from tests.faults.fleet.load import Load
from tests.faults.fleet.processes import Processes
from tests.faults.fleet.proxy import Proxy
from tests.faults.fleet.table import Figures, line, table
from tests.faults.fleet.witness import Witness

PARTS = tuple(f"{service}-{part}" for service in SERVICES for part in ("api", "worker"))
RETRY_SECONDS = (0.5, 1, 2, 4, 8)
"""A retry ladder so short that an outage that outlasts it fits into a test."""


class Fleet:
    """The running site."""

    def __init__(self, postgres: PrivatePostgres, node: PrivateRabbit, folder: Path) -> None:
        self.postgres = postgres
        self.node = node
        self.name = f"fleet_{new_id().hex}"
        self.database_proxy = Proxy(postgres.port)
        self.broker_proxy = Proxy(node.port)
        self.signer = Signer(folder / "keys")
        self.folder = folder
        self.parked_expected = 0
        self.figures: Figures | None = None
        """What the last check found; none when it was not passed."""
        self._before = (0, 0)
        self.processes = Processes(folder, self.signer, self.name)
        self.witness = Witness(f"{node.amqp_url.rstrip('/')}/{self.name}")
        self.load = Load(self._url_of, self.signer.token(sub="load", roles=("integration",)))

    async def begin(self) -> None:
        """Make database, topology and processes; begin to write."""
        await self.execute(f"CREATE DATABASE {self.name}", "postgres")
        await provision_database(self.postgres.url(self.name))
        for service in SERVICES:
            await migrate(self.postgres.url(self.name, role_of(service)), service)
        await self.provision_broker()
        await self.database_proxy.start()
        await self.broker_proxy.start()
        self.processes.database_port = self.database_proxy.port
        self.processes.amqp_url = f"amqp://guest:guest@127.0.0.1:{self.broker_proxy.port}/{self.name}"
        for part in PARTS:
            self.processes.start(part)
        await self.processes.ready(*PARTS)
        await self.witness.begin()
        await self.load.prepare()

    async def resume(self) -> None:
        """Begin to write (again)."""
        self._before = self.load.accepted.writes, await self._applied()
        await self.load.begin()
        await self.load.until(40)

    async def provision_broker(self, retry_seconds: Sequence[float] = RETRY_SECONDS) -> None:
        """What `ringback provision` does, with a short retry ladder."""
        await provision_broker(self.node.management_url, vhost=self.name, retry_delays_seconds=retry_seconds)

    def _url_of(self, service: str) -> str:
        return self.processes.running[f"{service}-api"].url

    async def rows(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        """Ask as an administrator."""
        conn = await asyncpg.connect(self.postgres.url(self.name))
        try:
            return await conn.fetch(sql, *arguments)
        finally:
            await conn.close()

    async def count(self, what: str) -> int:
        """How many rows."""
        return int((await self.rows(f"SELECT count(*) FROM {what}"))[0][0])

    async def execute(self, sql: str, database: str | None = None) -> None:
        """Tell the database as an administrator."""
        conn = await asyncpg.connect(self.postgres.url(database or self.name))
        try:
            await conn.execute(sql)
        finally:
            await conn.close()

    async def check_promise(self, seconds: float = 120) -> None:
        """Stop writing, let everything settle, and compare what was accepted with what was applied."""
        await self.load.end()
        ended = time.monotonic()
        await self._settle(seconds)
        settled_seconds = time.monotonic() - ended
        await asyncio.sleep(1)
        accepted = self.load.accepted
        written = accepted.writes - self._before[0]
        assert written > 60, "hardly anything was written"
        people = "SELECT staff_no, name, {} AS version FROM {} ORDER BY staff_no"
        wanted = sorted((staff_no, name, version) for staff_no, (_, name, version) in accepted.agents.items())
        for version, kept_in in (("version", "roster.agents"), ("sequence", "notify.recipients")):
            found = await self.rows(people.format(version, kept_in))
            assert [tuple(row) for row in found] == wanted, kept_in
        assert await self.count("cases.contacts") == accepted.contacts
        for service in SERVICES:
            assert await self.unapplied(service) == 0, service
            assert await self.count(f"{service}.outbox WHERE sent_at IS NULL") == 0, service
        assert await self._parked() == self.parked_expected
        assert self.witness.out_of_order == []
        await self._check_kpi(accepted.contacts)
        applied = await self._applied() - self._before[1]
        self.figures = Figures(written, applied, self.load.longest_seconds, settled_seconds)

    async def _applied(self) -> int:
        return sum([await self.count(f"{service}.inbox") for service in SERVICES])

    async def _settle(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while left := await self._unsettled():
            assert time.monotonic() < deadline, f"not settled: {left}\n{self.processes.logs()}"
            await asyncio.sleep(0.2)

    async def _unsettled(self) -> str:
        left = {service: await self.unapplied(service) for service in SERVICES}
        unsent = sum([await self.count(f"{service}.outbox WHERE sent_at IS NULL") for service in SERVICES])
        return f"{left} unapplied, {unsent} unsent" if unsent or any(left.values()) else ""

    async def unapplied(self, service: str) -> int:
        """Events that a service was to hear and has not applied; each applied one is in its inbox once."""
        published = " UNION ALL ".join(f"SELECT event_id, type FROM {other}.outbox" for other in SERVICES)
        sql = (
            f"SELECT count(*) FROM ({published}) published WHERE type = ANY($1) AND NOT EXISTS "
            f"(SELECT FROM {service}.inbox WHERE inbox.event_id = published.event_id)"
        )
        return int((await self.rows(sql, list(HEARS[service])))[0][0])

    async def _parked(self) -> int:
        return sum([await self.count(f"{service}.parked WHERE replayed_at IS NULL") for service in SERVICES])

    async def operate(self, service: str, path: str, body: Any = None) -> Any:
        """What an operator asks of a service."""
        headers = {"Authorization": f"Bearer {self.signer.token(sub='ops', roles=('manager',))}"}
        async with httpx.AsyncClient(base_url=self._url_of(service), headers=headers, timeout=30) as client:
            answer = await client.post(f"/{service}/v1/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    async def _check_kpi(self, contacts: int) -> None:
        """Every contact is one fact, and the rollups are what the facts add up to."""
        headers = {"Authorization": f"Bearer {self.signer.token(sub='m', roles=('manager',))}"}
        async with httpx.AsyncClient(base_url=self._url_of("kpi"), headers=headers, timeout=60) as client:
            assert (await client.get("/kpi/v1/consistency")).json()["consistent"]
            period = {"from": "2026-03-02", "to": "2026-03-03", "tz": "Asia/Shanghai"}
            [point] = (await client.get("/kpi/v1/metrics/answer_rate", params=period)).json()["points"]
            assert point["denominator"] == contacts

    async def end(self) -> None:
        """Let go of everything."""
        await self.load.drop()
        await self.witness.end()
        self.processes.end_all()
        await self.database_proxy.stop()
        await self.broker_proxy.stop()
        async with httpx.AsyncClient(base_url=self.node.management_url, timeout=30) as client:
            await client.delete(f"/api/vhosts/{self.name}")
        await self.execute(f"DROP DATABASE {self.name} WITH (FORCE)", "postgres")


@pytest.fixture(scope="module")
def postgres() -> Iterator[PrivatePostgres]:
    """A durable server of its own."""
    with tempfile.TemporaryDirectory(prefix="ringback-fleet-pg-") as folder:
        server = PrivatePostgres(Path(folder) / "data")
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="module")
def node() -> Iterator[PrivateRabbit]:
    """A broker of its own."""
    with tempfile.TemporaryDirectory(prefix="ringback-fleet-mq-") as folder:
        node = PrivateRabbit(Path(folder))
        try:
            node.start()
            yield node
        finally:
            node.kill()
            node.stop()


class Sites:
    """One site for one scenario after the other, as long as each comes through; a broken one is dropped."""

    def __init__(self, postgres: PrivatePostgres, node: PrivateRabbit, folder: Path) -> None:
        self._servers = postgres, node
        self._folder = folder
        self._count = 0
        self._standing: Fleet | None = None

    async def sound(self) -> Fleet:
        """A site that runs, and that nothing has gone wrong with."""
        if self._standing is None:
            self._count += 1
            folder = self._folder / str(self._count)
            folder.mkdir()
            self._standing = Fleet(*self._servers, folder)
            await self._standing.begin()
        return self._standing

    async def drop(self) -> None:
        """Let go of the site."""
        fleet, self._standing = self._standing, None
        if fleet:
            await fleet.end()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sites(
    postgres: PrivatePostgres, node: PrivateRabbit, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Sites]:
    """Where the scenarios are played."""
    sites = Sites(postgres, node, tmp_path_factory.mktemp("fleet"))
    yield sites
    await sites.drop()


@pytest_asyncio.fixture(loop_scope="module")
async def fleet(sites: Sites, record_property: Callable[[str, object], None]) -> AsyncIterator[Fleet]:
    """A sound site under load."""
    try:
        fleet = await sites.sound()
        fleet.figures = None
        await fleet.resume()
        yield fleet
    except BaseException:
        await sites.drop()
        raise
    record_property("figures", fleet.figures)
    if fleet.figures is None:
        await sites.drop()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table, in the order in which things happened."""
    if config.option.markexpr != "faults":
        return
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    calls = sorted((report for report in reports if report.when == "call"), key=lambda report: report.start)
    teardowns = [report for report in terminalreporter.getreports("") if report.when == "teardown"]
    figures = {report.nodeid: dict(report.user_properties).get("figures") for report in teardowns}
    lines = [
        line(report.nodeid.rpartition("::")[2], figures.get(report.nodeid), kept=report.passed) for report in calls
    ]
    if not lines:
        return
    terminalreporter.section("what was done, and how the site came through")
    terminalreporter.write_line(table(lines))
