"""From the outbox to the transport: unsent rows, oldest first, marked after they are confirmed.

Order per aggregate needs one publisher at a time: relays of one service compete for an advisory lock on the connection
they claim with, and the server ends that session when its process freezes, so that another takes over. What cannot be
delivered now is held back by type, and with it whatever follows it in the same aggregate; the rest goes on.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
import structlog
from sqlalchemy import ARRAY, BigInteger, Date, Select, Text, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.platform.db import Hot, driver_of
from shared.platform.kernel import Kernel, Moment
from shared.platform.metrics import EVENTS_SENT
from shared.platform.transport import Message, Transport
from shared.platform.work import Database

log = structlog.get_logger(__name__)

BATCH = 500
SESSION_LIMITS = "SET idle_session_timeout = '30s'; SET idle_in_transaction_session_timeout = '30s'"
NO_LIMITS = "RESET idle_session_timeout; RESET idle_in_transaction_session_timeout"
HOLD_SECONDS = 0.5
HOLD_AT_MOST_SECONDS = 15.0


class Relay:
    """Publishes one service's outbox."""

    def __init__(self, database: Database, transport: Transport) -> None:
        self._database = database
        self._transport = transport
        self._session: AsyncConnection | None = None
        self._held = Held()
        unsent = _unsent(database.kernel).with_for_update(skip_locked=True)
        self._claim = Hot(unsent)
        self._claim_around = Hot(_around_held(database.kernel).with_for_update(skip_locked=True))
        self._mark = Hot(_mark(database.kernel))

    @asynccontextmanager
    async def holding(self) -> AsyncIterator[bool]:
        """Keep a connection and the lock for many drains; false when another relay holds the lock."""
        async with self._locked() as conn:
            self._session = conn
            try:
                yield conn is not None
            finally:
                self._session = None

    async def drain(self) -> int:
        """Publish what can be sent now; how many events were confirmed. 0 also when another relay holds the lock."""
        if self._session:
            return await self._drain(self._session)
        async with self._locked() as conn:
            return await self._drain(conn) if conn else 0

    @asynccontextmanager
    async def _locked(self) -> AsyncIterator[AsyncConnection | None]:
        """A connection with this service's relay lock, which ends when we freeze; none while another relay has it."""
        async with self._database.engine.connect() as conn:
            driver = await driver_of(conn)
            if not await driver.fetchval("SELECT pg_try_advisory_lock($1)", self._lock):
                yield None
                return
            try:
                await driver.execute(SESSION_LIMITS)
                yield conn
            finally:
                with suppress(OSError, asyncpg.InterfaceError, asyncpg.PostgresError):  # gone: then so is the lock
                    await driver.execute(f"{NO_LIMITS}; SELECT pg_advisory_unlock_all()")

    @property
    def _lock(self) -> int:
        return zlib.crc32(f"relay {self._database.service}".encode())

    async def _drain(self, conn: AsyncConnection) -> int:
        total, full = 0, True
        while full:
            offered, sent = await self._batch(conn)
            total, full = total + sent, offered == BATCH
        return total

    async def _batch(self, conn: AsyncConnection) -> tuple[int, int]:
        """How many events were offered, and how many of them confirmed."""
        driver = await driver_of(conn)
        async with driver.transaction():
            rows = await self._unsent(conn)
            if not rows:
                return 0, 0
            safe = await self._transport.publish([Message(row["event_id"], row["type"], row["body"]) for row in rows])
            sent = [row for row in rows if row["event_id"] in safe]
            await self._mark.run(
                conn,
                positions=[row["position"] for row in sent],
                days=list({row["stored_on"] for row in sent}),
                sent=self._database.clock.now(),
            )
        self._held.note(offered={row["type"] for row in rows}, failed={r["type"] for r in rows if r not in sent})
        EVENTS_SENT.labels(self._database.service).inc(len(sent))
        return len(rows), len(sent)

    async def _unsent(self, conn: AsyncConnection) -> list[asyncpg.Record]:
        if held := self._held.types():
            return await self._claim_around.run(conn, held=held)
        return await self._claim.run(conn)


class Held:
    """Event types that could not be delivered, each until its next attempt, more slowly each time."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._until: dict[str, tuple[float, float]] = {}

    def types(self) -> list[str]:
        """What is not to be offered now."""
        return [type_ for type_, (until, _) in self._until.items() if until > self._now()]

    def note(self, *, offered: set[str], failed: set[str]) -> None:
        """Hold what failed, release what went through."""
        for type_ in offered - failed:
            self._until.pop(type_, None)
        for type_ in failed:
            wait = min(self._until[type_][1] * 2, HOLD_AT_MOST_SECONDS) if type_ in self._until else HOLD_SECONDS
            self._until[type_] = (self._now() + wait, wait)


def _unsent(kernel: Kernel) -> Select[Any]:
    columns = (kernel.outbox.c[name] for name in ("position", "stored_on", "event_id", "type", "body"))
    return select(*columns).where(kernel.outbox.c.sent_at.is_(None)).order_by(kernel.outbox.c.position).limit(BATCH)


def _around_held(kernel: Kernel) -> Select[Any]:
    """Unsent events that are neither of a held type nor behind one in their aggregate."""
    held = bindparam("held", type_=ARRAY(Text))
    outbox, earlier = kernel.outbox, kernel.outbox.alias("earlier")
    behind = (
        select(1)
        .where(earlier.c.subject == outbox.c.subject, earlier.c.position < outbox.c.position)
        .where(earlier.c.sent_at.is_(None), earlier.c.type == held.any_())
    )
    return _unsent(kernel).where(outbox.c.type != held.all_(), ~behind.exists())


def _mark(kernel: Kernel) -> Any:
    outbox = kernel.outbox
    return (
        update(outbox)
        .where(outbox.c.sent_at.is_(None))
        .where(outbox.c.stored_on == bindparam("days", type_=ARRAY(Date)).any_())
        .where(outbox.c.position == bindparam("positions", type_=ARRAY(BigInteger)).any_())
        .values(sent_at=bindparam("sent", type_=Moment))
    )
