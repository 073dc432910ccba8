"""Any mixture of events, answers, dead channels and clock jumps: every open question has a timer, or it has ended."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.platform.ids import new_id
from tests.integration.notify.conftest import LEAD, Centre, a_team, an_agent
from tests.integration.notify.test_every_event import example, here, on_duty

ASKING = (
    "roster.shift_change.announced.v1",
    "cases.handoff.requested.v1",
    "cases.handoff.answered.v1",
    "cases.progress.requested.v1",
    "cases.promise.made.v1",
    "cases.complaint.raised.v1",
    "cases.problem.announced.v1",
    "cases.problem.updated.v1",
    "cases.topic.surged.v1",
    "kpi.alert.raised.v1",
)
ENDING = (
    "roster.shift_change.withdrawn.v1",
    "roster.shift_change.expired.v1",
    "cases.handoff.refused.v1",
    "cases.handoff.closed.v1",
    "cases.progress.answered.v1",
    "cases.promise.kept.v1",
    "cases.complaint.closed.v1",
    "cases.problem.fixed.v1",
    "cases.topic.acted.v1",
    "kpi.alert.resolved.v1",
)


async def something_said(centre: Centre, chance: random.Random, matters: dict[str, Any]) -> None:
    """An owner's word about one of a few matters, in no order at all."""
    type_ = chance.choice(ASKING + ENDING)
    event: Any = here(example(type_).data)
    kind = ".".join(type_.split(".")[:2])
    matter = matters.setdefault(f"{kind}{chance.randrange(2)}", new_id())
    await centre.hear(replace(event, **{event.subject_field: matter}), chance.randrange(1, 6))


async def something_answered(centre: Centre, chance: random.Random) -> None:
    """Somebody confirms or refuses; a question that cannot be answered any more says so."""
    asked = (await centre.manager.get("/notify/v1/acknowledgements", params={"state": "open"})).json()["items"]
    if asked:
        one = chance.choice(asked)
        body = chance.choice([{"answer": "confirm"}, {"answer": "refuse", "reason": "没空"}])
        path = f"/notify/v1/acknowledgements/{one['acknowledgement_id']}/answer"
        assert (await centre.agent(one["staff_no"]).post(path, json=body)).status_code in (200, 409)


async def somebody_gone(centre: Centre, chance: random.Random) -> None:
    """A lead is replaced, or somebody leaves."""
    number = chance.randrange(2, 9)
    if chance.random() < 0.5:
        await centre.hear(a_team(lead=chance.choice([LEAD, "L002", None])), number)
    else:
        left_on = centre.clock.now().date() - timedelta(days=1)
        await centre.hear(an_agent(chance.choice(["A001", LEAD]), left_on=left_on), number)


@pytest.mark.parametrize("seed", range(4))
async def test_nothing_open_stands_still(centre: Centre, seed: int) -> None:
    chance = random.Random(seed)
    matters: dict[str, Any] = {}
    await on_duty(centre)
    for _ in range(25):
        what = chance.random()
        if what < 0.55:
            await something_said(centre, chance, matters)
        elif what < 0.7:
            await something_answered(centre, chance)
        elif what < 0.8:
            await somebody_gone(centre, chance)
        else:
            await centre.move_to(centre.clock.now() + timedelta(minutes=chance.choice([1, 20, 90, 600])))
        watch = (await centre.manager.get("/notify/v1/watchdog")).json()
        assert watch["without_timer_count"] == 0
    await centre.move_to(centre.clock.now() + timedelta(days=400))
    for _ in range(15):  # each firing sets the next; a step far ahead climbs one rung at a time
        await centre.settle()
    watch = (await centre.manager.get("/notify/v1/watchdog")).json()
    assert (watch["open_count"], watch["without_timer_count"], watch["late_rung_count"]) == (0, 0, 0)
