"""Targets and tiers over HTTP: set, raised by rounds, and how agents and teams stand to them."""

from __future__ import annotations

import pytest

from tests.integration.kpi.conftest import Desk
from tests.integration.kpi.floor import KPI, MARCH, PEOPLE, ask, three_agents


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
