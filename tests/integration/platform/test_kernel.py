"""The kernel's first promise: what a command records reaches the other service's handler exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import anyio
import pytest

from shared.contracts.roster import TeamChanged
from shared.platform.consumer import Consumer
from shared.platform.db import driver_of
from shared.platform.embedded import EmbeddedTransport
from shared.platform.ids import new_id
from shared.platform.relay import Relay
from shared.platform.timers import Timekeeper, Timer, set_timers
from shared.platform.work import Database, Work
from tests.conftest import ManualClock


def team(team_id: UUID, name: str = "A") -> TeamChanged:
    return TeamChanged(team_id=team_id, code="A", name=name, zone="Asia/Shanghai")


async def test_a_recorded_event_reaches_its_handler_once(open_database: Callable[[str], Database]) -> None:
    roster, notify = open_database("roster"), open_database("notify")
    heard: list[TeamChanged] = []

    async def hear(work: Work, event: TeamChanged) -> None:
        heard.append(event)

    transport = EmbeddedTransport()
    transport.register(Consumer(notify, {TeamChanged: hear}), notify)
    async with roster.work() as work:
        work.record(team(new_id()), sequence=1)
        work.record(team(new_id()), sequence=1)
    relay = Relay(roster, transport)
    assert await relay.drain() == 2
    assert await relay.drain() == 0
    assert len(heard) == 2


async def test_a_timer_fires_once_at_its_time(open_database: Callable[[str], Database], clock: ManualClock) -> None:
    roster = open_database("roster")
    fired: list[Timer] = []

    async def fire(work: Work, timer: Timer) -> None:
        fired.append(timer)

    keeper = Timekeeper(roster, {"ping": fire})
    timer = Timer(kind="ping", subject_id=new_id(), due_at=clock.now() + timedelta(minutes=5), version=3)
    async with roster.work() as work:
        await set_timers(work, [timer])
    assert await keeper.fire_due() == 0
    clock.move_to(timer.due_at)
    assert await keeper.fire_due() == 1
    assert await keeper.fire_due() == 0
    assert fired == [timer]


@pytest.mark.parametrize("at", ["before", "during", "after"], ids=lambda at: f"{at} a statement")
async def test_whoever_is_cut_off_leaves_no_transaction_to_those_who_come_next(
    open_database: Callable[[str], Database], at: str
) -> None:
    roster = open_database("roster")

    async def work_and_be_cut_off() -> None:
        with anyio.CancelScope() as scope:  # cancels every wait, those of the cleaning-up too, as a lost client does
            async with roster.work() as work:
                driver = await driver_of(work.conn)
                await driver.execute("SET TRANSACTION READ ONLY")
                scope.cancel() if at == "before" else asyncio.get_running_loop().call_later(0.01, scope.cancel)
                await driver.execute("SELECT pg_sleep(0.02)" if at == "during" else "SELECT 1")
                await anyio.sleep(0.05)

    for _ in range(20):  # more often than the pool has connections
        await work_and_be_cut_off()
    for _ in range(20):
        async with roster.work() as work:
            work.record(team(new_id()), sequence=1)
    assert await Relay(roster, EmbeddedTransport()).drain() == 20
