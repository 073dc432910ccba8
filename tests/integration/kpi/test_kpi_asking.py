"""What can be asked of kpi, and what cannot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from shared.contracts.errors import PROBLEMS
from shared.contracts.roster import TeamChanged
from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.unit.kpi.samples import HOUR, NOON, TEAM, announced, contact

VECTOR = [contact(n, wait=30 if n < 860 else 31) for n in range(1000)] + [
    contact(1000 + n, answered=False, wait=wait) for n, wait in enumerate([4] * 10 + [30] * 10 + [31] * 40)
]


async def test_all_seven_service_levels_are_exact_for_any_threshold(desk: Desk) -> None:
    await desk.hears(recorded(VECTOR))
    levels = [(await desk.point(f"service_level_{variant}", threshold=30))["value"] for variant in range(1, 8)]
    assert [round(level, 1) for level in levels] == [83.0, 86.0, 81.1, 82.7, 82.1, 81.9, 83.0]
    assert (await desk.point("service_level_2", threshold=29))["numerator"] == 0
    assert (await desk.point("service_level_6", threshold=30, short=31))["denominator"] == 1040
    assert (await desk.point("service_level_4"))["value"] == 0


LEFT = [
    (wait, how) for wait in (0, 4.999, 5, 19.999, 20, 20.001, 60.5) for how in ("answered", "abandoned", "otherwise")
]


def levels(x: float, short: float) -> list[tuple[int, int]]:
    """The seven variants' formulas, word by word."""

    def of(how: str, most: float = 1e9, below: float = 1e9) -> int:
        return sum(left == how and wait <= most and wait < below for wait, left in LEFT)

    answered, quick, offered = of("answered"), of("answered", x), len(LEFT)
    left_early, shortly = of("abandoned", x), of("abandoned", below=short)
    return [
        (quick + left_early, offered),
        (quick, answered),
        (quick, offered),
        (quick, answered + of("abandoned") - left_early),
        (quick + shortly, offered),
        (quick, offered - shortly),
        (quick + left_early + of("otherwise", x), offered),
    ]


@pytest.mark.parametrize(
    "asked", [{}, {"threshold": 60}, {"short": 20}, {"threshold": 5, "short": 61}, {"threshold": 0}]
)
async def test_service_levels_take_a_threshold_of_20_and_a_short_abandon_of_5_seconds_unless_told_otherwise(
    desk: Desk, asked: dict[str, int]
) -> None:
    told = [
        contact(n, wait=wait, answered=how == "answered", abandoned=how == "abandoned")
        for n, (wait, how) in enumerate(LEFT)
    ]
    await desk.hears(recorded(told))
    right = levels(asked.get("threshold", 20), asked.get("short", 5))
    for variant, sides in zip(("1", "2", "3", "4", "5", "6", "7"), right, strict=True):
        known = {"short": asked["short"]} if variant in "56" and "short" in asked else {}
        known |= {"threshold": asked["threshold"]} if "threshold" in asked else {}
        for more in ({}, {"agent": "A001"}, {"from_": "2026-03-02", "to": "2026-03-02", "tz": "UTC"}):
            point = await desk.point(f"service_level_{variant}", **known, **more)
            assert (point["numerator"], point["denominator"]) == sides, (variant, more)
            assert point["value"] == sides[0] * 100 / sides[1]
    plain = {name: value for name, value in asked.items() if name == "threshold"}
    assert await desk.point("service_level", **plain) == await desk.point("service_level_4", **plain)


async def test_a_point_equals_the_facts_behind_it(desk: Desk) -> None:
    await desk.hears(recorded(VECTOR))
    for asked in ({"threshold": 30}, {"threshold": 20}, {}):
        point = await desk.point("service_level_4", **asked)
        facts = await desk.facts("service_level_4", page=200, **asked)
        assert len({fact["fact_key"] for fact in facts}) == len(facts)
        assert sum(fact["numerator"] for fact in facts) == point["numerator"]
        assert sum(fact["denominator"] for fact in facts) == point["denominator"]
    quick = await desk.facts("service_level_2", threshold=30, side="numerator")
    assert len(quick) == 860
    asa, facts = await desk.point("asa"), await desk.facts("asa")
    assert sum(fact["numerator"] for fact in facts) == asa["numerator"]


