"""The same figures by every way out: many at once, as a sheet, as text; and for nobody who may not see them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest
from python_calamine import CalamineWorkbook

from services.kpi.domain.catalogue import CATALOGUE
from services.kpi.queries import found
from services.kpi.queries.export import COLUMNS
from tests.conftest import ManualClock
from tests.integration.kpi.conftest import Desk, recorded
from tests.integration.kpi.whole_centre import OTHER, deliveries
from tests.unit.kpi.samples import NOON, TEAM, contact

MARCH = {"from": "2026-03-01", "to": "2026-03-06"}
QUESTIONS: Sequence[tuple[str, dict[str, str]]] = (
    ("answer_rate", {"by": "agent"}),
    ("answer_rate", {"grain": "day", **MARCH}),
    ("asa", {"by": "team", "grain": "hour", "tz": "Asia/Kathmandu", **MARCH}),
    ("asa_p95", {"by": "topic"}),
    ("service_level", {"threshold": "30", "by": "channel"}),
    ("service_level_5", {"short": "20", "queue": "vip"}),
    ("topic_share", {"by": "topic"}),
    ("fcr_windowed", {"by": "agent", "grain": "week", **MARCH}),
    ("complaint_rate", {"by": "step"}),
    ("deviations", {"by": "cause", "grain": "shift_day", **MARCH}),
    ("backlog_age", {"by": "team"}),
    ("nps", {"grain": "month", **MARCH}),
    (
        "contacts_handled",
        {"without": "topic", "from": "2026-03-02T04:15:00Z", "grain": "15m", "to": "2026-03-02T09:00:00Z"},
    ),
)


@pytest.fixture
async def centre(desk: Desk) -> Desk:
    """A centre in which something of everything happened."""
    await desk.hears(deliveries())
    return desk


async def told(client: httpx.AsyncClient, path: str, params: dict[str, str]) -> httpx.Response:
    answer = await client.get(f"/kpi/v1/metrics/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer


async def test_many_at_once_are_what_each_is_alone(centre: Desk) -> None:
    alone = [(await told(centre.manager, metric, params)).json() for metric, params in QUESTIONS]
    queries = [{"metric": metric, **params} for metric, params in QUESTIONS]
    answer = await centre.manager.post("/kpi/v1/metrics:query", json={"queries": queries})
    assert answer.json()["answers"] == alone


async def test_every_metric_of_the_catalogue_is_answered_at_once_as_alone(centre: Desk) -> None:
    for start in range(0, len(CATALOGUE), 50):
        names = list(CATALOGUE)[start : start + 50]
        body = {"queries": [{"metric": metric, "by": "team"} for metric in names]}
        answers = (await centre.manager.post("/kpi/v1/metrics:query", json=body)).json()["answers"]
        assert answers == [(await told(centre.manager, metric, {"by": "team"})).json() for metric in names]


@pytest.mark.parametrize(("metric", "params"), QUESTIONS)
async def test_a_sheet_has_the_points_cell_by_cell(centre: Desk, metric: str, params: dict[str, str]) -> None:
    points = (await told(centre.manager, metric, params)).json()["points"]
    assert points
    zone = ZoneInfo(params.get("tz", "Asia/Shanghai"))
    expected = [[_cell(point, column, params.get("by"), zone) for column in COLUMNS] for point in points]
    excel = (await told(centre.manager, f"{metric}/export.xlsx", params)).content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(excel)).get_sheet_by_index(0).to_python()
    assert [list(map(_in_excel, row)) for row in rows[3:]] == [list(map(_in_excel, row)) for row in expected]
    text = (await told(centre.manager, f"{metric}/export.csv", params)).content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert [list(map(_of_text, line)) for line in lines[3:]] == expected


def _cell(point: dict[str, Any], column: str, by: str | None, zone: ZoneInfo) -> Any:
    """A point's figure as a cell shows it: nothing where there is none, times as the asked zone's clock has them."""
    group = point["group"] or {}
    value = {"group": group.get(str(by)), "name": group.get(f"{by}_name")}.get(column, point.get(column))
    value = _of_text(value)
    return value.astimezone(zone) if isinstance(value, datetime) else value


def _of_text(cell: Any) -> Any:
    """Numbers, days and times as what they are."""
    for read in (float, date.fromisoformat, datetime.fromisoformat):
        try:
            return read(cell)
        except (ValueError, TypeError):
            continue
    return "" if cell is None else cell


def _in_excel(cell: Any) -> Any:
    """Excel's numbers have sixteen digits, one less than it takes to tell every double; its times have no zone."""
    if isinstance(cell, float):
        return float(f"{cell:.16G}")
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None)
    return datetime.combine(cell, time()) if isinstance(cell, date) else cell


async def test_a_value_with_nothing_beneath_is_an_empty_cell_and_never_0(desk: Desk) -> None:
    await desk.hears(recorded([contact(1, answered=False)]))
    asked = {"from": "2026-03-02", "to": "2026-03-03", "grain": "day"}
    points = (await told(desk.manager, "answer_rate", asked)).json()["points"]
    assert [point["value"] for point in points] == [0, None]
    text = (await told(desk.manager, "answer_rate/export.csv", asked)).content.decode("utf-8-sig")
    value = list(COLUMNS).index("value")
    assert [line[value] for line in list(csv.reader(io.StringIO(text)))[3:]] == ["0.0", ""]
    for metric in ("asa", "asa_p50", "fcr", "csat", "aht"):
        assert [point["value"] for point in await desk.points(metric, by="agent")] == []
        assert (await desk.point(metric))["value"] is None


