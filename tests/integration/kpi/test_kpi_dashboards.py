"""One endpoint for each picture of a dashboard, over HTTP, and the stream for a wallboard."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import uvicorn

from deploy.ports import free_port
from shared.contracts.cases import ContactFact, ContactRecorded
from shared.platform.ids import new_id
from tests.conftest import ManualClock
from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.integration.kpi.floor import KPI, MARCH, ask, calls, three_agents
from tests.unit.kpi.samples import NOON, TEAM, contact


async def test_today_shows_exceptions_first_with_their_targets(desk: Desk, clock: ManualClock) -> None:
    clock.move_to(NOON)
    await three_agents(desk)
    for metric, value in (("answer_rate", 80), ("asa", 5)):
        body = {"metric": metric, "value": value, "valid_from": "2026-01-01"}
        await ask(desk, "POST", "targets", status=201, json=body)
    found = await ask(desk, "GET", "dashboards/today")
    first = found["items"][0]
    assert (first["metric"], first["exception"], first["tier"]) == ("asa", True, "below")
    rate = next(item for item in found["items"] if item["metric"] == "answer_rate")
    assert (rate["value"], rate["denominator"], rate["exception"]) == (pytest.approx(180 * 100 / 205), 205, False)
    nothing = next(item for item in found["items"] if item["metric"] == "csat")
    assert nothing["value"] is None
    assert found["as_of"]


async def test_a_teams_today_is_of_its_own_figures_and_its_own_targets(desk: Desk, clock: ManualClock) -> None:
    """The centre is well at 90 % of 200; the other team answered half of its twenty and its target is its own."""
    clock.move_to(NOON)
    other = {"team_id": UUID(int=2), "team_name": "热线二组"}
    await desk.hears(recorded(calls("A001", 170, 10, first=0) + calls("A002", 10, 10, first=500, **other)))
    await desk.hears(recorded(calls("A002", 0, 50, first=900, queued_at=NOON - timedelta(days=1), **other)))
    for group_by, group, value in (("centre", None, 90), ("team", None, 95), ("team", str(UUID(int=2)), 40)):
        body = {"metric": "answer_rate", "group_by": group_by, "group": group, "value": value}
        await ask(desk, "POST", "targets", status=201, json=body | {"valid_from": "2026-01-01"})
    seen = {}
    for team in ("", str(TEAM), str(UUID(int=2))):
        items = (await ask(desk, "GET", "dashboards/today", params={"team": team} if team else {}))["items"]
        rate = next(item for item in items if item["metric"] == "answer_rate")
        seen[team] = (rate["numerator"], rate["denominator"], rate["target"], rate["tier"], rate["exception"])
    assert seen == {
        "": (180, 200, 90, "good", False),
        str(TEAM): (170, 180, 95, "ok", False),
        str(UUID(int=2)): (10, 20, 40, "excellent", False),
    }


async def test_today_tells_how_many_alerts_are_raised(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    clock.move_to(NOON)
    rule = {"name": "接通率", "metric": "answer_rate", "threshold": 80, "for_minutes": 0, "window_minutes": 15}
    await ask(desk, "POST", "alert-rules", status=201, json=rule)
    assert (await ask(desk, "GET", "dashboards/today"))["open_alert_count"] == 0
    await desk.hears(recorded(calls("A001", 5, 15, first=0)))
    await pass_time(NOON + timedelta(minutes=10))
    assert (await ask(desk, "GET", "dashboards/today"))["open_alert_count"] == 1
    await desk.hears(recorded(calls("A001", 20, 0, first=500, queued_at=NOON + timedelta(minutes=15))))
    await pass_time(NOON + timedelta(minutes=25))
    assert (await ask(desk, "GET", "dashboards/today"))["open_alert_count"] == 0


async def test_the_heatmap_adds_up_to_the_metric(desk: Desk) -> None:
    await three_agents(desk)
    evening = NOON + timedelta(days=1, hours=7)
    await desk.hears(recorded(calls("A001", 1, 3, first=7000, queued_at=evening)))
    sunday = NOON - timedelta(days=1)
    await desk.hears(recorded(calls("A001", 1, 1, first=7500, queued_at=sunday)))
    found = await ask(desk, "GET", "dashboards/heatmap/answer_rate", params=MARCH)
    cells = {(cell["weekday"], cell["hour"]): cell for cell in found["cells"]}
    assert cells.keys() == {(weekday, hour) for weekday in range(1, 8) for hour in range(24)}
    assert (cells[7, 12]["numerator"], cells[7, 12]["denominator"]) == (1, 2)
    assert (cells[1, 12]["value"], cells[2, 19]["value"]) == (pytest.approx(180 * 100 / 205), 25)
    assert cells[3, 12]["value"] is None
    whole = await desk.point("answer_rate", from_="2026-03-01", to="2026-03-31")
    assert sum(cell["denominator"] for cell in found["cells"]) == whole["denominator"]
    refused = await desk.manager.get(f"{KPI}/dashboards/heatmap/asa_p90", params=MARCH)
    assert refused.json()["code"] == "metric-not-additive"


async def test_a_distribution_counts_every_duration_once(desk: Desk) -> None:
    await desk.hears(recorded([contact(n, wait=1 + n % 60) for n in range(600)]))
    found = await ask(desk, "GET", "dashboards/distribution/asa_p90", params=MARCH)
    assert found["count"] == 600
    assert len(found["bars"]) <= 40
    assert found["bars"][0]["from_seconds"] <= 1
    below = 0
    for bar, following in zip(found["bars"], [*found["bars"][1:], None], strict=True):
        below += bar["count"]
        assert below == sum(1 + n % 60 < bar["to_seconds"] for n in range(600))
        assert following is None or following["from_seconds"] == bar["to_seconds"]
    refused = await desk.manager.get(f"{KPI}/dashboards/distribution/answer_rate", params=MARCH)
    assert refused.json()["code"] == "metric-without-distribution"


async def test_a_trend_shows_each_steps_target_in_force(desk: Desk) -> None:
    await three_agents(desk)
    body = {"metric": "answer_rate", "value": 80, "valid_from": "2026-03-02"}
    target = await ask(desk, "POST", "targets", status=201, json=body)
    round_ = {"value": 88, "valid_from": "2026-03-03"}
    await ask(desk, "PATCH", f"targets/{target['target_id']}", json=round_, headers={"If-Match": '"1"'})
    asked = {"from": "2026-03-01", "to": "2026-03-03", "grain": "day"}
    found = await ask(desk, "GET", "dashboards/trend/answer_rate", params=asked)
    assert [(point["on"], point["target"]) for point in found["points"]] == [
        ("2026-03-01", None),
        ("2026-03-02", 80),
        ("2026-03-03", 88),
    ]
    assert [point["value"] for point in found["points"]] == [None, pytest.approx(180 * 100 / 205), None]
    of_agents = {"metric": "answer_rate", "group_by": "agent", "value": 70, "valid_from": "2026-01-01"}
    await ask(desk, "POST", "targets", status=201, json=of_agents)
    found = await ask(desk, "GET", "dashboards/trend/answer_rate", params=asked | {"agent": "A002"})
    assert [(point["value"], point["target"]) for point in found["points"]] == [(None, 70), (80, 70), (None, 70)]


async def test_a_trend_of_a_group_has_the_groups_target_and_a_part_of_a_group_has_none(desk: Desk) -> None:
    await desk.hears(recorded(calls("A001", 8, 2, first=0, queue="billing")))
    for group_by, group, value in (("centre", None, 90), ("queue", "billing", 75), ("agent", None, 70)):
        body = {"metric": "answer_rate", "group_by": group_by, "group": group, "value": value}
        await ask(desk, "POST", "targets", status=201, json=body | {"valid_from": "2026-01-01"})
    day = {"from": "2026-03-02", "to": "2026-03-02"}
    for group, target in (
        ({}, 90),
        ({"queue": "billing"}, 75),
        ({"agent": "A001"}, 70),
        ({"agent": "A001", "queue": "billing"}, None),
        ({"channel": "phone"}, None),
        ({"without": "topic"}, None),
    ):
        [point] = (await ask(desk, "GET", "dashboards/trend/answer_rate", params=day | group))["points"]
        assert (point["value"], point["target"]) == (80, target), group


async def test_the_quadrant_places_every_agent(desk: Desk) -> None:
    await three_agents(desk)
    await desk.hears(recorded(calls("A001", 10, 0, first=9000, talk_seconds=100.0)))
    await desk.hears(recorded(calls("A002", 10, 0, first=9100, talk_seconds=300.0)))
    found = await ask(desk, "GET", "quadrant", params=MARCH)
    places = {spot["staff_no"]: spot["quadrant"] for spot in found["items"]}
    assert places == {"A001": "swift_busy", "A002": "thorough_quiet"}
    seconds = {spot["staff_no"]: (spot["handle_seconds"], spot["contacts"]) for spot in found["items"]}
    assert seconds == {"A001": (100, 105), "A002": (300, 90)}
    sides = {spot["staff_no"]: (spot["handle_numerator"], spot["handle_denominator"]) for spot in found["items"]}
    assert sides == {"A001": (1000, 10), "A002": (3000, 10)}
    assert found["definition_versions"] == {"aht": 1, "contacts_handled": 1}


@pytest.fixture
async def origin(desk: Desk) -> AsyncIterator[str]:
    """kpi served on a real port: httpx's in-process transport would wait for the end of a stream."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(desk.api.app, port=port, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


