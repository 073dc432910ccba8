"""The bare minimum for one opened case: FastAPI and asyncpg, and the very statements that the product runs for it.

They are recorded from one opening when this starts, and run again for each request with new ids: no token, no
validation, no rules, no encoding. Started by bench_opening in a process of its own:
`python -m tests.bench.floor_opening PORT` with DATABASE_URL.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import asyncpg
import uvloop
from fastapi import FastAPI, Request
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from deploy.ending import stop_on_signals
from deploy.http import bind, serve
from services.cases.commands.opening import open_case
from shared.platform.actor import Actor
from shared.platform.clock import SystemClock
from shared.platform.db import Hot, connect
from shared.platform.work import Database
from tests.bench.bench_opening import wish
from tests.bench.floor_api import Connection

Statement = tuple[str, list[list[Any]], bool]
"""SQL, its parameter sets, and whether it is run once for many sets."""


@contextmanager
def recorded() -> Iterator[list[Statement]]:
    """Every hot statement that is run meanwhile."""
    found: list[Statement] = []
    run, run_many = Hot.run, Hot.run_many

    async def keep(self: Hot, conn: AsyncConnection, **params: Any) -> Any:
        found.append((self.sql, [self._arguments(params)], False))
        return await run(self, conn, **params)

    async def keep_many(self: Hot, conn: AsyncConnection, many: Sequence[dict[str, Any]]) -> None:
        found.append((self.sql, [self._arguments(params) for params in many], True))
        await run_many(self, conn, many)

    with patch.object(Hot, "run", keep), patch.object(Hot, "run_many", keep_many):
        yield found


async def one_opening(url: str, customer: UUID) -> list[Statement]:
    """What the product runs to open one case."""
    database = Database("cases", connect(url, pool_size=2), SystemClock())
    with recorded() as statements:
        async with database.work(Actor(sub="floor", roles=("integration",))) as work:
            await open_case(work, wish=wish(customer), language="zh-CN")
    await database.close()
    return statements


class Renewed:
    """The parameters of one opening with ids and numbers of its own."""

    numbers = count()

    def __init__(self, customers: Sequence[UUID]) -> None:
        number = next(self.numbers)
        self._ids = {customers[0]: customers[number % len(customers)]}
        self._number = f"F{number}-{os.getpid()}"

    def value(self, old: Any) -> Any:
        """What stands in an old value's place."""
        if isinstance(old, UUID):
            return self._ids.setdefault(old, uuid4())
        if isinstance(old, list):
            return [self.value(one) for one in old]
        return self._number if isinstance(old, str) and old.startswith("C20") else old


async def main(port: int) -> None:
    """Answer until told to stop."""
    url, app = os.environ["DATABASE_URL"], FastAPI()
    async with asyncpg.create_pool(url, max_size=20, connection_class=Connection) as pool:
        customers = [row["customer_id"] for row in await pool.fetch("SELECT customer_id FROM cases.customers")]
        statements = await one_opening(url, customers[0])

        @app.post("/cases", status_code=201)
        async def open_(request: Request) -> Response:
            raw, renewed = await request.body(), Renewed(customers)
            async with pool.acquire() as conn, conn.transaction():
                for sql, many, is_many in statements:
                    sets = renewed.value(many)
                    await (conn.executemany(sql, sets) if is_many else conn.fetch(sql, *sets[0]))
            return Response(raw, 201, media_type="application/json")

        with bind("127.0.0.1", port) as at:
            await serve(app, at, stop_on_signals())


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
