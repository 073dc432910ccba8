"""What a benchmark is given and what it answers, and the table made of it."""

from __future__ import annotations

import os
import platform
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from deploy.provision import migrate, provision_database, role_of
from shared.contracts.routes import HEARS, SERVICES
from shared.platform.clock import SystemClock
from shared.platform.db import connect
from shared.platform.ids import new_id
from shared.platform.work import Database
from tests.conftest import virtual_host, with_database


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `floor` is the bare minimum measured in the same run, `ratio` value over floor, `target` in words."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    target: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    """The servers to measure on: an administrator's PostgreSQL, and a RabbitMQ node with its management API."""

    admin_url: str
    amqp_url: str
    management_url: str

    @asynccontextmanager
    async def databases(self, *services: str, pool_size: int = 10) -> AsyncIterator[dict[str, Database]]:
        """Freshly migrated databases of these services (all in one), with the system's clock."""
        async with self.database_url() as url:
            for service in services:
                await migrate(service_url(url, service), service)
            opened = {
                service: Database(service, connect(service_url(url, service), pool_size=pool_size), SystemClock())
                for service in services
            }
            try:
                yield opened
            finally:
                for database in opened.values():
                    await database.close()

    @asynccontextmanager
    async def database_url(self) -> AsyncIterator[str]:
        """A fresh database with every service's role and empty schema (administrator's URL)."""
        name = f"ringback_bench_{new_id().hex}"
        await _run(self.admin_url, f"CREATE DATABASE {name}")
        try:
            url = with_database(self.admin_url, name)
            await provision_database(url)
            yield url
        finally:
            await _run(self.admin_url, f"DROP DATABASE {name} WITH (FORCE)")

    @asynccontextmanager
    async def broker(self, *services: str) -> AsyncIterator[str]:
        """A fresh virtual host with the topology of these services (all when none are named); its AMQP URL."""
        hears = {service: HEARS[service] for service in services or SERVICES}
        async with virtual_host(self.amqp_url, self.management_url, hears=hears) as url:
            yield url


def service_url(url: str, service: str) -> str:
    """The same database as a service's own role sees it."""
    return with_database(url, urlsplit(url).path[1:], role_of(service))


async def _run(url: str, sql: str) -> None:
    conn = await asyncpg.connect(url)
    try:
        await conn.execute(sql)
    finally:
        await conn.close()


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| measured | value | floor | ratio | target | met |", "| --- | ---: | ---: | ---: | --- | --- |"]
    return "\n".join(lines + [_line(row) for row in rows]) + "\n"


def _line(row: Row) -> str:
    floor = "" if row.floor is None else f"{_figure(row.floor)} {row.unit}"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    met = {None: "", True: "yes", False: "**no**"}[row.met]
    return f"| {row.name} | {_figure(row.value)} {row.unit} | {floor} | {ratio} | {row.target} | {met} |"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"


ABOUT = (
    "# Benchmarks\n\nMade by `make bench`; everything below ran on one machine: the measured code, PostgreSQL and "
    "RabbitMQ share its cores.\nA floor is the least that any program must do for the same result, measured in the "
    "same run; the ratio is the value over it."
)


def document(rows: Sequence[Row], versions: dict[str, str], about: str = ABOUT) -> str:
    """A page kept in the documentation: what it is about, the table, and the machine it was measured on."""
    machine = {
        "Measured on": f"{date.today():%Y-%m-%d}",
        "Processor": f"{_processor()}, {os.cpu_count()} cores visible",
        "Memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "System": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        **versions,
    }
    described = "\n".join(f"- {name}: {value}" for name, value in machine.items())
    return f"{about}\n\n{table(rows)}\n## The machine\n\n{described}\n"


def _processor() -> str:
    found = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return found[0].partition(":")[2].strip() if found else platform.machine()
