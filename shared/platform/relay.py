"""From the outbox to the transport: unsent rows, oldest first, marked after they are confirmed.

Order per aggregate needs one publisher at a time: relays of one service compete for an advisory lock on the connection
they claim with, and the server ends that session when its process freezes, so that another takes over.
"""

from __future__ import annotations

import zlib
from typing import Any

import structlog
from sqlalchemy import ARRAY, BigInteger, bindparam, select, update

from shared.platform.db import Hot, driver_of
from shared.platform.kernel import Moment
from shared.platform.transport import Message, Transport
from shared.platform.work import Database

log = structlog.get_logger(__name__)

BATCH = 500
SESSION_LIMITS = "SET idle_session_timeout = '30s'; SET idle_in_transaction_session_timeout = '30s'"


class Relay:
    """Publishes one service's outbox. `drain` returns when nothing is left that can be sent."""

    def __init__(self, database: Database, transport: Transport) -> None:
        self._database = database
        self._transport = transport
        outbox = database.kernel.outbox
        self._claim = Hot(
            select(outbox.c.position, outbox.c.event_id, outbox.c.type, outbox.c.body)
            .where(outbox.c.sent_at.is_(None))
            .order_by(outbox.c.position)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
        self._mark = Hot(
            update(outbox)
            .where(outbox.c.sent_at.is_(None))
            .where(outbox.c.position == bindparam("positions", type_=ARRAY(BigInteger)).any_())
            .values(sent_at=bindparam("sent", type_=Moment))
        )

    async def drain(self) -> int:
        """Publish what is unsent; how many events were confirmed. 0 also when another relay holds the lock."""
        async with self._database.engine.connect() as conn:
            driver = await driver_of(conn)
            if not await driver.fetchval("SELECT pg_try_advisory_lock($1)", self._lock):
                return 0
            try:
                return await self._drain(conn)
            finally:
                if not driver.is_closed():
                    await driver.execute("SELECT pg_advisory_unlock($1)", self._lock)

    @property
    def _lock(self) -> int:
        return zlib.crc32(f"relay {self._database.service}".encode())

    async def _drain(self, conn: Any) -> int:
        total = 0
        while sent := await self._batch(conn):
            total += sent
        return total

    async def _batch(self, conn: Any) -> int:
        driver = await driver_of(conn)
        async with driver.transaction():
            rows = await self._claim.run(conn)
            if not rows:
                return 0
            safe = await self._transport.publish([Message(row["event_id"], row["type"], row["body"]) for row in rows])
            positions = [row["position"] for row in rows if row["event_id"] in safe]
            await self._mark.run(conn, positions=positions, sent=self._database.clock.now())
        return len(positions)
