"""Inbox and handlers: what happens to an event on arrival, the same for every transport.

A batch is applied in one transaction with its inbox rows. When it fails, its events are tried one by one, so that one
poison message never stops the others; the failing one is retried later, and parked when retrying is no use.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ARRAY, Text, Uuid, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from shared.contracts.codec import Malformed
from shared.contracts.event import Envelope, Event
from shared.contracts.refusal import Refusal
from shared.platform import tracing
from shared.platform.codec import decode
from shared.platform.db import Hot, is_outage, storable
from shared.platform.ids import stable_id
from shared.platform.kernel import Moment
from shared.platform.metrics import EVENTS_APPLIED, EVENTS_PARKED
from shared.platform.tasks import being_cancelled
from shared.platform.transport import RETRY_DELAYS_SECONDS, Delivery, Outcome
from shared.platform.work import Database, Work

log = structlog.get_logger(__name__)

Handler = Callable[[Work, Any], Awaitable[None]]
Apply = Callable[[Work, Sequence[Envelope]], Awaitable[None]]
Prepare = Callable[[Envelope], Envelope]

BYTES_AT_A_STRETCH = 50_000
"""Read without giving way to others: a millisecond or so."""

OUTAGE_WAIT_SECONDS = (0.2, 0.5, 1.0, 2.0)


class Consumer:
    """A service's receiving side: its handlers behind an inbox.

    `apply` replaces "each event to its handler" where a service applies a whole batch at once. In whatever order (kpi):
    then the next batch is read while the database works on this one; `at_once` 1 where order matters (notify).
    `prepare` does with each event, as soon as it is read, what needs no transaction; what it fails at, `apply` gets as
    it came.
    """

    def __init__(
        self,
        database: Database,
        handlers: Mapping[type[Event], Handler],
        apply: Apply | None = None,
        *,
        prepare: Prepare | None = None,
        at_once: int | None = None,
    ) -> None:
        self.service = database.service
        self.types = frozenset(cls.type for cls in handlers)
        self._database = database
        self._handlers = handlers
        self.at_once = at_once or (2 if apply else 1)
        self._apply = apply or self._each
        self._prepare = prepare
        self._take = _take_statement(database)
        self._reading = asyncio.Lock()

    async def process(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        """Apply a batch in order, exactly once; one outcome for each. Waits while the database is away."""
        waits = iter(OUTAGE_WAIT_SECONDS)
        while True:
            try:
                return await self._process(deliveries)
            except Exception as error:
                if being_cancelled():  # what a cancelled statement did to its connection hides the cancellation
                    raise asyncio.CancelledError from None
                if not is_outage(error):
                    raise
                log.warning("database_away", service=self.service, error=type(error).__name__)
                await asyncio.sleep(next(waits, OUTAGE_WAIT_SECONDS[-1]))

    async def _process(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        read = await self._read_all(deliveries)
        good = [envelope for envelope in read if isinstance(envelope, Envelope)]
        if len(good) == len(read) and await self._applied(good):
            return [Outcome.DONE] * len(deliveries)
        return [await self._one(delivery, envelope) for delivery, envelope in zip(deliveries, read, strict=True)]

    async def _read_all(self, deliveries: Sequence[Delivery]) -> list[Envelope | Malformed]:
        """Read a batch, and give way now and then: the batch before it goes on when the database has answered."""
        read, unread = [], 0
        async with self._reading:
            for delivery in deliveries:
                read.append(self._prepared(self._read(delivery)))
                unread += len(delivery.body)
                if unread >= BYTES_AT_A_STRETCH:
                    unread = 0
                    await asyncio.sleep(0)
        return read

    def _prepared(self, read: Envelope | Malformed) -> Envelope | Malformed:
        """Right after reading, while all of it is at hand in the processor's cache."""
        if self._prepare is None or isinstance(read, Malformed):
            return read
        try:
            return self._prepare(read)
        except Exception:  # it fails again where failures are dealt with
            return read

    async def _applied(self, envelopes: Sequence[Envelope]) -> bool:
        try:
            await self._run(envelopes)
        except Exception as error:
            if is_outage(error):
                raise
            return False
        EVENTS_APPLIED.labels(self.service).inc(len(envelopes))
        return True

    async def _one(self, delivery: Delivery, envelope: Envelope | Malformed) -> Outcome:
        if isinstance(envelope, Malformed):
            return await self._park(delivery, None, f"malformed: {envelope}")
        try:
            await self._run([envelope])
            EVENTS_APPLIED.labels(self.service).inc()
        except Refusal as refusal:
            return await self._park(delivery, envelope.type, f"refused: {refusal.code}")
        except Exception as error:
            if is_outage(error):
                raise
            log.exception("event_failed", service=self.service, type=envelope.type, event_id=str(envelope.id))
            if delivery.attempt < len(RETRY_DELAYS_SECONDS):
                return Outcome.RETRY
            return await self._park(delivery, envelope.type, f"{type(error).__name__}: {error}")
        return Outcome.DONE

    async def _run(self, envelopes: Sequence[Envelope]) -> None:
        async with self._database.work() as work:
            ids = [envelope.id for envelope in envelopes]
            rows = await self._take.run(work.conn, consumer=self.service, ids=ids, applied_at=work.now)
            new = {row["event_id"] for row in rows}
            fresh = [_popped(new, envelope) for envelope in envelopes if envelope.id in new]
            if fresh:
                with tracing.handling(self.service, fresh):
                    await self._apply(work, fresh)

    async def _each(self, work: Work, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            await self._handlers[type(envelope.data)](work.caused_by(envelope), envelope.data)

    async def park(self, delivery: Delivery, reason: str) -> None:
        """Keep a message that the transport gave up on."""
        read = self._read(delivery)
        await self._park(delivery, read.type if isinstance(read, Envelope) else None, reason)

    def _read(self, delivery: Delivery) -> Envelope | Malformed:
        try:
            envelope = decode(delivery.body)
        except Malformed as malformed:
            return malformed
        return envelope if envelope.type in self.types else Malformed(f"nobody here handles {envelope.type}")

    async def _park(self, delivery: Delivery, type_: str | None, reason: str) -> Outcome:
        async with self._database.work() as work:
            await park(work, delivery, type_, reason)
        EVENTS_PARKED.labels(self.service).inc()
        log.error(
            "message_parked", service=self.service, message_id=delivery.message_id, type=type_, reason=reason[:300]
        )
        return Outcome.PARKED


async def park(work: Work, delivery: Delivery, type_: str | None, reason: str) -> None:
    """Keep a message that cannot be applied, for people to see and replay."""
    table = work.kernel.parked
    message_id = storable(delivery.message_id)
    new = insert(table).values(
        parked_id=stable_id(message_id, delivery.body.hex()),
        message_id=message_id,
        type=type_,
        body=delivery.body,
        reason=storable(reason[:2000]),
        attempts=delivery.attempt + 1,
        parked_at=work.now,
    )
    again = {"reason": new.excluded.reason, "parked_at": new.excluded.parked_at, "replayed_at": None}
    await work.conn.execute(new.on_conflict_do_update(index_elements=[table.c.parked_id], set_=again))


async def replay(work: Work, parked_id: UUID) -> None:
    """Offer a parked message to its handler again, from the first attempt; 404 `not-found` when it is not parked."""
    table = work.kernel.parked
    found = select(table).where(table.c.parked_id == parked_id, table.c.replayed_at.is_(None)).with_for_update()
    row = (await work.conn.execute(found)).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="parked message", what=parked_id)
    await work.conn.execute(table.update().where(table.c.parked_id == parked_id).values(replayed_at=work.now))
    await keep_for_retry(work, Delivery(row.message_id, row.body), due_in_seconds=0)


