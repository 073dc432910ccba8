"""Timers and people at the same rows at once: nobody hears of the deadlocks that come of it, and nothing is lost."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from services.roster.commands.publishing import EXPIRY
from services.roster.commands.shifts import SETTLEMENT
from services.roster.consumers import TIMERS
from shared.platform.timers import Timekeeper, Timer
from shared.platform.work import Work
from tests.conftest import ManualClock
from tests.integration.roster.centre import ROOT, Centre, day

ALL = ("A001", "A002", "A003")


def local(number: int, hour: int) -> datetime:
    return datetime.fromisoformat(f"{day(number)}T{hour:02}:00:00+08:00")


async def write(centre: Centre, roster_id: str, last: str) -> None:
    """Everybody works early on days 1 to 4, and `last` on day 5."""
    early = {day(number): "早" for number in range(1, 5)}
    await centre.draft(roster_id, {staff_no: {**early, day(5): last} for staff_no in ALL})


@pytest.fixture
async def roster_id(centre: Centre) -> str:
    """Confirmed by all."""
    made = await centre.roster(7)
    await write(centre, made, "早")
    for change in (await centre.publish(made))["changes"].values():
        await centre.confirm(change)
    return made


async def somebody_waits(work: Work) -> None:
    """Until another transaction waits for a lock."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    while not (await work.conn.execute(waiting)).scalar_one():
        await asyncio.sleep(0.01)


async def test_a_publication_and_the_timers_that_wait_for_each_other_both_come_through(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    """The timers hold the day's shifts and want the open change; the publication has it and wants the shifts."""
    clock.move_to(local(1, 10))
    await write(centre, roster_id, "晚")
    asked = (await centre.publish(roster_id, confirm_within_minutes=600))["changes"]["A001"]
    clock.move_to(local(1, 21))
    await write(centre, roster_id, "夜")

    async def settle_slowly(work: Work, timer: Timer) -> None:
        await TIMERS[SETTLEMENT](work, timer)
        await somebody_waits(work)

    timers = Timekeeper(centre.database, {SETTLEMENT: settle_slowly, EXPIRY: TIMERS[EXPIRY]})
    fired, published = await asyncio.gather(timers.fire_due(), centre.publish(roster_id))
    assert (fired, published["number"], sorted(published["changes"])) == (4, 3, list(ALL))
    change = await centre.change(asked["change_id"])
    assert (change["state"], change["resolution"]["action"]) == ("expired", "republished")
    assert len((await centre.get("/attendance", on=day(1)))["items"]) == 3
    await centre.worker().fire_due()
    assert (await centre.get("/watchdog"))["ok"]


async def test_publications_answers_and_timers_at_once_get_in_nobodys_way(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    for number in range(1, 5):
        clock.move_to(local(number, 10))
        await write(centre, roster_id, "晚" if number % 2 else "早")
        asked = (await centre.publish(roster_id, confirm_within_minutes=600))["changes"]
        clock.move_to(local(number, 20) - timedelta(seconds=1))
        await write(centre, roster_id, "夜")
        clock.move_to(local(number, 20))
        workers = [centre.worker().fire_due() for _ in range(2)]
        people = [
            *(confirm(centre, change) for change in asked.values()),
            *(centre.manager.post(f"{ROOT}/rosters/{roster_id}/publish", json={}) for _ in range(2)),
        ]
        answers = (await asyncio.gather(*workers, *people))[2:]
        assert {code_of(answer) for answer in answers} <= {
            *("done", "change-superseded", "change-expired", "change-already-answered", "nothing-to-publish")
        }
        assert len((await centre.get("/attendance", on=day(number)))["items"]) == 3
        assert (await centre.get("/watchdog"))["ok"]
    for staff_no in ALL:
        shift = await centre.shift(staff_no, day(5))
        assert shift["planned"]["code"] == "夜"


async def confirm(centre: Centre, change: dict[str, Any]) -> httpx.Response:
    path = f"{ROOT}/shift-changes/{change['change_id']}/confirm"
    return await centre.agent(change["staff_no"]).post(path, json={"channel": "console"})


def code_of(answer: httpx.Response) -> str:
    return "done" if answer.is_success else str(answer.json()["code"])
