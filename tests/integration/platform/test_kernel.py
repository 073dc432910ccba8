"""The kernel's first promise: what a command records reaches the other service's handler exactly once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from shared.contracts.roster import TeamChanged
from shared.platform.consumer import Consumer
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