async def test_the_wallboard_streams_todays_figures_stamped(desk: Desk, clock: ManualClock, origin: str) -> None:
    clock.move_to(NOON)
    await three_agents(desk)
    async with (
        httpx.AsyncClient(base_url=origin, headers=desk.manager.headers) as client,
        client.stream("GET", f"{KPI}/dashboards/wallboard", params={"every": 1}) as answer,
    ):
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        lines = answer.aiter_lines()
        first = [await anext(lines) for _ in range(4)]
        assert first[:2] == ["event: today", "id: 2026-03-02T01:00:00+00:00"]
        assert figure(first[2], "answer_rate")["denominator"] == 205
        assert [await anext(lines) for _ in range(2)] == [": nothing new", ""]
        await desk.hears([delivery_of(recorded_event(calls("A001", 1, 0, first=9900)), at=NOON)])
        async with asyncio.timeout(30):
            while (line := await anext(lines)) in (": nothing new", ""):
                pass
        assert line == "event: today"
        assert await anext(lines) == f"id: {NOON.isoformat()}"
        assert figure(await anext(lines), "answer_rate")["denominator"] == 206


def recorded_event(contacts: list[ContactFact]) -> ContactRecorded:
    return ContactRecorded(batch_id=new_id(), contacts=tuple(contacts))


