"""The bare minimum for one recorded contact: FastAPI and asyncpg, the product's own statements, and nothing else.

No token, no validation, no event, no problem documents, no logs. Started by bench_api in a process of its own:
`python -m tests.bench.floor_api PORT` with DATABASE_URL.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import uvloop
from fastapi import FastAPI, Request
from starlette.responses import Response

from deploy.ending import stop_on_signals
from deploy.http import bind, serve
from services.cases.store.contacts import _WRITE_ONE
from services.cases.tables import kernel
from shared.platform.once import _keep, _lookup
from shared.platform.outbox import _insert

COLUMNS = dict.fromkeys(_WRITE_ONE._order)


class Connection(asyncpg.Connection):
    """Not reset when given back: the product does not either."""

    async def reset(self, *, timeout: float | None = None) -> None:
        """Nothing to undo."""


@asynccontextmanager
async def opened_app() -> AsyncIterator[FastAPI]:
    """The endpoint on its own pool."""
    app = FastAPI()
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], max_size=20, connection_class=Connection) as pool:

        @app.post("/contacts", status_code=201)
        async def record(request: Request) -> Response:
            raw = await request.body()
            given = await request.json()
            now, key = datetime.now(UTC), request.headers["idempotency-key"]
            async with pool.acquire() as conn, conn.transaction():
                await conn.fetch(
                    _lookup(kernel).sql, *_lookup(kernel)._arguments({"lock": hash(key), "caller": "x", "key": key})
                )
                await conn.fetch(_WRITE_ONE.sql, *_WRITE_ONE._arguments(_contact(given, now)))
                await conn.fetch(_insert(kernel).sql, *_insert(kernel)._arguments(_event(raw, now)))
                await conn.fetch(_keep(kernel).sql, *_keep(kernel)._arguments(_answer(raw, key, now)))
            return Response(raw, 201, media_type="application/json")

        yield app


def _contact(given: dict[str, Any], now: datetime) -> dict[str, Any]:
    times = {name: datetime.fromisoformat(given[name]) for name in ("queued_at", "answered_at", "ended_at")}
    settled = {"contact_id": uuid4(), "fingerprint": b"x", "answered": True, "abandoned": False, "transferred": False}
    return {"direction": "inbound", "wait_seconds": 1.0, "now": now, "default_zone": "UTC"} | given | times | settled


def _event(raw: bytes, now: datetime) -> dict[str, Any]:
    subject = uuid4()
    return {"stored_on": now.date(), "event_id": subject, "type": "x", "subject": subject, "sequence": 1, "body": raw}


def _answer(raw: bytes, key: str, now: datetime) -> dict[str, Any]:
    kept = {"caller": "x", "key": key, "request_hash": b"x", "status": 201, "headers": "{}"}
    return kept | {"body": raw, "answered_at": now}


async def main(port: int) -> None:
    """Answer until told to stop."""
    with bind("127.0.0.1", port) as at:
        async with opened_app() as app:
            await serve(app, at, stop_on_signals())


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
