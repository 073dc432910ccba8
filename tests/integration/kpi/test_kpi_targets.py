"""Targets and tiers over HTTP: set, raised by rounds, and how agents and teams stand to them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.integration.kpi.floor import KPI, MARCH, PEOPLE, ask, calls, joined, three_agents
from tests.unit.kpi.samples import NOON


async def test_a_target_is_set_raised_by_a_round_and_every_version_stays(desk: Desk) -> None:
    body = {"metric": "answer_rate", "group_by": "agent", "value": 85, "valid_from": "2026-01-01"}
    target = await ask(desk, "POST", "targets", status=201, json=body)
    assert (await desk.manager.post(f"{KPI}/targets", json=body)).status_code == 409
    path = f"targets/{target['target_id']}"
    await ask(desk, "PATCH", path, status=428, json={"value": 90})
    raised = await ask(desk, "PATCH", path, json={"value": 90}, headers={"If-Match": '"1"'})
    assert (raised["version"], raised["value"]) == (2, 90)
    await ask(desk, "PATCH", path, status=412, json={"value": 95}, headers={"If-Match": '"1"'})
    assert [one["value"] for one in await ask(desk, "GET", f"{path}/versions")] == [85, 90]
    assert [one["value"] for one in (await ask(desk, "GET", "targets"))["items"]] == [90]


async def test_standings_show_attainment_tier_and_the_distribution_beside_the_intended(desk: Desk) -> None:
    await three_agents(desk)
    body = {"metric": "answer_rate", "group_by": "agent", "value": 80, "valid_from": "2026-01-01"}
    await ask(desk, "POST", "targets", status=201, json=body)
    found = await ask(desk, "GET", "targets/standings", params={"metric": "answer_rate", "by": "agent", **MARCH})
    by_agent = {item["group"]: item for item in found["items"]}
    assert by_agent["A001"]["value"] == 95
    assert by_agent["A001"]["attainment"] == pytest.approx(118.75)
    assert [by_agent[staff_no]["tier"] for staff_no in PEOPLE] == ["good", "good", "excellent"]
    assert by_agent["A003"]["stretch"] == 120
    assert [(share["tier"], share["count"], share["intended"]) for share in found["tiers"]] == [
        ("excellent", 1, 10),
        ("good", 2, 25),
        ("ok", 0, 55),
        ("below", 0, 10),
    ]


async def test_a_first_target_is_suggested_low_and_a_round_a_little_higher(desk: Desk) -> None:
    await three_agents(desk)
    asked = {"metric": "answer_rate", "by": "agent", **MARCH}
    start = await ask(desk, "GET", "targets/suggestion", params=asked)
    assert (start["value"], start["current"], start["reached_count"]) == (95, None, 2)
    body = {"metric": "answer_rate", "group_by": "agent", "value": 70, "valid_from": "2026-01-01"}
    await ask(desk, "POST", "targets", status=201, json=body)
    following = await ask(desk, "GET", "targets/suggestion", params=asked)
    assert (following["value"], following["current"]) == (pytest.approx(77), 70)


async def test_targets_are_per_metric_and_group_and_a_groups_own_goes_before_that_of_its_sort(desk: Desk) -> None:
    await three_agents(desk)
    told = {"metric": "answer_rate", "valid_from": "2026-01-01"}
    for group_by, group, value in (
        ("agent", None, 80),
        ("agent", "A002", 64),
        ("team", None, 90),
        ("centre", None, 95),
    ):
        await ask(
            desk, "POST", "targets", status=201, json={**told, "group_by": group_by, "group": group, "value": value}
        )
    assert len((await ask(desk, "GET", "targets", params={"metric": "answer_rate"}))["items"]) == 4
    for by, expected in (("agent", [80, 64, 80]), ("team", [90]), ("centre", [95])):
        found = await ask(desk, "GET", "targets/standings", params={"metric": "answer_rate", "by": by, **MARCH})
        assert [item["target"] for item in found["items"]] == expected
    other = await ask(desk, "GET", "targets/standings", params={"metric": "abandon_rate", "by": "agent", **MARCH})
    assert {(item["target"], item["tier"]) for item in other["items"]} == {(None, None)}


async def test_stretch_goals_of_120_and_130_percent_are_shown_as_they_are_reached(desk: Desk) -> None:
    await three_agents(desk)
    body = {"metric": "answer_rate", "group_by": "agent", "value": 76, "valid_from": "2026-01-01"}
    target = await ask(desk, "POST", "targets", status=201, json=body)
    assert target["stretch"] == [120, 130]
    found = await ask(desk, "GET", "targets/standings", params={"metric": "answer_rate", "by": "agent", **MARCH})
    assert [item["stretch"] for item in found["items"]] == [120, None, 130]


async def test_a_raised_target_counts_from_its_day_on_and_the_tiers_follow(desk: Desk) -> None:
    """Raised from 80 to 100 in the middle of March: March is judged by 100, February still by 80."""
    await three_agents(desk)
    await desk.hears(recorded(calls("A001", 8, 2, first=8000, queued_at=NOON - timedelta(days=20))))
    body = {"metric": "answer_rate", "group_by": "agent", "value": 80, "valid_from": "2026-01-01"}
    target = await ask(desk, "POST", "targets", status=201, json=body)
    round_ = {"value": 100, "valid_from": "2026-03-16"}
    await ask(desk, "PATCH", f"targets/{target['target_id']}", json=round_, headers={"If-Match": '"1"'})
    asked = {"metric": "answer_rate", "by": "agent"}
    march = await ask(desk, "GET", "targets/standings", params=asked | MARCH)
    assert [(item["tier"], item["target_version"]) for item in march["items"]] == [("ok", 2), ("below", 2), ("good", 2)]
    assert [(share["tier"], share["count"], round(share["share"])) for share in march["tiers"]] == [
        ("excellent", 0, 0),
        ("good", 1, 33),
        ("ok", 1, 33),
        ("below", 1, 33),
    ]
    period = {"from": "2026-02-01", "to": "2026-02-28"}
    [february] = (await ask(desk, "GET", "targets/standings", params=asked | period))["items"]
    assert (february["value"], february["target"], february["tier"]) == (80, 80, "good")


async def test_where_less_is_better_half_the_time_is_twice_the_target(desk: Desk) -> None:
    await three_agents(desk)
    for group_by, value, attainment, tier in (("centre", 20, 200, "excellent"), ("team", 5, 50, "below")):
        body = {"metric": "asa", "group_by": group_by, "value": value, "valid_from": "2026-01-01"}
        await ask(desk, "POST", "targets", status=201, json=body)
        found = await ask(desk, "GET", "targets/standings", params={"metric": "asa", "by": group_by, **MARCH})
        [item] = found["items"]
        assert (item["value"], item["attainment"], item["tier"]) == (10, attainment, tier)


async def test_newcomers_are_held_to_no_speed_target_but_to_others(desk: Desk) -> None:
    await desk.hears([delivery_of(joined("A001")), delivery_of(joined("A002", date(2026, 1, 15)))])
    await desk.hears(recorded(calls("A001", 8, 2, first=0) + calls("A002", 8, 2, first=100)))
    seen = {}
    for metric, value in (("asa", 5), ("answer_rate", 80)):
        body = {"metric": metric, "group_by": "agent", "value": value, "valid_from": "2026-01-01"}
        await ask(desk, "POST", "targets", status=201, json=body)
        found = await ask(desk, "GET", "targets/standings", params={"metric": metric, "by": "agent", **MARCH})
        seen[metric] = [(item["group"], item["target"], item["tier"]) for item in found["items"]]
    assert seen == {
        "asa": [("A001", 5, "below"), ("A002", None, None)],
        "answer_rate": [("A001", 80, "good"), ("A002", 80, "good")],
    }


async def test_a_newcomers_trend_has_no_speed_target_before_the_first_two_months_are_over(desk: Desk) -> None:
    """Hired on 15 January: the step that begins on 1 March is a newcomer's, and the one on 1 April is not."""
    await desk.hears([delivery_of(joined("A001")), delivery_of(joined("A002", date(2026, 1, 15)))])
    await desk.hears(recorded(calls("A002", 8, 2, first=0)))
    steps = {"from": "2026-03-01", "to": "2026-04-30", "grain": "month"}
    seen = {}
    for metric, value in (("asa", 5), ("answer_rate", 80)):
        body = {"metric": metric, "group_by": "agent", "value": value, "valid_from": "2026-01-01"}
        await ask(desk, "POST", "targets", status=201, json=body)
        for agent in ("A001", "A002"):
            found = await ask(desk, "GET", f"dashboards/trend/{metric}", params=steps | {"agent": agent})
            seen[metric, agent] = [point["target"] for point in found["points"]]
    assert seen == {
        ("asa", "A001"): [5, 5],
        ("asa", "A002"): [None, 5],
        ("answer_rate", "A001"): [80, 80],
        ("answer_rate", "A002"): [80, 80],
    }
