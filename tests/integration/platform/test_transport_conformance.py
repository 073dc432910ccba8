"""What every transport promises: the same tests over RabbitMQ and over the embedded one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from shared.contracts.refusal import Refusal
from shared.contracts.roster import TeamChanged
from shared.platform import ops
from shared.platform.broker import RabbitTransport
from shared.platform.embedded import EmbeddedTransport
from shared.platform.ids import new_id
from shared.platform.transport import Message, Transport
from shared.platform.work import Database, Work
from shared.platform.worker import Worker
from tests.conftest import ManualClock, virtual_host

Hear = Callable[[Work, TeamChanged], Awaitable[None]]

HEARD = "position bigserial, team_id uuid, sequence bigint"
HEARS = dict.fromkeys(("notify", "cases"), (TeamChanged.type,))


class Line:
    """roster publishing to notify and cases, each with a running worker, over one transport."""

    def __init__(self, transport: Transport, open_database: Callable[[str], Database], clock: ManualClock) -> None:
        self.transport = transport
        self.clock = clock
        self.roster, self.notify, self.cases = (open_database(name) for name in ("roster", "notify", "cases"))
        self.working: dict[str, asyncio.Task[None]] = {}

    async def start(self, notify: Hear | None = None, cases: Hear | None = None) -> None:
        """Start the workers; a handler of one's own runs before the event is noted as heard, in its transaction."""
        for database in (self.notify, self.cases):
            await execute(database, f"CREATE TABLE IF NOT EXISTS {database.service}.heard ({HEARD})")
        workers = {
            "roster": Worker(self.roster, self.transport, handlers={}, timers_={}),
            "notify": self._hearer(self.notify, notify),
            "cases": self._hearer(self.cases, cases),
        }
        for name, worker in workers.items():
            self.working[name] = asyncio.create_task(worker.run())

    def _hearer(self, database: Database, hear: Hear | None) -> Worker:
        async def handle(work: Work, event: TeamChanged) -> None:
            if hear:
                await hear(work, event)
            await note(work, event)

        worker = Worker(database, self.transport, handlers={TeamChanged: handle}, timers_={})
        if isinstance(self.transport, EmbeddedTransport):
            self.transport.register(worker.consumer, database)
        return worker

    async def stop(self) -> None:
        """End the workers as a deployment does."""
        for task in self.working.values():
            task.cancel()
        for task in self.working.values():
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self.working.clear()

    async def record(self, *events: tuple[UUID, int]) -> None:
        """Commit events of roster, in one transaction."""
        async with self.roster.work() as work:
            for team_id, sequence in events:
                work.record(team(team_id), sequence=sequence)

    async def until(self, reached: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
        """Wait for a state; retries kept in the database see an hour pass at every look."""
        async with asyncio.timeout(seconds):
            while not await reached():
                self.clock.move_to(self.clock.now() + timedelta(hours=1))
                await asyncio.sleep(0.02)

    def _of(self, service: str) -> Database:
        return self.notify if service == "notify" else self.cases

    async def heard(self, by: str = "notify") -> list[tuple[UUID, int]]:
        """What a service heard, in order."""
        async with self._of(by).reading() as conn:
            rows = await conn.execute(text(f"SELECT team_id, sequence FROM {by}.heard ORDER BY position"))
        return [(row.team_id, row.sequence) for row in rows]

    async def until_heard(self, count: int, by: str = "notify") -> None:
        """Wait until a service heard that many events."""

        async def enough() -> bool:
            return len(await self.heard(by)) >= count

        await self.until(enough)

    async def until_parked(self, count: int) -> list[ops.Parked]:
        """Wait until notify parked that many messages; what is parked."""

        async def enough() -> bool:
            return len(await self.parked()) >= count

        await self.until(enough)
        return await self.parked()

    async def parked(self) -> list[ops.Parked]:
        """What an operator of notify sees."""
        async with self.notify.reading() as conn:
            page = await ops.parked_messages(conn, kernel=self.notify.kernel, limit=50, after=None)
        return list(page.items)

    async def unsent(self) -> int:
        """How much waits in roster's outbox."""
        outbox = self.roster.kernel.outbox
        async with self.roster.reading() as conn:
            count = await conn.execute(select(func.count()).select_from(outbox).where(outbox.c.sent_at.is_(None)))
        return int(count.scalar_one())

    async def until_sent(self) -> None:
        """Wait until roster's outbox is drained."""

        async def drained() -> bool:
            return not await self.unsent()

        await self.until(drained)


async def execute(database: Database, sql: str) -> None:
    async with database.reading() as conn:
        await conn.execute(text(sql))


async def note(work: Work, event: TeamChanged) -> None:
    """Note an event as heard: undone with its transaction."""
    assert work.cause is not None
    heard = {"team_id": event.team_id, "sequence": work.cause.sequence}
    sql = f"INSERT INTO {work.kernel.service}.heard (team_id, sequence) VALUES (:team_id, :sequence)"
    await work.conn.execute(text(sql), heard)


def team(team_id: UUID) -> TeamChanged:
    return TeamChanged(team_id=team_id, code="A", name="A", zone="Asia/Shanghai")


@pytest.fixture(params=["embedded", "rabbit"])
async def line(
    request: pytest.FixtureRequest, open_database: Callable[[str], Database], clock: ManualClock
) -> AsyncIterator[Line]:
    """A line over the transport that is asked for; on the broker a failed attempt waits 50 ms, whichever it is."""
    async with contextlib.AsyncExitStack() as stack:
        transport: Any = EmbeddedTransport()
        if request.param == "rabbit":
            rabbit = request.getfixturevalue("rabbit")
            host = virtual_host(rabbit.amqp_url, rabbit.management_url, hears=HEARS, retry_delays_seconds=[0.05] * 5)
            transport = RabbitTransport(await stack.enter_async_context(host), hears=HEARS)
        stack.push_async_callback(transport.close)
        made = Line(transport, open_database, clock)
        stack.push_async_callback(made.stop)
        yield made


async def test_an_event_reaches_every_service_that_hears_it_once(line: Line) -> None:
    await line.start()
    events = [(new_id(), 1) for _ in range(20)]
    await line.record(*events)
    await line.until_heard(20, by="notify")
    await line.until_heard(20, by="cases")
    await line.until_sent()
    assert sorted(await line.heard()) == sorted(await line.heard("cases")) == sorted(events)


async def test_events_of_one_aggregate_arrive_in_order(line: Line) -> None:
    await line.start()
    teams = [new_id() for _ in range(5)]
    for sequence in range(1, 121):
        await line.record(*((team_id, sequence) for team_id in teams))
    await line.until_heard(600)
    all_heard = await line.heard()
    for team_id in teams:
        assert [sequence for heard, sequence in all_heard if heard == team_id] == list(range(1, 121))


async def test_a_failing_event_is_tried_again_until_it_succeeds(line: Line) -> None:
    attempts = 0

    async def fail_twice(work: Work, event: TeamChanged) -> None:
        nonlocal attempts
        attempts += 1
        if attempts <= 4:  # an attempt is a batch, then the event alone
            raise RuntimeError("not yet")

    await line.start(notify=fail_twice)
    await line.record((new_id(), 1))
    await line.until_heard(1)
    assert attempts == 5
    assert await line.parked() == []


async def test_after_the_last_attempt_an_event_is_parked_and_can_be_replayed(line: Line) -> None:
    broken = True

    async def fail(work: Work, event: TeamChanged) -> None:
        if broken:
            raise RuntimeError("the lead's phone is switched off")

    await line.start(notify=fail)
    await line.record((new_id(), 1))
    [parked] = await line.until_parked(1)
    assert (parked.attempts, parked.type) == (6, TeamChanged.type)
    assert "the lead's phone is switched off" in parked.reason
    broken = False
    async with line.notify.work() as work:
        await ops.replay(work, parked_id=parked.parked_id)
    await line.until_heard(1)
    assert await line.parked() == []


async def test_one_poison_message_stops_nobody_else(line: Line) -> None:
    poison = new_id()

    async def choke(work: Work, event: TeamChanged) -> None:
        if event.team_id == poison:
            raise RuntimeError("poison")

    await line.start(notify=choke)
    events = [(new_id(), 1) for _ in range(30)]
    await line.record(*events[:15], (poison, 1), *events[15:])
    await line.until_heard(30)
    assert sorted(await line.heard()) == sorted(events)
    assert len(await line.until_parked(1)) == 1


async def test_a_refused_event_is_parked_at_once(line: Line) -> None:
    async def refuse(work: Work, event: TeamChanged) -> None:
        raise Refusal("not-found", what="the team")

    await line.start(notify=refuse)
    await line.record((new_id(), 1))
    [parked] = await line.until_parked(1)
    assert (parked.attempts, parked.reason) == (1, "refused: not-found")


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[]", b'{"specversion":"1.0"}', b"null"])
async def test_a_malformed_message_is_parked_at_once_and_visible(line: Line, body: bytes) -> None:
    await line.start()
    message = Message(new_id(), TeamChanged.type, body)
    assert await line.transport.publish([message]) == {message.id}
    [parked] = await line.until_parked(1)
    assert (parked.message_id, parked.attempts) == (str(message.id), 1)
    assert parked.reason.startswith("malformed")
    await line.record((new_id(), 1))
    await line.until_heard(1)


async def test_an_event_that_comes_twice_is_applied_once(line: Line) -> None:
    await line.start()
    await line.record((new_id(), 1))
    await line.until_heard(1)
    await line.until_sent()
    outbox = line.roster.kernel.outbox
    async with line.roster.reading() as conn:
        row = (await conn.execute(select(outbox))).one()
    for _ in range(3):
        await line.transport.publish([Message(row.event_id, row.type, row.body)])
    await line.record((new_id(), 1))
    await line.until_heard(2)
    assert len(await line.heard()) == 2


async def test_an_event_nobody_hears_counts_as_sent(line: Line) -> None:
    await line.start()
    message = Message(new_id(), "roster.nothing.happened.v1", b"{}")
    assert await line.transport.publish([message]) == {message.id}


async def test_stopping_finishes_the_batch_under_way(line: Line) -> None:
    begun = asyncio.Event()

    async def take_a_while(work: Work, event: TeamChanged) -> None:
        begun.set()
        await asyncio.sleep(0.3)

    await line.start(notify=take_a_while)
    await line.record((new_id(), 1))
    await begun.wait()
    await line.stop()
    assert len(await line.heard()) == 1
    await line.start()
    await line.record((new_id(), 1))
    await line.until_heard(2)
    assert len(await line.heard()) == 2, "what was finished does not come again"


async def test_what_is_recorded_while_nobody_works_arrives_later(line: Line) -> None:
    await line.record(*((new_id(), 1) for _ in range(1200)))
    assert await line.unsent() == 1200
    await line.start()
    await line.until_heard(1200)
    await line.until_sent()
