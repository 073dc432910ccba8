"""Alerts over HTTP: raised once, resolved once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

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
    assert len(await told(desk, "kpi.alert.raised.v1")) == 1
    assert len(await told(desk, "kpi.alert.resolved.v1")) == 1


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
    assert len(await told(desk, "kpi.alert.resolved.v1")) == 1
