"""From the outbox to the transport: unsent rows, oldest first, marked after they are confirmed.

Order per aggregate needs one publisher at a time: relays of one service compete for an advisory lock on the connection
they claim with, and the server ends that session when its process freezes, so that another takes over. What cannot be
delivered now is held back by type, and with it whatever follows it in the same aggregate; the rest goes on.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy import ARRAY, BigInteger, Date, FromClause, Select, Text, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.platform import tracing
from shared.platform.db import Hot, driver_of
from shared.platform.kernel import Kernel, Moment
from shared.platform.metrics import EVENTS_SENT
from shared.platform.transport import Message, Transport
from shared.platform.work import Database

log = structlog.get_logger(__name__)

BATCH = 500
SESSION = (
    "SET idle_session_timeout = '30s'; SET idle_in_transaction_session_timeout = '30s'; SET synchronous_commit = off"
)
"""The server ends the session of a frozen relay. A mark lost in a crash costs a repetition, which the inbox drops."""
NO_SESSION = "RESET idle_session_timeout; RESET idle_in_transaction_session_timeout; RESET synchronous_commit"
HOLD_SECONDS = 0.5
HOLD_AT_MOST_SECONDS = 15.0


class Relay:
    """Publishes one service's outbox."""

    def __init__(self, database: Database, transport: Transport) -> None:
        self._database = database
        self._transport = transport
        self._session: AsyncConnection | None = None
        self._held = Held()
        kernel = database.kernel
        self._claim = Hot(_unsent(kernel).with_for_update(skip_locked=True))
        self._claim_around = Hot(_around_held(kernel).with_for_update(skip_locked=True))
        self._oldest = Hot(_oldest_of(kernel).with_for_update(skip_locked=True))
        self._mark = Hot(_mark(kernel))

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
        async with self._database.reading() as conn:
            driver = await driver_of(conn)
            if not await driver.fetchval("SELECT pg_try_advisory_lock($1)", self._lock):
                yield None
                return
            try:
                await driver.execute(SESSION)
                yield conn
            finally:
                with suppress(OSError, asyncpg.InterfaceError, asyncpg.PostgresError):  # gone: then so is the lock
                    await driver.execute(f"{NO_SESSION}; SELECT pg_advisory_unlock_all()")

    @property
    def _lock(self) -> int:
        return zlib.crc32(f"relay {self._database.service}".encode())

    async def _drain(self, conn: AsyncConnection) -> int:
        total = await self._try_held(conn)
        full = True
        while full:
            offered, sent = await self._batch(conn, self._held.types)
            total, full = total + sent, offered == BATCH
        return total

    async def _batch(self, conn: AsyncConnection, held: Collection[str]) -> tuple[int, int]:
        """How many events were offered, and how many of them confirmed."""
        driver = await driver_of(conn)
        async with driver.transaction():
            rows = await (self._claim_around.run(conn, held=list(held)) if held else self._claim.run(conn))
            safe = await self._offer(conn, rows)
        self._held.note(offered={row["type"] for row in rows}, failed=_failed_types(rows, safe))
        return len(rows), len(safe)

    async def _try_held(self, conn: AsyncConnection) -> int:
        """Offer the oldest event of each type that was held long enough, alone; once it goes, its type is released."""
        total = 0
        driver = await driver_of(conn)
        for type_ in self._held.due():
            async with driver.transaction():
                rows = await self._oldest.run(conn, type=type_)
                safe = await self._offer(conn, rows)
            self._held.note(offered={type_}, failed=_failed_types(rows, safe))
            total += len(safe)
        return total

    async def _offer(self, conn: AsyncConnection, rows: Sequence[asyncpg.Record]) -> frozenset[UUID]:
        """Publish rows and mark those that were confirmed, in the transaction that claimed them; the ids of these."""
        if not rows:
            return frozenset()
        messages = [Message(row["event_id"], row["type"], row["body"], row["subject"]) for row in rows]
        safe = await self._transport.publish(messages)
        sent = [row for row in rows if row["event_id"] in safe]
        days = list({row["stored_on"] for row in sent})
        positions = [row["position"] for row in sent]
        await self._mark.run(conn, positions=positions, days=days, sent=self._database.clock.now())
        EVENTS_SENT.labels(self._database.service).inc(len(sent))
        tracing.published(self._database.service, ((row["type"], row["body"]) for row in sent))
        return safe


class Held:
    """Event types that could not be delivered, each to be tried again after a wait, longer each time."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._until: dict[str, tuple[float, float]] = {}

    @property
    def types(self) -> Collection[str]:
        """What is held."""
        return self._until.keys()

    def due(self) -> list[str]:
        """What may be tried again."""
        return [type_ for type_, (until, _) in self._until.items() if until <= self._now()]

    def note(self, *, offered: set[str], failed: set[str]) -> None:
        """Hold what failed, release what went through."""
        for type_ in offered - failed:
            self._until.pop(type_, None)
        for type_ in failed:
            wait = min(self._until[type_][1] * 2, HOLD_AT_MOST_SECONDS) if type_ in self._until else HOLD_SECONDS
            self._until[type_] = (self._now() + wait, wait)


def _failed_types(rows: Sequence[asyncpg.Record], safe: frozenset[UUID]) -> set[str]:
    """The types that failed by themselves, and not for what came before them in their aggregate."""
    failed: dict[UUID, str] = {}
    for row in rows:
        if row["event_id"] not in safe:
            failed.setdefault(row["subject"], row["type"])
    return set(failed.values())


def _unsent(kernel: Kernel) -> Select[Any]:
    columns = (kernel.outbox.c[name] for name in ("position", "stored_on", "event_id", "type", "body", "subject"))
    return select(*columns).where(kernel.outbox.c.sent_at.is_(None)).order_by(kernel.outbox.c.position).limit(BATCH)


def _around_held(kernel: Kernel) -> Select[Any]:
    """Unsent events that are neither of a held type nor behind one in their aggregate."""
    held = bindparam("held", type_=ARRAY(Text))
    earlier = kernel.outbox.alias("earlier")
    behind = _behind(kernel, earlier).where(earlier.c.type == held.any_())
    return _unsent(kernel).where(kernel.outbox.c.type != held.all_(), ~behind.exists())


def _oldest_of(kernel: Kernel) -> Select[Any]:
    """The oldest unsent event of one type that is first in its aggregate."""
    behind = _behind(kernel, kernel.outbox.alias("earlier"))
    return _unsent(kernel).where(kernel.outbox.c.type == bindparam("type", type_=Text), ~behind.exists()).limit(1)


def _behind(kernel: Kernel, earlier: FromClause) -> Select[Any]:
    """What is unsent before an event in its aggregate."""
    same = earlier.c.subject == kernel.outbox.c.subject
    return select(1).where(same, earlier.c.position < kernel.outbox.c.position, earlier.c.sent_at.is_(None))


def _mark(kernel: Kernel) -> Any:
    outbox = kernel.outbox
    return (
        update(outbox)
        .where(outbox.c.sent_at.is_(None))
        .where(outbox.c.stored_on == bindparam("days", type_=ARRAY(Date)).any_())
        .where(outbox.c.position == bindparam("positions", type_=ARRAY(BigInteger)).any_())
        .values(sent_at=bindparam("sent", type_=Moment))
    )
