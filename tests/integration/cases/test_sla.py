"""Service levels over HTTP, with the clock in hand."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from services.cases.commands.sla import SLA, mark_clocks
from services.cases.consumers import TIMERS
from shared.contracts.cases import SlaActivated, SlaBreached, SlaFulfilled, SlaWarned
from shared.platform.timers import Timekeeper, Timer, Together
from shared.platform.work import Work
from tests.integration.cases.handoff_floor import Floor, said

POLICY = {
    "code": "gold",
    "name": "金牌时限",
    "targets": [
        {"target": "first_response", "minutes": 60},
        {"target": "resolution", "minutes": 240},
        {"target": "resolution", "minutes": 120, "quadrant": 1},
    ],
    "escalate_after_minutes": [60],
}


async def policy(floor: Floor, **changes: Any) -> Any:
    """A policy of its own for consultations."""
    found = said(await floor.manager.post("/cases/v1/sla-policies", json=POLICY | changes), 201)
    types = said(await floor.manager.get("/cases/v1/case-types"))["items"]
    [consult] = [one for one in types if one["code"] == "consult"]
    said(
        await floor.manager.patch(
            "/cases/v1/case-types/consult",
            json={"sla_policy": "gold"},
            headers={"If-Match": f'"{consult["version"]}"'},
        )
    )
    return found


async def clocks(floor: Floor, case: Any) -> dict[str, Any]:
    """The newest clock of each target."""
    found = await floor.read(f"/cases/{case['case_id']}/sla")
    return {clock["target"]: clock for clock in found["clocks"]}


async def test_opening_starts_the_clocks_of_the_types_policy(floor: Floor) -> None:
    await policy(floor)
    case = await floor.case()
    found = await clocks(floor, case)
    assert {name: one["due_at"] for name, one in found.items()} == {
        "first_response": "2026-03-02T02:00:00Z",
        "resolution": "2026-03-02T05:00:00Z",
    }
    assert (found["resolution"]["policy"], found["resolution"]["policy_version"]) == ("gold", 1)
    assert case["due_at"] == "2026-03-02T02:00:00Z"
    started = await floor.events(SlaActivated)
    assert {event.target for event in started} == {"first_response", "resolution"}
    assert {(event.calendar, event.calendar_version) for event in started} == {("standard", 1)}


async def test_a_clock_warns_breaches_and_escalates_each_once_at_its_time(floor: Floor) -> None:
    await policy(floor)
    await floor.case()
    await floor.at("2026-03-02T17:00:00")
    warned = {(one.target, one.percent): one.warned_at.isoformat()[11:16] for one in await floor.events(SlaWarned)}
    assert warned == {("first_response", 75): "01:45", ("resolution", 75): "04:00"}
    breached = [(one.target, one.level, one.breached_at.isoformat()[11:16]) for one in await floor.events(SlaBreached)]
    assert breached == [
        ("first_response", 1, "02:00"),
        ("first_response", 2, "03:00"),
        ("resolution", 1, "05:00"),
        ("resolution", 2, "06:00"),
    ]


async def test_targets_go_by_priority_and_tier(floor: Floor) -> None:
    vip = {"target": "resolution", "minutes": 30, "tier": "vip"}
    await policy(floor, targets=[*POLICY["targets"], vip])
    customer = said(await floor.manager.post("/cases/v1/customers", json={"name": "李总", "tier": "vip"}), 201)
    plain, urgent = await floor.case(), await floor.case(urgency="high", importance="high")
    theirs = await floor.case(customer_id=customer["customer_id"])
    minutes = [(await clocks(floor, case))["resolution"]["target_seconds"] / 60 for case in (plain, urgent, theirs)]
    assert minutes == [240, 120, 30]


async def test_each_word_to_the_customer_starts_the_time_of_the_next(floor: Floor) -> None:
    await policy(floor, targets=[{"target": "next_update", "minutes": 60}])
    case = await floor.case()
    assert (await clocks(floor, case))["next_update"]["due_at"] == "2026-03-02T02:00:00Z"
    await floor.wait(minutes=20)
    await floor.act("A1", f"/cases/{case['case_id']}/customer-notices", 201, channel="phone", text="已在查件")
    assert (await clocks(floor, case))["next_update"]["due_at"] == "2026-03-02T02:20:00Z", "an hour from the word"
    [met] = await floor.events(SlaFulfilled)
    assert (met.target, met.met) == ("next_update", True)
    await floor.wait(minutes=61)
    [late] = await floor.events(SlaBreached)
    assert late.breached_at.isoformat()[11:16] == "02:20"
    await floor.act("A1", f"/cases/{case['case_id']}/resolve", resolution="找到了")
    assert (await clocks(floor, case))["next_update"]["state"] == "fulfilled", "no further word is due about it"


async def test_word_to_the_customer_is_the_first_response_and_assigning_is_not(floor: Floor) -> None:
    await policy(floor)
    case = await floor.case()
    path = f"/cases/{case['case_id']}"
    await floor.wait(minutes=10)
    said(await floor.person("L1").post(f"/cases/v1{path}/assign", json={"to": "A2"}))
    assert (await clocks(floor, case))["first_response"]["state"] == "running"
    await floor.wait(minutes=10)
    await floor.act("A2", f"{path}/customer-notices", 201, channel="phone", text="已在查件")
    [done] = await floor.events(SlaFulfilled)
    assert (done.target, done.counted_seconds, done.met) == ("first_response", 1200, True)


async def test_waiting_for_the_customer_stops_the_resolution_clock_and_says_why(floor: Floor) -> None:
    await policy(floor)
    case = await floor.case()
    path = f"/cases/{case['case_id']}"
    await floor.act("A1", f"{path}/customer-notices", 201, channel="phone", text="请提供单号")
    await floor.wait(minutes=30)
    await floor.act("A1", f"{path}/wait", **{"for": "customer", "until": "2026-03-06T10:00:00+08:00"})
    paused = (await clocks(floor, case))["resolution"]
    assert (paused["state"], paused["due_at"], paused["counted_seconds"]) == ("paused", None, 1800)
    await floor.at("2026-03-03T10:00:00")
    assert await floor.events(SlaWarned, SlaBreached) == []
    await floor.act("A1", f"{path}/wait", **{"for": None})
    resumed = (await clocks(floor, case))["resolution"]
    assert resumed["due_at"] == "2026-03-03T05:30:00Z"
    assert [(one["counted"], one["why"]) for one in resumed["intervals"]] == [
        (True, "working_hours"),
        (False, "waiting_customer"),
    ]


async def test_reassigning_and_reopening_keep_what_was_counted(floor: Floor) -> None:
    await policy(floor)
    case = await floor.case()
    path = f"/cases/{case['case_id']}"
    await floor.wait(minutes=30)
    await floor.act("A1", f"{path}/transfer", to="B1", reason_code="skill")
    await floor.wait(minutes=30)
    assert (await clocks(floor, case))["resolution"]["counted_seconds"] == 3600
    await floor.act("B1", f"{path}/resolve", resolution="找到了")
    await floor.wait(hours=1)
    await floor.act("B1", f"{path}/reopen", reason="客户说没收到")
    await floor.wait(minutes=30)
    again = (await clocks(floor, case))["resolution"]
    assert (again["state"], again["cycle"], again["counted_seconds"]) == ("running", 2, 5400)


async def test_open_clocks_follow_a_new_version_of_their_policy_and_keep_their_time(floor: Floor) -> None:
    made = await policy(floor)
    case = await floor.case()
    await floor.wait(minutes=30)
    changed = said(
        await floor.manager.patch(
            f"/cases/v1/sla-policies/{made['policy_id']}",
            json={"targets": [{"target": "resolution", "minutes": 600}]},
            headers={"If-Match": '"1"'},
        )
    )
    assert changed["version"] == 2
    await floor.wait(minutes=30)
    found = await clocks(floor, case)
    assert found["first_response"]["state"] == "fulfilled", "its target is gone"
    resolution = found["resolution"]
    assert (resolution["policy_version"], resolution["counted_seconds"]) == (2, 3600)
    assert resolution["due_at"] == "2026-03-03T02:00:00Z", "ten hours from nine"
    case_now = await floor.read(f"/cases/{case['case_id']}")
    assert case_now["due_at"] == resolution["due_at"]
    stale = await floor.manager.patch(
        f"/cases/v1/sla-policies/{made['policy_id']}", json={"name": "x"}, headers={"If-Match": '"1"'}
    )
    assert said(stale, 412)["code"] == "stale-version"


async def test_a_holiday_added_to_a_calendar_moves_open_clocks_later(floor: Floor) -> None:
    await policy(floor)
    [standard] = said(await floor.manager.get("/cases/v1/calendars?code=standard"))["items"]
    case = await floor.case()
    await floor.at("2026-03-02T11:00:00")
    said(
        await floor.manager.patch(
            f"/cases/v1/calendars/{standard['calendar_id']}",
            json={"overrides": [{"on": "2026-03-02", "windows": [{"start": "09:00", "end": "12:00"}], "name": "半天"}]},
            headers={"If-Match": '"1"'},
        )
    )
    await floor.at("2026-03-02T11:30:00")
    assert (await clocks(floor, case))["resolution"]["due_at"] == "2026-03-03T02:00:00Z", "three today, one tomorrow"


async def test_a_team_works_by_the_calendar_that_lists_it(floor: Floor) -> None:
    nights = {
        "code": "nights",
        "name": "夜班",
        "windows": {"mon": [{"start": "22:00", "end": "06:00"}]},
        "holidays": False,
        "teams": ["T2"],
    }
    said(await floor.manager.post("/cases/v1/calendars", json=nights), 201)
    case = await floor.case()
    handoff = await floor.handoff(case)
    assert handoff["ack_due_at"] == "2026-03-02T15:00:00Z", "an hour after ten in the evening"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"windows": {}}, "windows"),
        (
            {"windows": {"mon": [{"start": "09:00", "end": "12:00"}, {"start": "11:00", "end": "13:00"}]}},
            "windows.mon.1",
        ),
        ({"windows": {"mon": [{"start": "9", "end": "12:00"}]}}, "windows.mon.0.start"),
        (
            {"windows": {"mon": [{"start": "09:00", "end": "18:00"}]}, "overrides": [{"on": "2026-05-01"}] * 2},
            "overrides.1.on",
        ),
        ({"windows": {"mon": [{"start": "09:00", "end": "18:00"}]}, "zone": "Mars/Base"}, "zone"),
    ],
)
async def test_an_unsound_calendar_is_refused_by_field(floor: Floor, body: dict[str, Any], field: str) -> None:
    answer = await floor.manager.post("/cases/v1/calendars", json={"code": "x", "name": "x", **body})
    problem = said(answer, 422)
    assert [error["field"] for error in problem["errors"]] == [field]
    assert problem["errors"][0]["message"]


async def test_policies_need_a_known_calendar_and_one_target_each(floor: Floor) -> None:
    twice = POLICY | {"targets": [{"target": "resolution", "minutes": 1}, {"target": "resolution", "minutes": 2}]}
    problem = said(await floor.manager.post("/cases/v1/sla-policies", json=twice), 422)
    assert problem["errors"][0]["code"] == "sla-target-twice"
    problem = said(await floor.manager.post("/cases/v1/sla-policies", json=POLICY | {"calendar": "none"}), 422)
    assert problem["errors"][0]["code"] == "calendar-unknown"
    said(await floor.manager.post("/cases/v1/sla-policies", json=POLICY), 201)
    assert said(await floor.manager.post("/cases/v1/sla-policies", json=POLICY), 409)["code"] == "sla-code-taken"


async def test_each_warning_and_breach_leaves_once_though_workers_die_and_two_work_at_once(floor: Floor) -> None:
    await policy(floor)
    for _ in range(12):
        await floor.case()
    floor.clock.move_to(datetime(2026, 3, 2, 8, 0, tzinfo=UTC))

    async def die(work: Work, timers: Sequence[Timer]) -> None:
        await mark_clocks(work, timers)
        raise asyncio.CancelledError  # as a killed process leaves it: done, and not committed

    with pytest.raises(asyncio.CancelledError):
        await Timekeeper(floor.database, {SLA: Together(die)}).fire_due()
    assert await floor.events(SlaWarned, SlaBreached) == []
    both = [Timekeeper(floor.database, TIMERS) for _ in range(2)]
    while sum(await asyncio.gather(*(keeper.fire_due() for keeper in both))):
        pass
    said_once = Counter(
        (event.clock_id, getattr(event, "level", 0)) for event in await floor.events(SlaWarned, SlaBreached)
    )
    assert set(said_once.values()) == {1}
    assert len(said_once) == 12 * 2 * 3, "both clocks of each case: warned, breached, escalated"
