"""Alerts over HTTP: raised once, resolved once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.kpi import AlertRaised, AlertResolved
from tests.conftest import ManualClock
from tests.integration.kpi.conftest import Desk, recorded
from tests.integration.kpi.floor import ask, calls, told
from tests.unit.kpi.samples import HOUR, NOON, TEAM


async def test_an_alert_is_raised_once_and_resolved_once(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    clock.move_to(NOON)
    rule = {"name": "接通率", "metric": "answer_rate", "group_by": "team", "threshold": 80, "least_n": 10}
    made = await ask(desk, "POST", "alert-rules", status=201, json=rule | {"clear_at": 90, "window_minutes": 30})
    assert (made["direction"], made["clear_at"]) == ("below", 90)
    await desk.hears(recorded(calls("A001", 5, 15, first=0, queued_at=NOON + timedelta(minutes=1))))
    await pass_time(NOON + timedelta(minutes=10))
    assert (await ask(desk, "GET", "alerts"))["items"] == []
    await pass_time(NOON + timedelta(minutes=29))
    [raised] = (await ask(desk, "GET", "alerts", params={"state": "raised"}))["items"]
    assert (raised["group"], raised["value"], raised["n"]) == (str(TEAM), 25, 20)
    later = NOON + timedelta(minutes=50)
    await desk.hears(recorded(calls("A001", 40, 0, first=500, queued_at=later)))
    await pass_time(NOON + timedelta(minutes=90))
    [resolved] = (await ask(desk, "GET", "alerts"))["items"]
    assert resolved["state"] == "resolved"
    assert len(await told(desk, AlertRaised)) == 1
    assert len(await told(desk, AlertResolved)) == 1


async def test_a_rule_that_is_switched_off_watches_no_more(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    clock.move_to(NOON)
    rule = {"name": "接通率", "metric": "answer_rate", "threshold": 80, "least_n": 10, "for_minutes": 0}
    made = await ask(desk, "POST", "alert-rules", status=201, json=rule)
    path = f"alert-rules/{made['rule_id']}"
    await ask(desk, "PATCH", path, json={"active": False}, headers={"If-Match": '"1"'})
    await desk.hears(recorded(calls("A001", 5, 15, first=0, queued_at=NOON + timedelta(minutes=1))))
    await pass_time(NOON + HOUR)
    assert (await ask(desk, "GET", "alerts"))["items"] == []


async def test_an_alert_does_not_stay_raised_when_nobody_watches_any_more(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    clock.move_to(NOON)
    rule = {"name": "接通率", "metric": "answer_rate", "threshold": 80, "least_n": 10, "for_minutes": 0}
    made = await ask(desk, "POST", "alert-rules", status=201, json=rule)
    await desk.hears(recorded(calls("A001", 5, 15, first=0, queued_at=NOON + timedelta(minutes=1))))
    await pass_time(NOON + timedelta(minutes=10))
    assert [alert["state"] for alert in (await ask(desk, "GET", "alerts"))["items"]] == ["raised"]
    path = f"alert-rules/{made['rule_id']}"
    await ask(desk, "PATCH", path, json={"active": False}, headers={"If-Match": '"1"'})
    assert [alert["state"] for alert in (await ask(desk, "GET", "alerts"))["items"]] == ["resolved"]
    assert len(await told(desk, AlertResolved)) == 1


QUARTER = timedelta(minutes=15)


@pytest.fixture
def quarters(desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]) -> Callable[..., Any]:
    """Twenty calls in each quarter hour from noon on, so many percent of them answered: what was told after each."""

    async def told_after(*rates: int, calls_each: int = 20) -> list[int]:
        clock.move_to(NOON)
        for number, rate in enumerate(rates):
            good = calls_each * rate // 100
            at = {"first": 100 * number, "queued_at": NOON + number * QUARTER}
            await desk.hears(recorded(calls("A001", good, calls_each - good, **at)))
        counts = []
        for number in range(1, len(rates) + 1):
            await pass_time(NOON + number * QUARTER - timedelta(minutes=1))
            counts.append(len(await told(desk, AlertRaised)) - len(await told(desk, AlertResolved)))
        return counts

    return told_after


BELOW_80 = {
    "name": "接通率",
    "metric": "answer_rate",
    "threshold": 80,
    "clear_at": 90,
    "window_minutes": 15,
    "least_n": 10,
}


async def test_between_the_threshold_and_where_it_is_well_again_nothing_is_raised_and_nothing_resolved(
    desk: Desk, quarters: Callable[..., Any]
) -> None:
    await ask(desk, "POST", "alert-rules", status=201, json=BELOW_80 | {"for_minutes": 0})
    assert await quarters(85, 25, 85, 75, 85, 95, 85) == [0, 1, 1, 1, 1, 0, 0]
    assert [len(await told(desk, type_)) for type_ in (AlertRaised, AlertResolved)] == [1, 1]
    [raised], [resolved] = await told(desk, AlertRaised), await told(desk, AlertResolved)
    assert (raised.value, resolved.value, raised.alert_id) == (25, 95, resolved.alert_id)


async def test_what_is_bad_for_less_than_the_rules_time_raises_nothing(
    desk: Desk, quarters: Callable[..., Any]
) -> None:
    await ask(desk, "POST", "alert-rules", status=201, json=BELOW_80 | {"for_minutes": 20})
    assert await quarters(25, 95, 25, 95, 25, 25) == [0, 0, 0, 0, 0, 1]


async def test_fewer_facts_than_the_rule_wants_raise_nothing(desk: Desk, quarters: Callable[..., Any]) -> None:
    await ask(desk, "POST", "alert-rules", status=201, json=BELOW_80 | {"for_minutes": 0, "least_n": 11})
    assert await quarters(0, 0, 0, calls_each=10) == [0, 0, 0]
    assert (await ask(desk, "GET", "alerts"))["items"] == []


async def test_a_rule_may_watch_one_group_and_each_group_rings_by_itself(
    desk: Desk, quarters: Callable[..., Any]
) -> None:
    of_agents = BELOW_80 | {"for_minutes": 0, "group_by": "agent"}
    other = await ask(desk, "POST", "alert-rules", status=201, json=of_agents | {"group": "A002"})
    every = await ask(desk, "POST", "alert-rules", status=201, json=of_agents)
    await desk.hears(recorded(calls("A002", 20, 0, first=9000)))
    assert await quarters(25) == [1]
    [alert] = (await ask(desk, "GET", "alerts"))["items"]
    assert (alert["rule_id"], alert["group"], alert["group_name"]) == (every["rule_id"], "A001", "林晓梅")
    assert (await ask(desk, "GET", "alerts", params={"rule_id": other["rule_id"]}))["items"] == []


@pytest.mark.parametrize("group_by", ["centre", "team", "agent", "queue"])
async def test_an_alert_says_where_its_value_opens_and_the_facts_there_add_up_to_it(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any], group_by: str
) -> None:
    clock.move_to(NOON)
    await ask(desk, "POST", "alert-rules", status=201, json=BELOW_80 | {"for_minutes": 0, "group_by": group_by})
    bad = {"agent": "A001", "team_id": TEAM, "queue": "vip & 账单"}
    well = {"team_id": UUID(int=2), "team_name": "计费组", "queue": "hotline"}
    for quarter, answered in ((-1, 20), (0, 5)):
        at = {"first": 500 * (quarter + 1), "queued_at": NOON + quarter * QUARTER}
        await desk.hears(recorded(calls("A001", answered, 20 - answered, **at, **bad)))
    if group_by != "centre":
        await desk.hears(recorded(calls("A002", 20, 0, first=2000, **well)))
    await pass_time(NOON + timedelta(minutes=10))
    await desk.hears(recorded(calls("A001", 20, 0, first=3000, queued_at=NOON + QUARTER, **bad)))
    [alert] = (await ask(desk, "GET", "alerts"))["items"]
    assert (alert["window_from"], alert["window_to"]) == ("2026-03-02T04:00:00Z", "2026-03-02T04:15:00Z")
    page = await desk.manager.get(alert["facts"])
    assert page.status_code == 200, page.text
    top, beneath = (sum(fact[side] for fact in page.json()["items"]) for side in ("numerator", "denominator"))
    assert (alert["value"], alert["n"]) == (100 * top / beneath, beneath) == (25, 20)


async def test_an_alert_that_nobody_watches_any_more_keeps_the_window_of_its_value(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    clock.move_to(NOON)
    made = await ask(desk, "POST", "alert-rules", status=201, json=BELOW_80 | {"for_minutes": 0})
    await desk.hears(recorded(calls("A001", 5, 15, first=0)))
    await pass_time(NOON + HOUR)
    await ask(desk, "PATCH", f"alert-rules/{made['rule_id']}", json={"active": False}, headers={"If-Match": '"1"'})
    [alert] = (await ask(desk, "GET", "alerts"))["items"]
    [event] = await told(desk, AlertResolved)
    assert (alert["state"], alert["value"], alert["window_from"]) == ("resolved", 25, "2026-03-02T04:00:00Z")
    assert (event.value, event.window_from, event.window_to) == (25, NOON, NOON + QUARTER)


async def test_left_out_what_is_bad_and_when_it_is_well_again_follow_from_the_metric(desk: Desk) -> None:
    for metric, threshold, direction, clear_at in (
        ("answer_rate", 80, "below", 84),
        ("answer_rate", 98, "below", 100),
        ("nps", -10, "below", -9.5),
        ("abandon_rate", 20, "above", 19),
    ):
        rule = {"name": metric, "metric": metric, "threshold": threshold}
        made = await ask(desk, "POST", "alert-rules", status=201, json=rule)
        assert (made["direction"], made["clear_at"]) == (direction, pytest.approx(clear_at))
    upside_down = {"name": "x", "metric": "answer_rate", "threshold": 80, "clear_at": 79}
    refused = await ask(desk, "POST", "alert-rules", status=422, json=upside_down)
    assert refused["code"] == "clear-at-beyond-threshold"


async def test_an_alert_above_its_threshold_rings_with_all_that_was_asked_of_it(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    clock.move_to(NOON)
    rule = {"name": "放弃率", "metric": "abandon_rate", "threshold": 20, "for_minutes": 0, "window_minutes": 15}
    await ask(desk, "POST", "alert-rules", status=201, json=rule)
    await desk.hears(recorded(calls("A001", 15, 5, first=0)))
    await desk.hears(recorded(calls("A001", 5, 4, first=50, queued_at=NOON + QUARTER)))
    await pass_time(NOON + timedelta(minutes=14))
    [event] = await told(desk, AlertRaised)
    assert (event.rule_name, event.metric, event.direction, event.threshold) == ("放弃率", "abandon_rate", "above", 20)
    assert (event.value, event.n, event.window_from, event.window_to) == (25, 20, NOON, NOON + QUARTER)
