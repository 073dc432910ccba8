"""The watchdog: no open loop is silent, and when the ladders themselves stand still, people hear of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.notify.watchdog import Watchdog
from shared.contracts.notify import WatchdogAlarmed
from tests.conftest import START
from tests.integration.notify.conftest import Centre, a_change, an_agent

LATE = START + timedelta(hours=4, minutes=6)


@pytest.fixture
async def watchdog(centre: Centre) -> Watchdog:
    """A watchdog over an open question, and a manager to alarm."""
    await centre.hear(an_agent("M001", name="吴经理", roles=("manager",)))
    await centre.hear(a_change())
    await centre.settle()
    return Watchdog(centre.database, look_seconds=0)


async def alarms(centre: Centre) -> list[WatchdogAlarmed]:
    return [event for event in await centre.published() if isinstance(event, WatchdogAlarmed)]


async def test_a_late_rung_is_alarmed_once_an_hour_until_it_is_over(centre: Centre, watchdog: Watchdog) -> None:
    assert [await watchdog.look() for _ in range(3)] == [0, 0, 0]
    centre.clock.move_to(LATE)
    assert await watchdog.look() == 0, "the timers may be about to fire"
    assert [await watchdog.look() for _ in range(3)] == [1, 0, 0]
    [alarm] = await alarms(centre)
    assert (alarm.late_rung_count, alarm.without_timer_count, alarm.told_staff_nos) == (1, 0, ("M001",))
    centre.clock.move_to(LATE + timedelta(hours=1))
    assert await watchdog.look() == 1
    assert [alarm.raised_at for alarm in await alarms(centre)] == [LATE, LATE]
    told = await centre.messages("M001", occasion="alarm")
    assert [message["title"] for message in told] == ["回音告警：催办没有按时进行"] * 2
    await centre.settle()
    assert await watchdog.look() == 1
    assert (await watchdog.look(), len(await alarms(centre))) == (0, 2)


async def test_a_question_that_lost_its_timer_is_alarmed(centre: Centre, watchdog: Watchdog) -> None:
    async with centre.database.work() as work:
        await work.conn.execute(work.kernel.timers.delete())
    await watchdog.look()
    assert await watchdog.look() == 1
    assert (await alarms(centre))[0].without_timer_count == 1


async def test_two_watchdogs_alarm_once(centre: Centre, watchdog: Watchdog) -> None:
    other = Watchdog(centre.database, look_seconds=0)
    centre.clock.move_to(LATE)
    for dog in (watchdog, other, watchdog, other):
        await dog.look()
    assert len(await alarms(centre)) == 1


async def test_readiness_and_figures_show_what_is_late(centre: Centre, watchdog: Watchdog) -> None:
    centre.clock.move_to(LATE)
    assert (await centre.anyone.get("/readyz")).status_code == 503
    seen = (await centre.lead.get("/notify/v1/watchdog")).json()
    assert (seen["lateness_seconds"], seen["waiting"]) == (360, {})
    await watchdog.look()
    figures = (await centre.anyone.get("/metrics")).text
    assert "ringback_notify_late_rungs 1.0" in figures
    assert "ringback_notify_lateness_seconds 360.0" in figures
    assert 'ringback_notify_attempts_total{channel="inbox",code="",outcome="delivered"}' in figures