async def keep_for_retry(work: Work, delivery: Delivery, *, due_in_seconds: float) -> None:
    """Keep a message in the database until its next attempt."""
    table = work.kernel.retries
    new = insert(table).values(
        message_id=delivery.message_id,
        body=delivery.body,
        attempt=delivery.attempt,
        due_at=work.now + timedelta(seconds=due_in_seconds),
    )
    again = {"attempt": new.excluded.attempt, "due_at": new.excluded.due_at}
    await work.conn.execute(new.on_conflict_do_update(index_elements=[table.c.message_id], set_=again))


class Retrier:
    """Offers kept messages to the receiver when their time has come."""

    def __init__(self, database: Database, consumer: Consumer) -> None:
        self._database = database
        self._consumer = consumer

    async def drain(self) -> int:
        """Process every kept message that is due; how many."""
        count = 0
        while (due := await self._due()) is not None:
            [outcome] = await self._consumer.process([due])
            async with self._database.work() as work:
                if outcome is Outcome.RETRY:
                    again = Delivery(due.message_id, due.body, due.attempt + 1)
                    await keep_for_retry(work, again, due_in_seconds=RETRY_DELAYS_SECONDS[due.attempt])
                else:
                    table = work.kernel.retries
                    await work.conn.execute(delete(table).where(table.c.message_id == due.message_id))
            count += 1
        return count

    async def _due(self) -> Delivery | None:
        table = self._database.kernel.retries
        oldest = select(table).where(table.c.due_at <= self._database.clock.now()).order_by(table.c.due_at).limit(1)
        async with self._database.reading() as conn:
            row = (await conn.execute(oldest)).one_or_none()
        return Delivery(row.message_id, row.body, row.attempt) if row else None


def _popped(new: set[UUID], envelope: Envelope) -> Envelope:
    """The same event twice in one batch is applied at its first place only."""
    new.discard(envelope.id)
    return envelope


def _take_statement(database: Database) -> Hot:
    inbox = database.kernel.inbox
    rows = select(
        bindparam("consumer", type_=Text),
        func.unnest(bindparam("ids", type_=ARRAY(Uuid))),
        bindparam("applied_at", type_=Moment),
    )
    return Hot(
        insert(inbox)
        .from_select(["consumer", "event_id", "applied_at"], rows)
        .on_conflict_do_nothing()
        .returning(inbox.c.event_id)
    )