async def test_one_huge_outlier_is_counted_and_taken_back_without_a_trace(desk: Desk) -> None:
    await desk.hears(recorded([contact(1, wait=0.1), contact(2, wait=0.2)]))
    before = await desk.points("asa")
    await desk.hears(recorded([contact(3, wait=30_000_000)]))
    assert (await desk.point("asa"))["value"] > 9_999_999
    await desk.hears(recorded([contact(3, version=2, answered=False, wait=1)]))
    assert (await desk.points("asa"))[0] | {"as_of": None} == before[0] | {"as_of": None}


async def test_a_series_has_every_step_and_groups_only_what_they_have(desk: Desk) -> None:
    await desk.hears(recorded([contact(1), contact(2, queued_at=NOON + 3 * HOUR, topic="t", topic_name="账单")]))
    hours = {"grain": "hour", "from_": "2026-03-02T11:00:00+08:00", "to": "2026-03-02T16:00:00+08:00"}
    points = await desk.points("answer_rate", **hours)
    assert [(point["at"], point["value"], point["n"]) for point in points] == [
        ("2026-03-02T03:00:00Z", None, 0),
        ("2026-03-02T04:00:00Z", 100, 1),
        ("2026-03-02T05:00:00Z", None, 0),
        ("2026-03-02T06:00:00Z", None, 0),
        ("2026-03-02T07:00:00Z", 100, 1),
    ]
    grouped = await desk.points("answer_rate", by="topic", **hours)
    assert [(point["group"], point["at"]) for point in grouped] == [
        ({"topic": "t", "topic_name": "账单"}, "2026-03-02T07:00:00Z"),
        ({"topic": None, "topic_name": None}, "2026-03-02T04:00:00Z"),
    ]
    assert (await desk.point("answer_rate", without="topic"))["n"] == 1
    assert [point["value"] for point in await desk.points("abandon_rate", by="topic")] == [0, 0]
    assert (await desk.point("answer_rate", topic="nothing"))["value"] is None


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
async def test_the_hours_of_a_day_add_up_when_the_clock_changes(desk: Desk, day: str, hours: int) -> None:
    start = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(hours=4)
    await desk.hears(recorded([contact(n, queued_at=start + n * timedelta(minutes=15)) for n in range(128)]))
    asked = {"tz": "Europe/Berlin", "from_": day, "to": day}
    points = await desk.points("contacts_handled", grain="hour", **asked)
    assert [point["value"] for point in points] == [4] * hours
    assert (await desk.point("contacts_handled", grain="day", **asked))["value"] == 4 * hours


async def test_many_metrics_are_answered_at_once(desk: Desk) -> None:
    await desk.hears([*recorded(VECTOR), delivery_of(announced())])
    queries = [{"metric": "answer_rate"}, {"metric": "change_ack_rate", "by": "agent", "tz": "UTC"}]
    answer = await desk.manager.post("/kpi/v1/metrics:query", json={"queries": queries})
    assert answer.status_code == 200, answer.text
    first, second = answer.json()["answers"]
    assert (first["metric"], first["unit"], first["tz"], first["points"][0]["n"]) == (
        "answer_rate",
        "percent",
        "Asia/Shanghai",
        1060,
    )
    assert (second["tz"], second["points"][0]["group"]) == ("UTC", {"agent": "A001", "agent_name": "林晓梅"})


async def test_the_catalogue_tells_formulas_in_both_languages(desk: Desk) -> None:
    items = {item["id"]: item for item in (await desk.manager.get("/kpi/v1/metrics")).json()["items"]}
    assert {"answer_rate", "service_level", "service_level_7", "asa", "aht", "csat", "change_ack_rate"} <= items.keys()
    assert items["csat"]["formula"]["en"] == "good / (good + bad); ratings 4-5 are good, 1-3 bad"
    assert "4、5 分为好评" in items["csat"]["formula"]["zh-CN"]
    assert items["service_level_6"]["options"] == {"threshold": 20, "short": 5}
    assert (items["asa"]["unit"], items["asa"]["better"], items["asa"]["definition_version"]) == ("seconds", "down", 1)


