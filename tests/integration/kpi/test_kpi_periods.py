"""A closed pay period: its figures stay known as they were, beside what became of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.kpi.domain.catalogue import CATALOGUE
from tests.conftest import ManualClock
from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.integration.kpi.whole_centre import corrections, deliveries
from tests.unit.kpi.samples import HOUR, NOON, announced, contact, settled
from tests.unit.kpi.test_case_facts import OPENED

LATER = datetime(2026, 4, 1, tzinfo=UTC)
MARCH = {"name": "三月", "from": "2026-03-01", "to": "2026-03-31"}


@pytest.fixture
async def march(desk: Desk, clock: ManualClock) -> str:
    """March, closed with two handled calls of A001 and one of A002, and a late shift."""
    told = [contact(1, rating=5), contact(2, rating=2), contact(3, agent="A002", agent_name="王强")]
    await desk.hears([*recorded(told), delivery_of(settled(deviation="late", cause="agent"))])
    clock.move_to(LATER)
    answer = await desk.manager.post("/kpi/v1/pay-periods", json=MARCH)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["period_id"])


async def closed(desk: Desk, period: str, metric: str, **params: str) -> list[dict[str, Any]]:
    answer = await desk.manager.get(f"/kpi/v1/pay-periods/{period}/metrics/{metric}", params=params)
    assert answer.status_code == 200, answer.text
    points: list[dict[str, Any]] = answer.json()["points"]
    return points


async def test_untouched_a_closed_period_says_the_same_twice(desk: Desk, march: str) -> None:
    [point] = await closed(desk, march, "contacts_handled")
    assert point["as_closed"] == point["now"] == {"value": 3, "numerator": 3, "denominator": 3}
    assert not point["adjusted"]


async def test_a_correction_after_closing_is_shown_beside_the_figure_that_was_paid(desk: Desk, march: str) -> None:
    await desk.hears(
        recorded([contact(1, version=2, answered=False, wait=70), contact(4), contact(9, queued_at=LATER)])
    )
    [point] = await closed(desk, march, "answer_rate")
    assert point["as_closed"] == {"value": 100, "numerator": 3, "denominator": 3}
    assert point["now"] == {"value": 75, "numerator": 3, "denominator": 4}
    assert point["adjusted"]
    groups = {
        point["group"]["agent"]: point["adjusted"] for point in await closed(desk, march, "answer_rate", by="agent")
    }
    assert groups == {"A001": True, "A002": False}
    [rating] = await closed(desk, march, "rating_mean", agent="A001")
    assert (rating["as_closed"]["value"], rating["now"]["value"]) == (3.5, 2)
    [wait] = await closed(desk, march, "asa_p50")
    assert (wait["as_closed"]["denominator"], wait["now"]["denominator"]) == (3, 3)
    assert not wait["adjusted"]


async def test_a_corrected_shift_leaves_both_versions_as_adjustments(desk: Desk, march: str) -> None:
    await desk.hears([delivery_of(settled(), sequence=2)])
    [point] = await closed(desk, march, "deviations")
    assert (point["as_closed"]["value"], point["now"]["value"]) == (1, 0)
    answer = await desk.manager.get(f"/kpi/v1/pay-periods/{march}/adjustments")
    changes = {item["change"]: item for item in answer.json()["items"]}
    assert changes["out"]["measures"]["deviations_by_agent"] == 1
    assert (changes["in"]["measures"]["deviations"], changes["in"]["fact_version"]) == (0, 2)
    assert changes["in"]["noted_at"] == "2026-04-01T00:00:00Z"


async def test_every_metric_of_a_closed_period_stays_known_as_it_was_whatever_is_told_later(
    desk: Desk, clock: ManualClock
) -> None:
    await desk.hears(deliveries())
    clock.move_to(LATER)
    days = {"from_": MARCH["from"], "to": MARCH["to"]}
    period = (await desk.manager.post("/kpi/v1/pay-periods", json=MARCH)).json()["period_id"]
    before = {metric: side(await desk.point(metric, **days)) for metric in CATALOGUE}
    [aged] = await closed(desk, period, "backlog_age")
    before["backlog_age"] = aged["as_closed"]
    await desk.hears(corrections())
    untouched = set()
    for metric, figures in before.items():
        [point] = await closed(desk, period, metric)
        assert point["as_closed"] == figures, metric
        if metric != "backlog_age":
            assert point["now"] == side(await desk.point(metric, **days)), metric
        assert point["adjusted"] == (point["now"] != figures), metric
        untouched |= set() if point["adjusted"] else {metric}
    assert untouched == set()


async def test_growing_older_is_no_adjustment(desk: Desk, clock: ManualClock) -> None:
    await desk.hears([delivery_of(OPENED)])
    clock.move_to(LATER)
    period = (await desk.manager.post("/kpi/v1/pay-periods", json=MARCH)).json()["period_id"]
    await desk.hears([delivery_of(announced(), at=LATER + 1000 * HOUR)])
    [point] = await closed(desk, period, "backlog_age")
    assert point["as_closed"] == point["now"]
    assert (point["adjusted"], point["now"]["value"]) == (False, (LATER - NOON).total_seconds())


def side(point: dict[str, Any]) -> dict[str, Any]:
    return {name: point[name] for name in ("value", "numerator", "denominator")}


async def test_a_group_that_has_nothing_any_more_keeps_its_name_and_its_figure_as_closed(
    desk: Desk, march: str
) -> None:
    await desk.hears(recorded([contact(3, version=2)]))
    points = {point["group"]["agent"]: point for point in await closed(desk, march, "contacts_handled", by="agent")}
    assert points["A002"]["group"] == {"agent": "A002", "agent_name": "王强"}
    assert (points["A002"]["as_closed"]["value"], points["A002"]["now"]["value"]) == (1, None)
    assert (points["A001"]["as_closed"]["value"], points["A001"]["now"]["value"]) == (2, 3)


async def test_what_was_told_twice_is_no_adjustment(desk: Desk, march: str) -> None:
    await desk.hears(recorded([contact(1, rating=5), contact(2, rating=2)]))
    assert (await desk.manager.get(f"/kpi/v1/pay-periods/{march}/adjustments")).json()["items"] == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"from": "2026-03-31", "to": "2026-03-01"}, 422, "pay-period-invalid"),
        ({"from": "2024-03-31", "to": "2026-03-01"}, 422, "pay-period-invalid"),
        ({"from": "2026-03-31", "to": "2026-04-30"}, 409, "pay-period-not-over"),
        ({"from": "2026-03-31", "to": "2026-03-31"}, 409, "pay-period-overlaps"),
        ({"from": "x", "to": "2026-03-31"}, 422, "invalid-value"),
        ({"from": "2026-02-01"}, 422, "invalid-value"),
    ],
)
async def test_a_period_that_makes_no_sense_is_not_closed(
    desk: Desk, march: str, body: dict[str, str], status: int, code: str
) -> None:
    answer = await desk.manager.post("/kpi/v1/pay-periods", json={"name": "x"} | body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert [item["name"] for item in (await desk.manager.get("/kpi/v1/pay-periods")).json()["items"]] == ["三月"]


async def test_only_who_configures_closes_and_agents_see_their_own(desk: Desk, march: str) -> None:
    await desk.hears(recorded([contact(5, queued_at=NOON + HOUR), contact(6, agent="A002")]))
    agent = desk.api.as_("agent", staff_no="A002")
    assert (await agent.post("/kpi/v1/pay-periods", json=MARCH)).status_code == 403
    url = f"/kpi/v1/pay-periods/{march}"
    assert (await agent.get(f"{url}/metrics/contacts_handled")).json()["points"][0]["now"]["value"] == 2
    assert [item["dimensions"]["agent"] for item in (await agent.get(f"{url}/adjustments")).json()["items"]] == ["A002"]
    missing = url.replace(march, "00000000-0000-0000-0000-000000000000")
    for path in ("metrics/asa", "adjustments"):
        assert (await desk.manager.get(f"{missing}/{path}")).status_code == 404
