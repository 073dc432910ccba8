"""Scorecards over HTTP: what is weighed, what is shown, what a correction makes of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.kpi import ScorecardPublished
from tests.conftest import ManualClock
from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.integration.kpi.floor import KPI, MARCH, PEOPLE, ask, calls, joined, three_agents, told
from tests.unit.kpi.samples import NOON, contact


async def a_definition(desk: Desk, **changes: Any) -> dict[str, Any]:
    weighed = [
        {"metric": "answer_rate", "weight": 70, "target": 80},
        {"metric": "asa", "weight": 30, "target": 12},
    ]
    found: dict[str, Any] = await ask(
        desk, "POST", "scorecard-definitions", status=201, json={"name": "客服", "weighed": weighed} | changes
    )
    return found


async def test_a_scorecard_shows_every_formula_number_and_weight_and_ones_own_last_time(
    desk: Desk, clock: ManualClock
) -> None:
    await three_agents(desk)
    await desk.hears(recorded(calls("A001", 70, 30, first=5000, queued_at=NOON - timedelta(days=28))))
    definition = await a_definition(desk)
    clock.move_to(datetime(2026, 4, 2, tzinfo=UTC))
    body = {"definition_id": definition["definition_id"], **MARCH}
    done = await ask(desk, "POST", "scorecards:publish", json=body)
    cards = {card["staff_no"]: card for card in done["items"]}
    assert set(cards) == set(PEOPLE)
    rate, speed = cards["A001"]["lines"]
    assert (rate["value"], rate["numerator"], rate["denominator"], rate["weight"]) == (95, 95, 100, 70)
    assert rate["formula"] == {"zh-CN": "接听 ÷ 呼入", "en": "answered / offered"}
    assert (rate["definition_version"], cards["A001"]["definition_version"]) == (1, 1)
    assert (rate["previous_value"], rate["change"]) == (70, "better")
    assert speed["attainment"] == pytest.approx(120)
    assert cards["A001"]["score"] == pytest.approx(118.75 * 0.7 + 120 * 0.3)
    published = await told(desk, ScorecardPublished)
    assert {event.staff_no for event in published} == set(PEOPLE)


async def test_a_correction_makes_a_revision_beside_the_published_card(desk: Desk, clock: ManualClock) -> None:
    await three_agents(desk)
    definition = await a_definition(desk)
    clock.move_to(datetime(2026, 4, 2, tzinfo=UTC))
    body = {"definition_id": definition["definition_id"], **MARCH}
    await ask(desk, "POST", "scorecards:publish", json=body)
    again = await ask(desk, "POST", "scorecards:publish", json=body)
    assert (again["items"], again["unchanged_count"]) == ([], 3)
    correction = [contact(99, version=2, answered=True, agent="A001", agent_name=PEOPLE["A001"])]
    await desk.hears(recorded(correction))
    [revised] = (await ask(desk, "POST", "scorecards:publish", json=body))["items"]
    assert (revised["staff_no"], revised["revision"]) == ("A001", 2)
    view = await ask(desk, "GET", f"scorecards/{revised['scorecard_id']}")
    assert view["card"]["lines"][0]["value"] == 96
    assert [card["lines"][0]["value"] for card in view["revisions"]] == [95]


async def test_an_agent_sees_the_own_card_and_nobody_elses(desk: Desk, clock: ManualClock) -> None:
    await three_agents(desk)
    definition = await a_definition(desk)
    clock.move_to(datetime(2026, 4, 2, tzinfo=UTC))
    done = await ask(desk, "POST", "scorecards:publish", json={"definition_id": definition["definition_id"], **MARCH})
    agent = desk.api.as_("agent", staff_no="A001", teams=("T1",))
    seen = (await agent.get(f"{KPI}/scorecards")).json()["items"]
    assert [card["staff_no"] for card in seen] == ["A001"]
    other = next(card for card in done["items"] if card["staff_no"] == "A002")
    assert (await agent.get(f"{KPI}/scorecards/{other['scorecard_id']}")).status_code == 403
    lead = desk.api.as_("lead", staff_no="L001", teams=("T1",))
    assert len((await lead.get(f"{KPI}/scorecards")).json()["items"]) == 3
    assert (await agent.post(f"{KPI}/scorecards:publish", json={})).status_code == 403


async def test_a_newcomer_gets_the_newcomers_card(desk: Desk, clock: ManualClock) -> None:
    await desk.hears([delivery_of(joined("A001")), delivery_of(joined("A002", date(2026, 3, 10)))])
    newcomers = await a_definition(
        desk, stage="newcomer", weighed=[{"metric": "answer_rate", "weight": 100, "target": 80}]
    )
    clock.move_to(datetime(2026, 4, 2, tzinfo=UTC))
    done = await ask(desk, "POST", "scorecards:publish", json={"definition_id": newcomers["definition_id"], **MARCH})
    assert [card["staff_no"] for card in done["items"]] == ["A002"]
    assert done["items"][0]["score"] is None


async def test_newcomers_are_not_asked_for_speed_and_a_card_is_for_one_role(desk: Desk, clock: ManualClock) -> None:
    speed = [{"metric": "answer_rate", "weight": 70, "target": 80}, {"metric": "asa", "weight": 30, "target": 12}]
    body = {"name": "新人", "stage": "newcomer", "weighed": speed}
    refused = await desk.manager.post(f"{KPI}/scorecard-definitions", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "speed-for-newcomers")
    await desk.hears([delivery_of(joined("A001")), delivery_of(joined("A002", roles=("lead",)))])
    leads = await a_definition(desk, role="lead")
    clock.move_to(datetime(2026, 4, 2, tzinfo=UTC))
    done = await ask(desk, "POST", "scorecards:publish", json={"definition_id": leads["definition_id"], **MARCH})
    assert [card["staff_no"] for card in done["items"]] == ["A002"]


async def test_a_card_keeps_the_definition_that_it_was_published_by(desk: Desk, clock: ManualClock) -> None:
    await three_agents(desk)
    definition = await a_definition(desk)
    clock.move_to(datetime(2026, 4, 2, tzinfo=UTC))
    body = {"definition_id": definition["definition_id"], **MARCH}
    first = {card["staff_no"]: card for card in (await ask(desk, "POST", "scorecards:publish", json=body))["items"]}
    other = {"weighed": [{"metric": "answer_rate", "weight": 100, "target": 80}]}
    path = f"scorecard-definitions/{definition['definition_id']}"
    await ask(desk, "PATCH", path, json=other, headers={"If-Match": '"1"'})
    again = {card["staff_no"]: card for card in (await ask(desk, "POST", "scorecards:publish", json=body))["items"]}
    assert {(card["revision"], card["definition_version"]) for card in again.values()} == {(2, 2)}
    view = await ask(desk, "GET", f"scorecards/{first['A001']['scorecard_id']}")
    assert view["revisions"] == [first["A001"]]


async def test_a_period_that_still_goes_on_is_not_published(desk: Desk) -> None:
    definition = await a_definition(desk)
    refused = await desk.manager.post(
        f"{KPI}/scorecards:publish", json={"definition_id": definition["definition_id"], **MARCH}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "period-not-over")


async def test_two_whole_months_long_nobody_gets_a_card_that_asks_for_speed(desk: Desk, clock: ManualClock) -> None:
    """Hired on 1 March: March and April are the first two months, 61 days; hired on the 15th, May belongs to them."""
    await desk.hears([delivery_of(joined("A001", date(2026, 3, 1))), delivery_of(joined("A002", date(2026, 3, 15)))])
    with_speed = await a_definition(desk)
    clock.move_to(datetime(2026, 8, 1, tzinfo=UTC))
    seen = {}
    for month, days in ((3, 31), (4, 30), (5, 31), (6, 30)):
        period = {"from": f"2026-{month:02}-01", "to": f"2026-{month:02}-{days}"}
        body = {"definition_id": with_speed["definition_id"], **period}
        seen[month] = [card["staff_no"] for card in (await ask(desk, "POST", "scorecards:publish", json=body))["items"]]
    assert seen == {3: [], 4: [], 5: ["A001"], 6: ["A001", "A002"]}


async def test_the_previous_period_of_a_month_is_the_month_before_and_not_as_many_days(
    desk: Desk, clock: ManualClock
) -> None:
    """What an agent lost on 31 January is no part of February, which March is compared with."""
    await three_agents(desk)
    for month, day, good, lost in ((1, 31, 0, 50), (2, 1, 8, 2), (2, 28, 8, 2)):
        at = {"first": 10_000 * month + 100 * day, "queued_at": datetime(2026, month, day, 4, tzinfo=UTC)}
        await desk.hears(recorded(calls("A001", good, lost, **at)))
    definition = await a_definition(desk)
    clock.move_to(datetime(2026, 4, 2, tzinfo=UTC))
    body = {"definition_id": definition["definition_id"], **MARCH}
    cards = {card["staff_no"]: card for card in (await ask(desk, "POST", "scorecards:publish", json=body))["items"]}
    assert cards["A001"]["lines"][0]["previous_value"] == 80


async def test_ones_last_time_is_ones_own_and_a_line_says_better_worse_or_same(desk: Desk, clock: ManualClock) -> None:
    await three_agents(desk)
    before = {"queued_at": NOON - timedelta(days=28)}
    await desk.hears(recorded(calls("A001", 98, 2, first=5000, **before)))
    await desk.hears(recorded(calls("A002", 60, 40, first=6000, wait=20, **before)))
    definition = await a_definition(desk)
    clock.move_to(datetime(2026, 4, 2, tzinfo=UTC))
    body = {"definition_id": definition["definition_id"], **MARCH}
    cards = {card["staff_no"]: card for card in (await ask(desk, "POST", "scorecards:publish", json=body))["items"]}
    lines = {
        staff_no: [(line["previous_value"], line["change"]) for line in card["lines"]]
        for staff_no, card in cards.items()
    }
    assert lines == {
        "A001": [(98, "worse"), (10, "same")],
        "A002": [(60, "better"), (20, "better")],
        "A003": [(None, None), (None, None)],
    }
    last_time = {staff_no: card["previous_score"] for staff_no, card in cards.items()}
    assert last_time == {
        "A001": pytest.approx(122.5 * 0.7 + 120 * 0.3),
        "A002": pytest.approx(75 * 0.7 + 60 * 0.3),
        "A003": None,
    }


async def test_a_revision_is_told_with_its_number_and_the_definition_it_was_made_by(
    desk: Desk, clock: ManualClock
) -> None:
    await three_agents(desk)
    definition = await a_definition(desk)
    clock.move_to(datetime(2026, 4, 2, tzinfo=UTC))
    body = {"definition_id": definition["definition_id"], **MARCH}
    await ask(desk, "POST", "scorecards:publish", json=body)
    await desk.hears(recorded([contact(99, version=2, answered=True, agent="A001", agent_name=PEOPLE["A001"])]))
    await ask(desk, "POST", "scorecards:publish", json=body)
    *_, last = events = await told(desk, ScorecardPublished)
    assert len(events) == 4
    assert (last.staff_no, last.revision, last.definition_version) == ("A001", 2, 1)
    assert last.score == pytest.approx(96 * 100 / 80 * 0.7 + 120 * 0.3)