BAD: list[tuple[str, dict[str, str], int, str]] = [
    ("happiness", {}, 404, "metric-unknown"),
    ("x" * 65, {}, 422, "invalid-value"),
    ("asa", {"by": "colour"}, 422, "invalid-value"),
    ("asa", {"by": "cause"}, 422, "dimension-not-of-metric"),
    ("asa", {"cause": "agent"}, 422, "dimension-not-of-metric"),
    ("asa", {"without": "cause"}, 422, "dimension-not-of-metric"),
    ("asa", {"agent": "A001", "without": "agent"}, 422, "filter-contradicts"),
    ("asa", {"threshold": "20"}, 422, "option-not-of-metric"),
    ("service_level_4", {"threshold": "-1"}, 422, "invalid-value"),
    ("service_level_4", {"short": "99999999999999999999"}, 422, "invalid-value"),
    ("asa", {"from": "yesterday"}, 422, "invalid-value"),
    ("asa", {"from": "1999-12-31"}, 422, "invalid-value"),
    ("asa", {"to": "9999-12-31"}, 422, "invalid-value"),
    ("asa", {"from": "2026-03-01T00:00:00"}, 422, "invalid-value"),
    ("asa", {"from": "2026-03-01T00:01:00Z"}, 422, "time-off-quarter"),
    ("asa", {"from": "2026-03-02", "to": "2026-03-01"}, 422, "period-empty"),
    ("asa", {"grain": "day"}, 422, "period-open"),
    ("asa", {"grain": "fortnight"}, 422, "invalid-value"),
    ("asa", {"grain": "15m", "from": "2000-01-01", "to": "2099-12-31"}, 422, "too-many-points"),
    ("asa", {"grain": "day", "from": "2026-03-02"}, 422, "period-open"),
    ("asa", {"grain": "day", "to": "2026-03-02"}, 422, "period-open"),
    ("asa", {"grain": "shift_day", "from": "2026-03-01T00:00:00Z", "to": "2026-03-02"}, 422, "shift-days-need-dates"),
    ("service_level_2", {"short": "5"}, 422, "option-not-of-metric"),
    ("asa", {"from": "2026-03-02", "to": "2026-03-01T16:00:00Z"}, 422, "period-empty"),
    ("asa", {"tz": "Mars/Olympus"}, 422, "zone-unknown"),
    ("asa", {"tz": "\x00"}, 422, "invalid-value"),
    ("asa", {"agent": "a\x00b"}, 422, "invalid-value"),
    ("asa", {"agents": "A001"}, 422, "invalid-value"),
]


@pytest.mark.parametrize(("metric", "params", "status", "code"), BAD)
async def test_what_makes_no_sense_is_refused(
    desk: Desk, metric: str, params: dict[str, str], status: int, code: str
) -> None:
    for way in ("", "/facts", "/export.csv", "/export.xlsx"):
        if "by" not in params or way != "/facts":
            refused(await desk.manager.get(f"/kpi/v1/metrics/{metric}{way}", params=params), status, code)
    body = {"queries": [{"metric": metric, **params}]}
    refused(await desk.manager.post("/kpi/v1/metrics:query", json=body), status, code)


FIELDS: list[tuple[str, dict[str, str], list[str]]] = [
    ("filter-contradicts", {"agent": "A001", "without": "agent"}, ["agent", "without"]),
    ("period-empty", {"from": "2026-03-02", "to": "2026-03-01"}, ["from", "to"]),
    ("period-open", {"grain": "day"}, ["from", "to"]),
    ("period-open", {"grain": "day", "from": "2026-03-02"}, ["to"]),
    ("shift-days-need-dates", {"grain": "shift_day", "from": "2026-03-01T00:00:00Z", "to": "2026-03-02"}, ["from"]),
    ("too-many-points", {"grain": "15m", "from": "2000-01-01", "to": "2099-12-31"}, ["from", "to", "grain"]),
]


@pytest.mark.parametrize(("code", "params", "fields"), FIELDS)
async def test_a_refusal_about_several_fields_names_each_in_both_languages(
    desk: Desk, code: str, params: dict[str, str], fields: list[str]
) -> None:
    for language in ("zh-CN", "en"):
        url, headers = "/kpi/v1/metrics/asa", {"Accept-Language": language}
        told = (await desk.manager.get(url, params=params, headers=headers)).json()
        assert [(error["field"], error["code"]) for error in told["errors"]] == [(name, code) for name in fields]
        assert {error["message"] for error in told["errors"]} == {told["detail"]}
        assert any("一" <= letter <= "鿿" for letter in told["detail"]) == (language == "zh-CN")


MISSING: list[tuple[str, str, dict[str, Any] | None, str, str]] = [
    ("GET", "targets/{}/versions", None, "目标", "target"),
    ("PATCH", "targets/{}", {"value": 90}, "目标", "target"),
    ("PATCH", "scorecard-definitions/{}", {"name": "x"}, "计分卡定义", "scorecard definition"),
    ("GET", "scorecards/{}", None, "计分卡", "scorecard"),
    ("PATCH", "alert-rules/{}", {"active": False}, "告警规则", "alert rule"),
    ("POST", "patterns/{}/dismiss", {}, "提示", "pattern"),
    ("GET", "pay-periods/{}/metrics/asa", None, "结算期", "pay period"),
]