async def test_every_point_says_what_it_is_judged_by(centre: Desk) -> None:
    versions = {item["id"]: item for item in (await centre.manager.get("/kpi/v1/metrics")).json()["items"]}
    as_of = (NOON + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    said = {"value", "numerator", "denominator", "n", "definition_version", "as_of", "maturing_until"}
    for metric, params in QUESTIONS:
        for point in (await told(centre.manager, metric, params)).json()["points"]:
            assert point.keys() == said | {"group", "at", "on"}
            assert point["definition_version"] == versions[metric]["definition_version"]
            assert point["as_of"] == as_of
            assert (point["maturing_until"] is None) or metric == "fcr_windowed"


async def test_every_metric_of_the_catalogue_says_its_formula_in_both_languages_unit_direction_and_version(
    desk: Desk,
) -> None:
    items = (await desk.manager.get("/kpi/v1/metrics")).json()["items"]
    assert [item["id"] for item in items] == list(CATALOGUE)
    for item in items:
        for words in (item["name"], item["formula"]):
            assert words.keys() == {"zh-CN", "en"}
            assert any("一" <= letter <= "鿿" for letter in words["zh-CN"])
            assert words["en"]
            assert not any("一" <= letter <= "鿿" for letter in words["en"])
        assert item["unit"] in {"percent", "per_thousand", "seconds", "points", "count"}
        assert item["better"] in {"up", "down", "neither"}
        assert item["definition_version"] >= 1


async def test_too_many_points_are_refused_wherever_they_are_asked(
    centre: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(found, "MOST_POINTS", 3)
    params = {"by": "agent", "grain": "hour", **MARCH}
    answers = [
        await centre.manager.get(f"/kpi/v1/metrics/answer_rate{way}", params=params)
        for way in ("", "/export.csv", "/export.xlsx")
    ]
    body = {"queries": [{"metric": "answer_rate", **params}]}
    answers.append(await centre.manager.post("/kpi/v1/metrics:query", json=body))
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(422, "too-many-points")}


WAYS = ("", "/facts", "/export.csv", "/export.xlsx")
"""Every way to read one metric."""


async def handled(client: httpx.AsyncClient, period: str, **params: str) -> set[Any]:
    """How many handled contacts somebody sees, by every way there is; or the refusal."""
    url = "/kpi/v1/metrics/contacts_handled"
    seen = []
    for way in WAYS:
        answer = await client.get(url + way, params=params)
        seen.append(_seen(answer, way) if answer.status_code == 200 else answer.json()["code"])
    body = {"queries": [{"metric": "contacts_handled", **params}]}
    many = await client.post("/kpi/v1/metrics:query", json=body)
    seen.append(many.json()["answers"][0]["points"][0]["value"] if many.status_code == 200 else many.json()["code"])
    closed = await client.get(f"/kpi/v1/pay-periods/{period}/metrics/contacts_handled", params=params)
    seen.append(closed.json()["points"][0]["now"]["value"] if closed.status_code == 200 else closed.json()["code"])
    return {each or None for each in seen}


def _seen(answer: httpx.Response, way: str) -> Any:
    if way == "/facts":
        return len(answer.json()["items"])
    if not way:
        return answer.json()["points"][0]["value"]
    if way.endswith("csv"):
        rows: list[list[Any]] = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    else:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    return float(rows[3][list(COLUMNS).index("value")] or 0)


async def test_agents_see_their_own_and_leads_their_teams_by_every_way_there_is(desk: Desk, clock: ManualClock) -> None:
    nobody: dict[str, Any] = {"agent": None, "agent_name": None}
    whose: Sequence[dict[str, Any]] = ({}, {}, {"agent": "A002"}, nobody, OTHER, OTHER, OTHER | nobody, OTHER | nobody)
    await desk.hears(recorded([contact(n, **who) for n, who in enumerate(whose)]))
    clock.move_to(NOON + timedelta(days=40))
    closed = await desk.manager.post(
        "/kpi/v1/pay-periods", json={"name": "三月", "from": "2026-03-01", "to": "2026-03-31"}
    )
    period = closed.json()["period_id"]
    mine, other = str(TEAM), str(UUID(int=2))

    agent = desk.api.as_("agent", staff_no="A001", teams=(mine,))
    assert await handled(agent, period) == await handled(agent, period, agent="A001") == {2}
    for params in ({"agent": "A002"}, {"team": mine}, {"without": "agent"}):
        assert await handled(agent, period, **params) == {"not-yours"}
    for lead in (desk.api.as_("lead", staff_no="L001", teams=(mine,)), desk.api.as_("supervisor", teams=(mine,))):
        assert await handled(lead, period) == await handled(lead, period, team=mine) == {4}
        assert await handled(lead, period, agent="A001") == {2}
        assert await handled(lead, period, without="agent") == {1}
        assert await handled(lead, period, agent="B001") == {None}
        assert await handled(lead, period, team=other) == {"not-yours"}
    for role in ("manager", "quality", "integration"):
        assert await handled(desk.api.as_(role), period) == {8}
    assert await handled(desk.api.as_("partner"), period) == {"scope-missing"}
    assert await handled(desk.api.as_("agent"), period) == {"not-yours"}
