"""kpi as its users meet it: teams by their codes, one number for whoever asks, and refusals that say what to do."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from python_calamine import CalamineWorkbook

from shared.contracts.cases import CaseOpened
from shared.contracts.kpi import AlertRaised, RankingPublished, ScorecardPublished
from shared.contracts.roster import TeamChanged
from tests.conftest import ManualClock
from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.integration.kpi.floor import KPI, MARCH, PEOPLE, ask, calls, three_agents, told
from tests.integration.kpi.test_kpi_scorecards import a_definition
from tests.unit.kpi.samples import NOON, TEAM, contact
from tests.unit.kpi.test_case_facts import OPENED

OTHER = UUID(int=2)


async def two_teams(desk: Desk) -> None:
    """T1 answers 180 of 205, T2 10 of 40; another 5 were lost before anybody had them."""
    await three_agents(desk)
    await desk.hears([delivery_of(TeamChanged(team_id=OTHER, code="T2", name="热线二组", zone="Asia/Shanghai"))])
    second = {"team_id": OTHER, "team_name": "热线二组", "first": 6000}
    await desk.hears(recorded(calls("A002", 10, 30, **second)))
    nobodys = {"agent": None, "agent_name": None, "team_id": None, "team_name": None}
    await desk.hears(recorded([contact(7000 + n, answered=False, **nobodys) for n in range(5)]))


def lead_of(desk: Desk, *codes: str) -> httpx.AsyncClient:
    return desk.api.as_("lead", staff_no="L001", teams=codes)


async def test_a_team_is_asked_for_by_its_code_or_its_id_alike(desk: Desk, clock: ManualClock) -> None:
    clock.move_to(NOON)
    await two_teams(desk)
    queries = {"queries": [{"metric": "answer_rate", "team": name} for name in ("T2", str(OTHER))]}
    by_code, by_id = (await ask(desk, "POST", "metrics:query", json=queries))["answers"]
    assert by_code == by_id
    assert by_code["points"][0]["denominator"] == 40
    for path in (
        "metrics/answer_rate",
        "metrics/answer_rate/facts",
        "dashboards/today",
        "dashboards/heatmap/answer_rate",
        "dashboards/trend/answer_rate",
        "dashboards/distribution/asa_p90",
    ):
        period = {} if "today" in path else MARCH
        code, id_ = [await ask(desk, "GET", path, params=period | {"team": team}) for team in ("T2", str(OTHER))]
        assert _without_links(code) == _without_links(id_), path
    assert len(await desk.facts("answer_rate", team="T2")) == 40


def _without_links(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "next"}


async def test_a_lead_asks_for_their_team_by_code_and_for_no_other(desk: Desk) -> None:
    await two_teams(desk)
    lead = lead_of(desk, "T2")
    assert (await lead.get(f"{KPI}/metrics/answer_rate", params={"team": "T2"})).json()["points"][0]["value"] == 25
    refused = await lead.get(f"{KPI}/metrics/answer_rate", params={"team": "T1"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not-yours")


async def test_a_target_and_an_alert_rule_of_a_team_may_name_it_by_its_code(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    clock.move_to(NOON)
    await two_teams(desk)
    body = {"metric": "answer_rate", "group_by": "team", "group": "T2", "value": 80, "valid_from": "2026-01-01"}
    assert (await ask(desk, "POST", "targets", status=201, json=body))["group"] == str(OTHER)
    asked = {"metric": "answer_rate", "by": "team", **MARCH}
    standings = (await ask(desk, "GET", "targets/standings", params=asked))["items"]
    assert {item["group"]: item["target"] for item in standings} == {str(TEAM): None, str(OTHER): 80, None: None}
    rule = {"name": "二组", "metric": "answer_rate", "group_by": "team", "group": "T2", "threshold": 80}
    await ask(desk, "POST", "alert-rules", status=201, json=rule | {"for_minutes": 0})
    await pass_time(NOON + timedelta(minutes=10))
    [alert] = (await ask(desk, "GET", "alerts"))["items"]
    assert (alert["group"], alert["value"]) == (str(OTHER), 25)


async def test_what_belongs_to_nobody_is_held_to_no_target_and_raises_no_alert(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    clock.move_to(NOON)
    await two_teams(desk)
    body = {"metric": "abandon_rate", "group_by": "team", "value": 50, "valid_from": "2026-01-01"}
    await ask(desk, "POST", "targets", status=201, json=body)
    asked = {"metric": "abandon_rate", "by": "team", **MARCH}
    found = await ask(desk, "GET", "targets/standings", params=asked)
    nobodys = next(item for item in found["items"] if item["group"] is None)
    assert (nobodys["value"], nobodys["target"], nobodys["tier"]) == (100, None, None)
    assert sum(share["count"] for share in found["tiers"]) == 2
    assert (await ask(desk, "GET", "targets/suggestion", params=asked))["group_count"] == 2
    rule = {"name": "放弃", "metric": "abandon_rate", "group_by": "team", "threshold": 1, "least_n": 1}
    await ask(desk, "POST", "alert-rules", status=201, json=rule | {"for_minutes": 0})
    await pass_time(NOON + timedelta(minutes=10))
    raised = {alert["group"] for alert in (await ask(desk, "GET", "alerts"))["items"]}
    assert raised == {str(TEAM), str(OTHER)}


async def test_an_alert_says_of_what_it_is_and_is_seen_by_whom_it_concerns(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    clock.move_to(NOON)
    await two_teams(desk)
    for group_by in ("centre", "team", "agent"):
        rule = {"name": group_by, "metric": "answer_rate", "group_by": group_by, "threshold": 90, "least_n": 10}
        await ask(desk, "POST", "alert-rules", status=201, json=rule | {"for_minutes": 0})
    await pass_time(NOON + timedelta(minutes=10))

    async def seen(client: httpx.AsyncClient) -> set[tuple[str, str | None]]:
        items = (await client.get(f"{KPI}/alerts")).json()["items"]
        today = (await client.get(f"{KPI}/dashboards/today")).json()
        assert today["open_alert_count"] == len(items)
        return {(alert["group_by"], alert["group"]) for alert in items}

    everything = {("centre", None), ("team", str(TEAM)), ("team", str(OTHER)), ("agent", "A002")}
    assert await seen(desk.manager) == everything
    assert await seen(lead_of(desk, "T2")) == {("centre", None), ("team", str(OTHER))}
    assert await seen(lead_of(desk, "T1")) == everything - {("team", str(OTHER))}
    assert await seen(desk.api.as_("agent", staff_no="A001", teams=("T1",))) == {("centre", None)}
    assert await seen(desk.api.as_("agent", staff_no="A002", teams=("T1",))) == {("centre", None), ("agent", "A002")}
    alert = next(one for one in (await ask(desk, "GET", "alerts"))["items"] if one["group_by"] == "team")
    told = (alert["rule_name"], alert["metric"], alert["direction"], alert["threshold"])
    assert told == ("team", "answer_rate", "below", 90)


async def test_an_alerts_count_of_one_team_is_of_that_team(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    clock.move_to(NOON)
    await two_teams(desk)
    rule = {"name": "队", "metric": "answer_rate", "group_by": "team", "threshold": 90, "for_minutes": 0}
    await ask(desk, "POST", "alert-rules", status=201, json=rule)
    await pass_time(NOON + timedelta(minutes=10))
    counts = [
        (await ask(desk, "GET", "dashboards/today", params=asked))["open_alert_count"] for asked in ({}, {"team": "T2"})
    ]
    assert counts == [2, 1]


async def test_a_place_in_a_ranking_is_the_same_for_whoever_asks(desk: Desk) -> None:
    await two_teams(desk)
    asked = {"metric": "contacts_handled", "min_n": 1, **MARCH}
    whole = await ask(desk, "GET", "rankings", params=asked)
    assert [(place["key"], place["rank"]) for place in whole["places"]] == [("A001", 1), ("A002", 2), ("A003", 3)]
    agent = desk.api.as_("agent", staff_no="A002", teams=("T1",))
    mine = (await agent.get(f"{KPI}/rankings", params=asked)).json()
    assert (mine["places"], mine["ranked_count"]) == ([whole["places"][1]], 3)
    teams = asked | {"of": "team"}
    both = await ask(desk, "GET", "rankings", params=teams)
    seen = (await lead_of(desk, "T2").get(f"{KPI}/rankings", params=teams)).json()
    assert seen["places"] == [both["places"][1]]
    assert (await agent.get(f"{KPI}/rankings", params=teams)).json()["places"] == []


async def test_the_quadrant_goes_by_the_medians_of_all_and_shows_them(desk: Desk) -> None:
    await two_teams(desk)
    await desk.hears(recorded(calls("A001", 10, 0, first=9000, talk_seconds=100.0)))
    await desk.hears(recorded(calls("A002", 10, 0, first=9100, talk_seconds=300.0)))
    whole = await ask(desk, "GET", "quadrant", params=MARCH)
    assert (whole["median_handle_seconds"], whole["median_contacts"]) == (200, 102.5)
    agent = desk.api.as_("agent", staff_no="A002", teams=("T1",))
    mine = (await agent.get(f"{KPI}/quadrant", params=MARCH)).json()
    assert mine["items"] == [spot for spot in whole["items"] if spot["staff_no"] == "A002"]
    assert (mine["median_handle_seconds"], mine["median_contacts"]) == (200, 102.5)


async def test_todays_backlog_is_all_that_is_open_and_every_figure_says_where_it_opens(
    desk: Desk, clock: ManualClock
) -> None:
    clock.move_to(NOON)
    await desk.hears([delivery_of(one) for one in (opened(1, NOON), opened(2, NOON - timedelta(days=40)))])
    found = await ask(desk, "GET", "dashboards/today")
    for item in found["items"]:
        page = (await desk.manager.get(item["facts"])).json()
        assert sum(fact["numerator"] for fact in page["items"]) == item["numerator"], item
    backlog = next(item for item in found["items"] if item["metric"] == "backlog")
    assert backlog["value"] == 2


def opened(number: int, at: datetime) -> CaseOpened:
    return replace(OPENED, case_id=UUID(int=number), opened_at=at)


async def test_names_and_formulas_have_the_languages_tags_everywhere(desk: Desk, clock: ManualClock) -> None:
    await three_agents(desk)
    definition = await a_definition(desk)
    today = (await ask(desk, "GET", "dashboards/today"))["items"]
    clock.move_to(datetime(2026, 4, 2, tzinfo=UTC))
    body = {"definition_id": definition["definition_id"], **MARCH}
    cards = (await ask(desk, "POST", "scorecards:publish", json=body))["items"]
    catalogue = {metric["id"]: metric for metric in (await ask(desk, "GET", "metrics"))["items"]}
    for one in (*today, *cards[0]["lines"]):
        assert one["name"] == catalogue[one["metric"]]["name"]
        assert set(one["name"]) == {"zh-CN", "en"}


async def test_a_target_holds_from_the_day_it_is_at_home_and_not_from_utcs(desk: Desk, clock: ManualClock) -> None:
    clock.move_to(datetime(2026, 3, 4, 18, tzinfo=UTC))
    made = await ask(desk, "POST", "targets", status=201, json={"metric": "csat", "value": 80})
    assert made["valid_from"] == "2026-03-05"
    path = f"targets/{made['target_id']}"
    clock.move_to(datetime(2026, 3, 5, 18, tzinfo=UTC))
    raised = await ask(desk, "PATCH", path, json={"value": 85}, headers={"If-Match": '"1"'})
    assert raised["valid_from"] == "2026-03-06"


async def test_a_pattern_is_decided_without_a_word_as_the_lead_guide_prints_it(desk: Desk) -> None:
    for verb in ("take-up", "dismiss"):
        answer = await desk.manager.post(f"{KPI}/patterns/{UUID(int=9)}/{verb}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


REFUSED = (
    ("POST", "targets", {"metric": "csat", "value": 90}, "target-exists", ("PATCH /kpi/v1/targets/",) * 2),
    ("POST", "targets", {"metric": "fcr", "value": 1, "group": "A001"}, "group-of-centre", ("group_by",) * 2),
    ("POST", "alert-rules", {"name": "x", "metric": "fcr", "threshold": 1, "group": "A1"}, "group-of-centre", None),
    ("GET", "metrics/nosuch", None, "metric-unknown", ("GET /kpi/v1/metrics",) * 2),
    ("GET", "metrics/asa?by=root_cause", None, "dimension-not-of-metric", ("可用：agent, team", "knows: agent, team")),
    ("GET", "metrics/asa?tz=Mars", None, "zone-unknown", ("Asia/Shanghai",) * 2),
    ("GET", "metrics/asa?threshold=5", None, "option-not-of-metric", ("服务水平", "service levels")),
    ("GET", "metrics/asa/facts?after=x", None, "cursor-invalid", ("next",) * 2),
    ("GET", "dashboards/heatmap/asa_p90", None, "metric-not-additive", ("asa、aht", "asa, aht")),
    ("GET", "dashboards/distribution/asa", None, "metric-without-distribution", ("asa_p90",) * 2),
    ("GET", "targets/suggestion?metric=aht&from=2026-03-01&to=2026-03-31", None, "metric-without-direction", None),
)


@pytest.mark.parametrize(("method", "path", "body", "code", "words"), REFUSED, ids=[one[3] for one in REFUSED])
async def test_a_refusal_says_in_both_languages_what_to_do(
    desk: Desk, method: str, path: str, body: dict[str, Any] | None, code: str, words: tuple[str, str] | None
) -> None:
    await ask(desk, "POST", "targets", status=201, json={"metric": "csat", "value": 80})
    if path.startswith("dashboards"):
        path += "?from=2026-03-01&to=2026-03-31"
    told = []
    for language in ("zh-CN", "en"):
        headers = {"Accept-Language": language}
        answer = await desk.manager.request(method, f"{KPI}/{path}", json=body, headers=headers)
        assert answer.json()["code"] == code
        told.append(answer.json()["detail"])
    assert told[0] != told[1]
    assert words is None or all(word in sentence for word, sentence in zip(words, told, strict=True)), told


async def test_the_field_that_is_wrong_is_named_and_what_it_may_be(desk: Desk) -> None:
    answer = (await desk.manager.get(f"{KPI}/metrics/asa", params={"by": "root_cause"})).json()
    assert [error["field"] for error in answer["errors"]] == ["by"]
    body = {"name": "x", "role": "king", "weighed": [{"metric": "csat", "weight": 100, "target": 80}]}
    [fault] = (await desk.manager.post(f"{KPI}/scorecard-definitions", json=body)).json()["errors"]
    assert (fault["field"], fault["code"]) == ("role", "not-one-of")
    assert fault["message"].startswith("须为下列之一：agent, lead, supervisor")


async def test_cards_are_not_published_for_a_team_that_there_is_not(desk: Desk, clock: ManualClock) -> None:
    await three_agents(desk)
    definition = await a_definition(desk)
    clock.move_to(datetime(2026, 4, 2, tzinfo=UTC))
    body = {"definition_id": definition["definition_id"], **MARCH}
    refused = await desk.manager.post(f"{KPI}/scorecards:publish", json=body | {"team_id": str(UUID(int=77))})
    assert (refused.status_code, refused.json()["code"]) == (404, "not-found")
    done = await ask(desk, "POST", "scorecards:publish", json=body | {"team_id": str(TEAM)})
    assert {card["staff_no"] for card in done["items"]} == set(PEOPLE)


async def test_a_sheet_has_days_and_times_of_the_asked_zone_as_excel_knows_them(desk: Desk) -> None:
    await desk.hears(recorded([contact(1)]))
    url, zone = f"{KPI}/metrics/answer_rate/export", "Asia/Shanghai"
    by_day = {"from": "2026-03-02", "to": "2026-03-02", "grain": "day", "tz": zone}
    by_hour = {"from": "2026-03-02T12:00:00+08:00", "to": "2026-03-02T13:00:00+08:00", "grain": "hour", "tz": zone}
    [of_day], [of_hour] = [
        CalamineWorkbook.from_filelike(io.BytesIO((await desk.manager.get(f"{url}.xlsx", params=asked)).content))
        .get_sheet_by_index(0)
        .to_python()[3:]
        for asked in (by_day, by_hour)
    ]
    assert (of_day[2], str(of_hour[3]), str(of_hour[9])) == (
        date(2026, 3, 2),
        "2026-03-02 12:00:00",
        "2026-03-02 09:00:00",
    )
    text = (await desk.manager.get(f"{url}.csv", params=by_hour)).content.decode("utf-8-sig")
    [line] = list(csv.reader(io.StringIO(text)))[3:]
    assert (line[3], line[9]) == ("2026-03-02T12:00:00+08:00", "2026-03-02T09:00:00+08:00")


async def test_what_is_told_of_figures_has_the_metrics_names_and_whose_days_are_meant(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    clock.move_to(NOON)
    await three_agents(desk)
    rule = {"name": "接通", "metric": "answer_rate", "threshold": 99, "for_minutes": 0}
    await ask(desk, "POST", "alert-rules", status=201, json=rule)
    await pass_time(NOON + timedelta(minutes=10))
    definition = await a_definition(desk)
    clock.move_to(datetime(2026, 4, 2, tzinfo=UTC))
    body = {**MARCH, "tz": "Asia/Tokyo"}
    await ask(desk, "POST", "rankings:publish", json=body | {"category": "quality"})
    await ask(desk, "POST", "scorecards:publish", json=body | {"definition_id": definition["definition_id"]})
    [alert] = await told(desk, AlertRaised)
    [ranking] = await told(desk, RankingPublished)
    [card, *_] = await told(desk, ScorecardPublished)
    assert (alert.metric_name_zh, alert.metric_name_en, alert.zone) == ("接通率", "Answer rate", "Asia/Shanghai")
    assert (ranking.metric_name_zh, ranking.zone) == ("满意度", "Asia/Tokyo")
    assert card.zone == "Asia/Tokyo"


async def test_a_pay_period_may_be_closed_as_soon_as_its_last_day_is_over_at_home(
    desk: Desk, clock: ManualClock
) -> None:
    body = {"name": "二月", "from": "2026-02-01", "to": "2026-03-04"}
    clock.move_to(datetime(2026, 3, 4, 15, 59, tzinfo=UTC))
    await ask(desk, "POST", "pay-periods", status=409, json=body)
    clock.move_to(datetime(2026, 3, 4, 16, tzinfo=UTC))
    await ask(desk, "POST", "pay-periods", status=201, json=body)


@pytest.mark.parametrize(
    ("picture", "field"),
    [("heatmap/asa", "by"), ("heatmap/asa", "grain"), ("distribution/asa_p90", "by"), ("trend/asa", "by")],
)
async def test_a_picture_refuses_what_it_would_not_heed(desk: Desk, picture: str, field: str) -> None:
    params = {field: "agent" if field == "by" else "day", **MARCH}
    answer = (await desk.manager.get(f"{KPI}/dashboards/{picture}", params=params)).json()
    assert [(error["field"], error["code"]) for error in answer["errors"]] == [(field, "unknown-field")]


async def test_a_queues_trend_has_the_queues_target(desk: Desk) -> None:
    await desk.hears(recorded([contact(1, queue="vip")]))
    body = {"metric": "asa", "group_by": "queue", "group": "vip", "value": 9, "valid_from": "2026-01-01"}
    await ask(desk, "POST", "targets", status=201, json=body)
    found = await ask(desk, "GET", "dashboards/trend/asa", params={"queue": "vip", "grain": "month", **MARCH})
    assert [point["target"] for point in found["points"]] == [9]


async def test_every_example_of_the_reference_is_accepted_as_it_is_printed(desk: Desk, clock: ManualClock) -> None:
    await three_agents(desk)
    clock.move_to(datetime(2026, 4, 2, tzinfo=UTC))
    paths = (await desk.manager.get(f"{KPI}/openapi.json")).json()["paths"]
    sent = []
    for path, methods in paths.items():
        for method in {"post", "patch"} & methods.keys():
            body = methods[method].get("requestBody", {}).get("content", {}).get("application/json", {})
            if "/outbox/" in path or not body:
                continue
            url = re.sub(r"\{\w+\}", str(UUID(int=9)), path)
            answer = await desk.manager.request(method, url, json=body["example"], headers={"If-Match": '"1"'})
            assert answer.status_code in (200, 201, 404), (path, answer.text)
            sent.append(path)
    assert len(sent) == 12