@pytest.mark.parametrize(("method", "path", "body", "zh", "en"), MISSING)
async def test_what_is_not_found_is_named_in_both_languages(
    desk: Desk, method: str, path: str, body: dict[str, Any] | None, zh: str, en: str
) -> None:
    id_ = UUID(int=9)
    for language, sentence in (("zh-CN", f"找不到：{zh} {id_}。"), ("en", f"Not found: {en} {id_}.")):
        headers = {"Accept-Language": language, "If-Match": '"1"'}
        answer = await desk.manager.request(method, f"/kpi/v1/{path.format(id_)}", json=body, headers=headers)
        refused(answer, 404, "not-found")
        assert answer.json()["detail"] == sentence


@pytest.mark.parametrize(
    "body", [{}, {"queries": []}, {"queries": [{}]}, {"queries": [{"metric": "asa"}] * 51}, [], "x", {"queries": 1}]
)
async def test_a_query_of_the_wrong_shape_is_refused(desk: Desk, body: Any) -> None:
    refused(await desk.manager.post("/kpi/v1/metrics:query", json=body), 422, "invalid-value")


@pytest.mark.parametrize("after", ["x", "!!!", "W10", "WyJ4IiwgInkiXQ"])
async def test_a_cursor_that_is_none_is_refused(desk: Desk, after: str) -> None:
    refused(await desk.manager.get("/kpi/v1/metrics/asa/facts", params={"after": after}), 422, "cursor-invalid")


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert code in PROBLEMS


async def test_agents_see_themselves_and_leads_their_teams(desk: Desk) -> None:
    other = {"team_id": None, "team_name": "外呼组"}
    await desk.hears(recorded([contact(1), contact(2, agent="A002"), contact(3, agent="B001", **other)]))
    url = "/kpi/v1/metrics/contacts_handled"

    async def seen(client: httpx.AsyncClient, **params: str) -> Any:
        answer = await client.get(url, params=params)
        return answer.json()["points"][0]["value"] if answer.status_code == 200 else answer.json()["code"]

    agent = desk.api.as_("agent", staff_no="A002", teams=(str(TEAM),))
    assert [await seen(agent), await seen(agent, agent="A002")] == [1, 1]
    assert [await seen(agent, agent="A001"), await seen(agent, team=str(TEAM))] == ["not-yours"] * 2
    lead = desk.api.as_("lead", staff_no="L001", teams=(str(TEAM), "T1"))
    assert [await seen(lead), await seen(lead, team=str(TEAM)), await seen(lead, agent="A001")] == [2, 2, 1]
    assert [await seen(lead, team="外呼组"), await seen(lead, agent="B001")] == ["not-yours", None]
    assert len((await lead.get(f"{url}/facts")).json()["items"]) == 2
    assert await seen(desk.api.as_("supervisor", teams=("外呼组",))) == 1
    assert await seen(desk.api.as_("quality")) == 3
    assert await seen(desk.api.as_("agent")) == "not-yours"
    assert await seen(desk.api.as_("partner")) == "scope-missing"
    assert (await lead.get("/kpi/v1/consistency")).status_code == 403
    assert (await desk.api.client().get(url)).status_code == 401


async def test_a_lead_whose_token_has_codes_sees_their_teams(desk: Desk) -> None:
    await desk.hears(recorded([contact(1), contact(2, team_id=UUID(int=2))]))
    url = "/kpi/v1/metrics/contacts_handled"
    lead = desk.api.as_("lead", staff_no="L001", teams=("T1",))
    assert (await lead.get(url)).json()["points"][0]["value"] is None
    told = {"team_id": TEAM, "name": "热线一组", "zone": "Asia/Shanghai"}
    renamed, first = TeamChanged(code="T1", **told), TeamChanged(code="T0", **told)
    await desk.hears([delivery_of(renamed, sequence=2), delivery_of(first, sequence=1)])
    assert (await lead.get(url)).json()["points"][0]["value"] == 1
    assert (await lead.get(url, params={"team": str(TEAM)})).json()["points"][0]["value"] == 1
    refused(await lead.get(url, params={"team": str(UUID(int=2))}), 403, "not-yours")
