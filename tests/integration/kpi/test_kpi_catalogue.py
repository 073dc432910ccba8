"""The catalogue over HTTP: every metric is answered, opens, and leaves as a sheet."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from python_calamine import CalamineWorkbook

from services.kpi.domain.catalogue import CATALOGUE
from shared.contracts.roster import Cell
from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.unit.kpi.samples import HOUR, NOON, contact, settled
from tests.unit.kpi.test_case_facts import (
    BROKEN,
    CLOSED,
    MADE,
    OPENED,
    OVERDUE,
    REOPENED,
    REQUESTED,
    RESOLVED,
    complaint_closed,
    complaint_raised,
    kept,
    over,
)

ASKED = {
    "answer_rate",
    "abandon_rate",
    "asa",
    "aht",
    "contacts_handled",
    "occupancy",
    "transfer_out",
    "fcr",
    "fcr_windowed",
    "repeat_rate",
    "conversion",
    "topic_share",
    "service_level",
    *(f"service_level_{variant}" for variant in range(1, 8)),
    *("csat", "rating_mean", "invite_rate", "evaluation_rate", "nps"),
    *("first_response", "resolution_time", "sla_attainment", "reopen_rate", "backlog", "backlog_age", "closed_loop"),
    *("handoff_ack_time", "promise_kept", "completeness", "not_asked", "complaint_rate"),
    *("change_ack_rate", "ack_time", "adherence", "conformance", "attendance", "deviations"),
    *(f"{metric}_p{percent}" for metric in ("first_response", "resolution_time", "ack_time") for percent in (50, 90)),
    *("asa_p50", "asa_p90", "asa_p95"),
}


async def test_the_catalogue_has_what_the_book_asks_for(desk: Desk) -> None:
    items = (await desk.manager.get("/kpi/v1/metrics")).json()["items"]
    assert {item["id"] for item in items} >= ASKED


async def test_of_nothing_every_metric_is_null_and_never_zero(desk: Desk) -> None:
    for start in range(0, len(CATALOGUE), 50):
        queries = [{"metric": metric} for metric in list(CATALOGUE)[start : start + 50]]
        answers = (await desk.manager.post("/kpi/v1/metrics:query", json={"queries": queries})).json()["answers"]
        assert {answer["points"][0]["value"] for answer in answers} == {None}


async def test_what_cases_tells_becomes_figures_that_open(desk: Desk) -> None:
    told = [OPENED, RESOLVED, REOPENED, RESOLVED, CLOSED]
    events = [
        *enumerate(told, start=1),
        (1, REQUESTED),
        (2, OVERDUE),
        (3, over("answered", False)),
        (1, MADE),
        (2, BROKEN),
    ]
    await desk.hears([delivery_of(event, sequence=number) for number, event in events])
    await desk.hears(
        [
            *recorded([contact(n) for n in range(8)] + [contact(9, agent="A002", answered=True)]),
            delivery_of(complaint_raised()),
        ]
    )
    expected = {
        "backlog": (0, 0, 1),
        "reopen_rate": (100, 1, 1),
        "resolution_time": (3600, 3600, 1),
        "resolution_time_calendar": (7200, 7200, 1),
        "closed_loop": (0, 0, 1),
        "promise_kept": (0, 0, 1),
        "completeness": (70, 7, 10),
        "not_asked": (20, 2, 10),
        "complaint_rate": (1000 / 9, 1, 9),
    }
    for metric, figures in expected.items():
        point = await desk.point(metric)
        assert (point["value"], point["numerator"], point["denominator"]) == figures, metric
    [step] = await desk.points("complaint_rate", by="step")
    assert (step["group"]["step"], step["value"], step["denominator"]) == ("callback", 1000 / 9, 9)
    by_agent = await desk.points("complaint_rate", by="agent")
    assert [(point["group"]["agent"], point["value"]) for point in by_agent] == [("A001", 125), ("A002", 0)]
    [fact] = await desk.facts("complaint_rate", side="numerator")
    assert fact["kind"] == "complaint"
    assert len(await desk.facts("complaint_rate", side="denominator")) == 9
    assert await desk.is_consistent()


async def test_a_loop_closed_and_a_promise_kept_in_time_count_and_complaints_open_by_their_root_cause(
    desk: Desk,
) -> None:
    loops = [(1, REQUESTED), (2, over("answered", True)), (1, MADE), (2, kept(in_time=True))]
    await desk.hears([delivery_of(event, sequence=number) for number, event in loops])
    await desk.hears([*recorded([contact(n) for n in range(4)]), delivery_of(complaint_raised())])
    for metric, figures in (
        ("closed_loop", (100, 1, 1)),
        ("promise_kept", (100, 1, 1)),
        ("complaint_rate", (250, 1, 4)),
    ):
        point = await desk.point(metric)
        assert (point["value"], point["numerator"], point["denominator"]) == figures, metric
    [unknown] = await desk.points("complaint_rate", by="root_cause")
    assert unknown["group"] == {"root_cause": None}
    await desk.hears([delivery_of(complaint_closed("process"), sequence=9)])
    [known] = await desk.points("complaint_rate", by="root_cause")
    assert (known["group"], known["value"]) == ({"root_cause": "process"}, 250)
    assert len(await desk.facts("complaint_rate", side="numerator", root_cause="process")) == 1


async def test_the_backlog_grows_older_with_the_events(desk: Desk) -> None:
    await desk.hears([delivery_of(OPENED, at=NOON)])
    await desk.hears([delivery_of(REQUESTED, at=NOON + 2 * HOUR)])
    age = await desk.point("backlog_age")
    assert (age["value"], age["denominator"]) == (7200, 1)
    [fact] = await desk.facts("backlog_age")
    assert fact["numerator"] == 7200


async def test_the_share_of_a_topic_is_of_all_topics(desk: Desk) -> None:
    topics = ["a", "a", "a", "b", None]
    await desk.hears(recorded([contact(n, topic=topic, topic_name=topic) for n, topic in enumerate(topics)]))
    shares = {point["group"]["topic"]: point["value"] for point in await desk.points("topic_share", by="topic")}
    assert shares == {"a": 75, "b": 25, None: 0}
    assert (await desk.point("topic_share", topic="b"))["value"] == 25


async def test_a_night_shift_at_the_end_of_a_31_day_month_counts_in_that_month(desk: Desk) -> None:
    starts_at = datetime(2026, 3, 31, 14, tzinfo=UTC)
    night = Cell(code="夜", starts_at=starts_at, ends_at=starts_at + 8 * HOUR)
    shift = settled(shift_on=date(2026, 3, 31), planned=night, accountable=night, deviation="late", cause="agent")
    await desk.hears([delivery_of(shift)])
    for zone in ("Asia/Shanghai", "Pacific/Auckland", "America/Los_Angeles"):
        asked = {"grain": "shift_day", "from_": "2026-03-01", "to": "2026-04-30", "tz": zone}
        days = {point["on"]: point["value"] for point in await desk.points("deviations", **asked)}
        assert {day for day, value in days.items() if value} == {"2026-03-31"}
    months = await desk.points("deviations", grain="month", from_="2026-03-01", to="2026-04-30")
    assert [point["value"] for point in months] == [1, None]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/St_Johns", "Asia/Kathmandu"])
async def test_months_and_days_add_up_to_the_same_in_any_zone(desk: Desk, zone: str) -> None:
    """Facts of two zones, asked by agent over parts of months: months, days, quarter hours and facts together."""
    start = datetime(2026, 1, 20, 3, 7, tzinfo=UTC)
    told = [
        contact(
            n,
            queued_at=start + n * timedelta(hours=17),
            agent=f"A{n % 3}",
            zone="Asia/Shanghai" if n % 2 else "America/St_Johns",
        )
        for n in range(120)
    ]
    await desk.hears(recorded(told))
    for by in (None, "team", "agent", "channel"):
        group = {"by": by} if by else {}
        asked = {"from_": "2026-01-25", "to": "2026-04-10", "tz": zone} | group
        whole = sum(point["value"] for point in await desk.points("contacts_handled", **asked))
        for grain in ("day", "week", "month"):
            points = await desk.points("contacts_handled", grain=grain, **asked)
            assert sum(point["value"] or 0 for point in points) == whole
        assert 100 < whole < 120


async def test_a_metric_leaves_as_a_sheet(desk: Desk) -> None:
    await desk.hears(recorded([contact(1, agent="=1+1", agent_name="=1+1"), contact(2, answered=False)]))
    url, params = "/kpi/v1/metrics/answer_rate/export", {"by": "agent"}
    excel = await desk.manager.get(f"{url}.xlsx", params=params)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(excel.content)).get_sheet_by_index(0).to_python()
    assert rows[0][:4] == ["answer_rate", "接通率", "%", "接听 ÷ 呼入"]
    assert rows[2][:2] == ["分组", "名称"]
    assert [row[0] for row in rows[3:]] == ["=1+1", "A001"]
    english = desk.api.as_("manager", language="en")
    text = (await english.get(f"{url}.csv", params=params)).content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert lines[0][:2] == ["answer_rate", "Answer rate"]
    assert [line[0] for line in lines[3:]] == ["'=1+1", "A001"]
    assert lines[4][4:8] == ["0.0", "0", "1", "1"]
    assert (await desk.manager.get(f"{url}.csv", params={"by": "cause"})).status_code == 422
    assert (await desk.manager.get("/kpi/v1/metrics/nothing/export.xlsx")).status_code == 404
