"""The loops of a worker: woken by a commit, restarted when they fail, ended in order."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from uuid import UUID

from shared.contracts.roster import TeamChanged
from shared.platform.embedded import EmbeddedTransport
from shared.platform.ids import new_id
from shared.platform.tasks import being_cancelled, finish, together
from shared.platform.transport import Receiver
from shared.platform.wake import Bell
from shared.platform.work import Database, Work
from shared.platform.worker import Worker


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_a_commit_nudges_the_listener_long_before_it_polls(open_database: Callable[[str], Database]) -> None:
    roster = open_database("roster")
    bell = Bell("roster", roster.engine)
    listening = asyncio.create_task(bell.listen())
    async with asyncio.timeout(60):
        while not bell.ear("test").is_set():
            roster.wake.signal()
            await asyncio.sleep(0.05)
    await roster.wake.close()
    await asyncio.sleep(0.1)
    bell.ear("test").clear()
    begun = time.perf_counter()
    async with roster.work() as work:
        work.record(TeamChanged(team_id=new_id(), code="A", name="A", zone="Asia/Shanghai"), sequence=1)
    await bell.wait("test", 60)
    assert time.perf_counter() - begun < 50
    await ended(listening)


async def test_without_a_nudge_the_wait_ends_by_itself(open_database: Callable[[str], Database]) -> None:
    begun = time.perf_counter()
    await Bell("roster", open_database("roster").engine).wait("test", 0.1)
    assert 0.09 < time.perf_counter() - begun < 50


async def test_many_nudges_at_once_are_few_notifications(open_database: Callable[[str], Database]) -> None:
    roster = open_database("roster")
    heard = 0

    def count(*_: object) -> None:
        nonlocal heard
        heard += 1

    async with roster.reading() as conn:
        driver = (await conn.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.add_listener("ringback_roster", count)
        for _ in range(100):
            roster.wake.signal()
        async with asyncio.timeout(60):
            while not heard:
                await asyncio.sleep(0.05)
        await roster.wake.close()
        await asyncio.sleep(0.1)
        await driver.remove_listener("ringback_roster", count)
    assert 1 <= heard <= 3


class Flaky(EmbeddedTransport):
    """A transport whose receiving loop ends as a driver's does at first: in an error, then in a stray cancellation."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[BaseException] = [RuntimeError("lost"), asyncio.CancelledError()]
        self.consuming = asyncio.Event()

    async def consume(self, receiver: Receiver) -> None:
        if self.ends:
            raise self.ends.pop(0)
        self.consuming.set()
        await super().consume(receiver)


async def test_a_loop_that_fails_or_is_cancelled_from_below_is_started_again(
    open_database: Callable[[str], Database],
) -> None:
    transport = Flaky()
    working = asyncio.create_task(Worker(open_database("notify"), transport, handlers={}, timers_={}).run())
    await asyncio.wait_for(transport.consuming.wait(), 20)
    await ended(working)
    assert working.cancelled()


async def test_a_worker_under_nudges_ends_when_it_is_told_to(open_database: Callable[[str], Database]) -> None:
    roster, notify = open_database("roster"), open_database("notify")
    heard: list[UUID] = []

    async def hear(work: Work, event: TeamChanged) -> None:
        heard.append(event.team_id)

    transport = EmbeddedTransport()
    listener = Worker(notify, transport, handlers={TeamChanged: hear}, timers_={})
    transport.register(listener.consumer, notify)
    working = asyncio.create_task(Worker(roster, transport, handlers={}, timers_={}).run())
    for _ in range(50):
        async with roster.work() as work:
            work.record(TeamChanged(team_id=new_id(), code="A", name="A", zone="Asia/Shanghai"), sequence=1)
    await asyncio.wait_for(ended(working), 15)


async def test_what_runs_together_ends_together() -> None:
    calm = asyncio.Event()

    async def fail() -> None:
        raise RuntimeError("first")

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            calm.set()

    with contextlib.suppress(RuntimeError):
        await together(wait(), fail())
    assert calm.is_set()
    assert not being_cancelled()


async def test_a_turn_under_way_is_finished_before_the_end() -> None:
    done: list[str] = []
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def turn() -> None:
        begun.set()
        await go_on.wait()
        done.append("turn")

    task: asyncio.Task[None] = asyncio.create_task(finish(turn()))
    await begun.wait()
    asyncio.get_running_loop().call_later(0.05, go_on.set)
    await ended(task)
    assert done == ["turn"]
    assert task.cancelled()