def figure(line: str, metric: str) -> dict[str, Any]:
    """A figure of what a wallboard was sent."""
    items = json.loads(line.removeprefix("data: "))["items"]
    found: dict[str, Any] = next(item for item in items if item["metric"] == metric)
    return found


async def test_a_zone_that_does_not_exist_is_refused_wherever_it_is_asked(desk: Desk) -> None:
    for path in ("dashboards/today", "dashboards/wallboard"):
        refused = await desk.manager.get(f"{KPI}/{path}", params={"tz": "Mars/Olympus"})
        assert (refused.status_code, refused.json()["code"]) == (422, "zone-unknown")
    body = {"metric": "answer_rate", **MARCH, "tz": "0" * 60}
    assert (await desk.manager.post(f"{KPI}/rankings:publish", json=body)).json()["code"] == "zone-unknown"


async def test_every_picture_is_answered_by_one_request_and_says_as_of_when_and_by_which_definition(
    desk: Desk, clock: ManualClock
) -> None:
    clock.move_to(NOON)
    await three_agents(desk)
    later = NOON + timedelta(minutes=3)
    await desk.hears([delivery_of(recorded_event(calls("A001", 2, 0, first=9900)), at=later)])
    for picture in (
        "dashboards/today",
        "dashboards/heatmap/answer_rate",
        "dashboards/distribution/asa_p90",
        "dashboards/trend/answer_rate",
        "quadrant",
        "rankings?metric=answer_rate",
        "targets/standings?metric=answer_rate&by=agent",
    ):
        path, _, more = picture.partition("?")
        period = {} if path == "dashboards/today" else MARCH
        found = await ask(desk, "GET", path, params=period | dict(pair.split("=") for pair in more.split("&") if pair))
        assert found["as_of"] == "2026-03-02T04:03:00Z", picture
        of = found["items"][0] if path == "dashboards/today" else found
        versions = of["definition_versions"] if path == "quadrant" else {"": of["definition_version"]}
        assert set(versions.values()) == {1}, picture
