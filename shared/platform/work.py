"""The one door: HTTP requests, events and timers all do their work inside `Database.work()`.

One command = one transaction = state + outbox. The transaction commits when the block ends; nothing is published,
called or sent inside it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.event import Envelope, Event
from shared.contracts.privacy import without_phones
from shared.platform import outbox, tracing
from shared.platform.actor import SYSTEM, Actor
from shared.platform.clock import Clock
from shared.platform.db import Engine, driver_of
from shared.platform.ids import new_id
from shared.platform.kernel import Kernel, kernel_of
from shared.platform.wake import Wake


@dataclass(frozen=True, slots=True)
class Work:
    """One transaction in progress: its connection, its instant, who asked, and what caused it.

    `beside` opens another connection: for what is true whatever becomes of the transaction, and must not hold up others
    until it ends. Each of its statements is committed by itself.
    """

    conn: AsyncConnection
    beside: Callable[[], AbstractAsyncContextManager[AsyncConnection]]
    kernel: Kernel
    now: datetime
    actor: Actor
    correlation_id: str
    cause: Envelope | None = None
    recorded: list[Envelope] = field(default_factory=list)

    def record(self, event: Event, *, sequence: int) -> None:
        """Publish an event with this transaction; `sequence` is its aggregate's version after it.

        Phone numbers that somebody wrote into a note or a reason stay behind.
        """
        self.recorded.append(
            Envelope(
                id=new_id(),
                source=f"/{self.kernel.service}",
                type=event.type,
                subject=event.subject,
                time=self.now,
                sequence=sequence,
                data=without_phones(event),
                correlation_id=self.correlation_id,
                causation_id=str(self.cause.id) if self.cause else None,
                traceparent=tracing.current() or (self.cause.traceparent if self.cause else None),
            )
        )

    async def flush(self) -> None:
        """Store what was recorded so far, so that a long command holds no more of it than it needs."""
        events = self.recorded.copy()
        self.recorded.clear()  # before the wait: more may be recorded meanwhile
        await outbox.add(self.conn, self.kernel, events)

    def caused_by(self, cause: Envelope) -> Work:
        """The same transaction, on behalf of one incoming event."""
        return replace(self, cause=cause, correlation_id=cause.correlation_id)


class Database:
    """A service's schema: where its work is done and its state is read."""

    def __init__(self, service: str, engine: Engine, clock: Clock) -> None:
        self.service = service
        self.engine = engine
        self.clock = clock
        self.kernel = kernel_of(service)
        self.wake = Wake(service, engine)
        self._at_hand: list[AsyncConnection] = []
        self._most_at_hand = engine.pool.size() // 2  # type: ignore[attr-defined]

    @asynccontextmanager
    async def work(self, actor: Actor = SYSTEM, *, correlation_id: str | None = None) -> AsyncIterator[Work]:
        """A transaction that commits state and recorded events together when the block ends without an error."""
        async with self._connection() as conn, (await driver_of(conn)).transaction():
            work = Work(conn, self.reading, self.kernel, self.clock.now(), actor, correlation_id or str(new_id()))
            yield work
            await outbox.add(work.conn, self.kernel, work.recorded)
        if work.recorded:
            self.wake.signal()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection for queries."""
        async with self._connection() as conn:
            yield conn

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        """A connection that is alive. One that died (waiting or in use) is not used again, and neither is one whose use
        was cut off: it may still be in the middle of a transaction, in which others' work would be lost."""
        conn = self._at_hand.pop() if self._at_hand else await self.engine.connect()
        try:
            if (await driver_of(conn)).is_closed():
                await conn.invalidate()
            yield conn
        except BaseException as error:
            sync = conn.sync_connection
            cut_off = not isinstance(error, Exception)
            if sync and not sync.invalidated and (cut_off or (await driver_of(conn)).is_closed()):
                sync.invalidate()  # without waiting, for who waits while being cancelled may be cancelled again
            await conn.close()
            raise
        await self._put_down(conn)

    async def _put_down(self, conn: AsyncConnection) -> None:
        """Keep a connection at hand: taking one from the pool and giving it back costs more than a statement."""
        if len(self._at_hand) >= self._most_at_hand:
            await conn.close()
            return
        if conn.in_transaction():
            await conn.rollback()  # SQLAlchemy's own notion; nothing goes to the server
        self._at_hand.append(conn)

    async def close(self) -> None:
        """Give back every connection."""
        await self.wake.close()
        while self._at_hand:
            await self._at_hand.pop().close()
        await self.engine.dispose()
