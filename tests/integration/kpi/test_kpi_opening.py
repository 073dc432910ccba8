"""Numbers that open: whatever metric is asked, the facts behind its points add up to them, over all pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.kpi.domain.catalogue import CATALOGUE
from shared.contracts.roster import AgentChanged, TeamChanged
from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.integration.kpi.whole_centre import contacts, deliveries
from tests.unit.kpi.samples import HOUR, NOON, TEAM, contact, settled
from tests.unit.kpi.test_case_facts import CASE_ID, stopped_clock

STEPS = {"hour": HOUR, "15m": HOUR / 4}


@pytest.fixture
async def centre(desk: Desk) -> Desk:
    """A centre in which something of everything happened."""
    await desk.hears(deliveries())
    return desk


async def opened(desk: Desk, metric: str, point: dict[str, Any], **asked: Any) -> None:
    """Both sides of a point are the sums of the facts that count for them, and it rests on as many as it says."""
    top = await desk.facts(metric, page=25, side="numerator", **asked)
    beneath = await desk.facts(metric, page=25, side="denominator", **asked)
    for facts in (top, beneath):
        assert len({fact["fact_key"] for fact in facts}) == len(facts)
    told = f"{metric} {asked}"
    assert sum(fact["numerator"] for fact in top) == pytest.approx(point["numerator"]), told
    assert sum(fact["denominator"] for fact in beneath) == point["denominator"], told
    assert len(beneath) == point["n"], told


async def test_the_facts_over_all_pages_add_up_to_the_point_of_every_metric(centre: Desk) -> None:
    for metric in CATALOGUE:
        point = await centre.point(metric)
        assert point["value"] is not None, metric
        await opened(centre, metric, point)


async def test_the_facts_of_an_agent_add_up_to_the_agents_point_of_every_metric(centre: Desk) -> None:
    for metric in CATALOGUE:
        groups = {point["group"]["agent"]: point for point in await centre.points(metric, by="agent")}
        assert groups, metric
        for agent, point in groups.items():
            await opened(centre, metric, point, **({"agent": agent} if agent else {"without": "agent"}))


@pytest.mark.parametrize("grain", ["15m", "hour", "day", "shift_day", "week", "month"])
async def test_every_point_of_a_series_opens_by_its_own_time(centre: Desk, grain: str) -> None:
    for metric in ("asa_p90", "attendance", "complaint_rate", "fcr_windowed"):
        asked = {"grain": grain, "from_": "2026-03-02", "to": "2026-03-05", "tz": "Asia/Kathmandu"}
        points = await centre.points(metric, **asked)
        ends = [*(point["on"] or point["at"] for point in points[1:]), None]
        found = [(point, end) for point, end in zip(points, ends, strict=True) if point["n"]]
        assert found, metric
        for point, end in found[:6]:
            await opened(centre, metric, point, **_time_of(point, end, grain))


def _time_of(point: dict[str, Any], end: str | None, grain: str) -> dict[str, str]:
    """When a step is, as it is asked for."""
    if grain in STEPS:
        start = datetime.fromisoformat(point["at"])
        return {"from_": start.isoformat(), "to": (start + STEPS[grain]).isoformat()}
    last = datetime.fromisoformat(end or "2026-03-06") - timedelta(days=1)
    shift = {"grain": "shift_day"} if grain == "shift_day" else {}
    return {"from_": point["on"], "to": str(last.date()), "tz": "Asia/Kathmandu"} | shift


async def test_behind_every_metric_are_contacts_cases_or_shifts_that_can_be_looked_up(centre: Desk) -> None:
    calls = {str(told.contact_id) for told in contacts()}
    cases = {str(CASE_ID), str(UUID(int=700))}
    for metric in CATALOGUE:
        for fact in await centre.facts(metric):
            match fact["kind"]:
                case "contact" | "return":
                    assert fact["fact_key"] in calls, metric
                case "attendance" | "adherence":
                    assert (fact["shift_on"][:8], fact["dimensions"]["agent"][:3]) == ("2026-03-", "A00"), metric
                case "shift_change":
                    assert fact["dimensions"]["agent"] in {"A001", "A002"}, metric
                case _:
                    assert fact["case_id"] in cases, metric


async def test_a_fact_is_a_key_a_version_a_time_dimensions_and_measures(desk: Desk) -> None:
    told = {"topic": "bill", "topic_name": "账单", "queue": "vip", "talk_seconds": 60, "rating": 5}
    await desk.hears(recorded([contact(1, version=3, wait=4.25, **told)]))
    [fact] = await desk.facts("asa")
    assert (fact["fact_key"], fact["fact_version"]) == (str(UUID(int=1)), 3)
    assert (fact["kind"], fact["happened_at"], fact["shift_on"]) == ("contact", "2026-03-02T04:00:00Z", "2026-03-02")
    assert fact["dimensions"] == {
        "agent": "A001",
        "agent_name": "林晓梅",
        "team": str(TEAM),
        "team_name": "热线一组",
        "topic": "bill",
        "topic_name": "账单",
        "channel": "phone",
        "queue": "vip",
        "zone": "Asia/Shanghai",
    }
    measures = {"answered": 1, "abandoned": 0, "answered_wait_ms": 4250, "talk_ms": 60_000, "rating_points": 5}
    assert fact["measures"].items() >= measures.items()


async def test_a_fact_stays_with_the_agent_and_team_of_its_time_whatever_they_are_called_later(desk: Desk) -> None:
    await desk.hears(recorded([contact(1)]))
    moved = AgentChanged(
        agent_id=UUID(int=9),
        staff_no="A001",
        name="林小梅",
        team_id=UUID(int=2),
        team_name="计费组",
        roles=("agent",),
        skills=(),
        hired_on=NOON.date(),
    )
    renamed = TeamChanged(team_id=TEAM, zone="Asia/Shanghai", code="T1", name="热线二组")
    await desk.hears([delivery_of(moved, sequence=2), delivery_of(renamed, sequence=2)])
    [fact] = await desk.facts("contacts_handled")
    names = [fact["dimensions"][name] for name in ("agent_name", "team", "team_name")]
    assert names == ["林晓梅", str(TEAM), "热线一组"]
    assert (await desk.point("contacts_handled", team=str(TEAM)))["value"] == 1


async def test_a_fact_keeps_the_versions_of_calendar_and_rules_that_it_was_judged_by(desk: Desk) -> None:
    clock = replace(stopped_clock(True), calendar="standard", calendar_version=2)
    await desk.hears([delivery_of(clock), delivery_of(settled(planned_number=3, accountable_number=2))])
    [judged] = await desk.facts("sla_attainment")
    assert judged["judged_by"] == {
        "policy": "standard",
        "policy_version": 1,
        "calendar": "standard",
        "calendar_version": 2,
    }
    [shift] = await desk.facts("attendance")
    assert shift["judged_by"] == {"planned_roster_version": 3, "accountable_roster_version": 2}
