"""`python -m tests.bench [NAME…]`: run every bench_*.py (or those named) on private servers; print, keep the table."""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import httpx
import uvloop

from deploy.postgres import PrivatePostgres
from deploy.rabbit import PrivateRabbit
from tests.bench import scaling
from tests.bench.report import Bench, Row, document, table

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "benchmarks.md"


BUFFERS = "512MB"


@contextmanager
def servers() -> Iterator[Bench]:
    """The servers named in the environment, else private ones for the run, PostgreSQL with as much memory for pages as
    any server of its own has."""
    with tempfile.TemporaryDirectory(prefix="ringback-bench-") as folder:
        postgres = (
            None if os.environ.get("DATABASE_URL") else PrivatePostgres(Path(folder) / "postgres", buffers=BUFFERS)
        )
        rabbit = None if os.environ.get("AMQP_URL") else PrivateRabbit(Path(folder) / "rabbit")
        try:
            yield Bench(
                postgres.start() if postgres else os.environ["DATABASE_URL"],
                rabbit.start() if rabbit else os.environ["AMQP_URL"],
                rabbit.management_url if rabbit else os.environ["RABBITMQ_MANAGEMENT_URL"],
            )
        finally:
            for server in (postgres, rabbit):
                if server:
                    server.stop()


def modules(wanted: list[str]) -> list[str]:
    """The benchmarks to run, by name."""
    found = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    return [name for name in found if not wanted or name in wanted]


async def measure(bench: Bench, names: list[str]) -> list[Row]:
    """Run the benchmarks one after the other."""
    rows: list[Row] = []
    for name in names:
        new = await importlib.import_module(f"tests.bench.bench_{name}").run(bench)
        print(table(new), flush=True)
        rows += new
    return rows


async def versions(bench: Bench) -> dict[str, str]:
    """The servers' versions, as they say themselves."""
    conn = await asyncpg.connect(bench.admin_url)
    postgres = await conn.fetchval(
        "SELECT current_setting('server_version') || ', shared_buffers ' || current_setting('shared_buffers')"
    )
    await conn.close()
    async with httpx.AsyncClient(base_url=bench.management_url) as client:
        overview = (await client.get("/api/overview")).json()
    return {"PostgreSQL": postgres, "RabbitMQ": f"{overview['rabbitmq_version']}, Erlang {overview['erlang_version']}"}


def main(wanted: list[str]) -> int:
    """Measure; 0 when every target was met. Only a whole run replaces the page in the documentation."""
    with servers() as bench:
        rows = uvloop.run(measure(bench, modules(wanted)))
        if not wanted:
            PAGE.write_text(document(rows, asyncio.run(versions(bench))))
            scaling.main()
    return 0 if all(row.met is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
