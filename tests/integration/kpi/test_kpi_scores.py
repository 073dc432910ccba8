"""Targets, scorecards, rankings, alerts, patterns and dashboards over HTTP, on real figures."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import uvicorn
from sqlalchemy import select

from deploy.ports import free_port
from services.kpi.consumers import TIMERS
from shared.contracts.cases import CaseOpened, Completeness, ContactFact, ContactRecorded, PromiseBroken
from shared.contracts.event import Event
from shared.contracts.roster import AgentJoined, TeamChanged
from shared.platform.codec import decode
from shared.platform.ids import new_id
from shared.platform.timers import Timekeeper
from tests.conftest import ManualClock
from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.integration.kpi.test_kpi_formulas import HOURS, shift_kept
from tests.unit.kpi.samples import HOUR, NOON, TEAM, contact, settled
from tests.unit.kpi.test_case_facts import OPENED

PEOPLE = {"A001": "林晓梅", "A002": "陈立", "A003": "王芳"}
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}
KPI = "/kpi/v1"


def joined(staff_no: str, hired_on: date = date(2025, 1, 1), roles: tuple[str, ...] = ("agent",)) -> AgentJoined:
    return AgentJoined(
        agent_id=new_id(),
        staff_no=staff_no,
        name=PEOPLE[staff_no],
        team_id=TEAM,
        team_name="热线一组",
        roles=roles,
        skills=(),
        hired_on=hired_on,
    )


def calls(staff_no: str, answered: int, missed: int, *, first: int, **more: Any) -> list[ContactFact]:
    """Calls that an agent answered or that were lost on them."""
    told = {"agent": staff_no, "agent_name": PEOPLE[staff_no], **more}
    return [contact(first + n, answered=n < answered, **told) for n in range(answered + missed)]


async def three_agents(desk: Desk) -> None:
    """A001 answers 95 of 100, A002 80 of 100, A003 all of 5."""
    await desk.hears([delivery_of(joined(staff_no)) for staff_no in PEOPLE])
    team = TeamChanged(team_id=TEAM, code="T1", name="热线一组", zone="Asia/Shanghai")
    await desk.hears([delivery_of(team)])
    await desk.hears(recorded(calls("A001", 95, 5, first=0)))
    await desk.hears(recorded(calls("A002", 80, 20, first=1000)))
    await desk.hears(recorded(calls("A003", 5, 0, first=2000)))


async def ask(desk: Desk, method: str, path: str, *, status: int = 200, **more: Any) -> Any:
    answer = await desk.manager.request(method, f"{KPI}/{path}", **more)
    assert answer.status_code == status, answer.text
    return answer.json()


async def told(desk: Desk, type_: str) -> Sequence[Event]:
    """The events of a type that kpi recorded."""
    outbox = desk.database.kernel.outbox
    async with desk.database.reading() as conn:
        found = select(outbox.c.body).where(outbox.c.type == type_).order_by(outbox.c.position)
        bodies = (await conn.execute(found)).scalars().all()
    return [decode(body).data for body in bodies]


@pytest.fixture
def pass_time(desk: Desk, clock: ManualClock) -> Callable[..., Any]:
    """Let time pass and everything due happen on the way."""
    keeper = Timekeeper(desk.database, TIMERS)

    async def pass_(until: datetime, step: timedelta = timedelta(minutes=5)) -> None:
        while clock.now() < until:
            clock.move_to(min(until, clock.now() + step))
            await keeper.fire_due()

    return pass_


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
    assert rate["formula"] == {"zh": "接听 ÷ 呼入", "en": "answered / offered"}
    assert (rate["definition_version"], cards["A001"]["definition_version"]) == (1, 1)
    assert (rate["previous_value"], rate["change"]) == (70, "better")
    assert speed["attainment"] == pytest.approx(120)
    assert cards["A001"]["score"] == pytest.approx(118.75 * 0.7 + 120 * 0.3)
    published = await told(desk, "kpi.scorecard.published.v1")
    assert {event.staff_no for event in published} == set(PEOPLE)  # type: ignore[attr-defined]


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


async def test_a_ranking_goes_by_wilsons_bound_and_shows_who_has_too_few_facts(desk: Desk) -> None:
    await three_agents(desk)
    found = await ask(desk, "GET", "rankings", params={"metric": "answer_rate", **MARCH})
    places = [(place["key"], place["rank"], place["note"]) for place in found["places"]]
    assert places == [("A001", 1, None), ("A002", 2, None), ("A003", None, "insufficient data")]
    assert found["places"][0]["bound"] == pytest.approx(88.8, abs=0.1)
    by_volume = await ask(desk, "GET", "rankings", params={"category": "volume", "min_n": 1, **MARCH})
    assert by_volume["metric"] == "contacts_handled"
    assert (await desk.manager.get(f"{KPI}/rankings", params=MARCH)).json()["code"] == "ranking-by-nothing"


async def test_agents_and_teams_are_ranked_by_volume_quality_skill_and_attendance(desk: Desk) -> None:
    await three_agents(desk)
    other = {"team_id": UUID(int=2), "team_name": "热线二组"}
    good = {"first": 3000, "rating": 5, "resolved": True}
    await desk.hears(recorded(calls("A001", 40, 0, **good)))
    await desk.hears(recorded(calls("A002", 40, 0, **good | other | {"first": 4000, "rating": 2, "resolved": False})))
    absent = {"staff_no": "A002", "deviation": "absent", "cause": "agent", **other}
    shifts = [settled(n, **(absent if n % 2 else {})) for n in range(60)]
    await desk.hears([delivery_of(shift) for shift in shifts])
    for category, metric in (("quality", "csat"), ("skill", "fcr"), ("attendance", "attendance")):
        for of, first in (("agent", "A001"), ("team", str(TEAM))):
            found = await ask(desk, "GET", "rankings", params={"category": category, "of": of, **MARCH})
            assert (found["metric"], found["of"]) == (metric, of)
            assert [place["rank"] for place in found["places"]] == [1, 2]
            assert (found["places"][0]["key"], found["places"][0]["value"]) == (first, 100)
            assert all(place["n"] >= 30 for place in found["places"])
    teams = await ask(desk, "GET", "rankings", params={"category": "volume", "of": "team", **MARCH})
    assert [(place["key"], place["value"]) for place in teams["places"]] == [(str(TEAM), 220), (str(UUID(int=2)), 40)]


async def test_newcomers_are_not_ranked_on_speed(desk: Desk) -> None:
    await desk.hears([delivery_of(joined("A001")), delivery_of(joined("A002", date(2026, 3, 1)))])
    await desk.hears(recorded(calls("A001", 50, 0, first=0) + calls("A002", 50, 0, first=1000, wait=1)))
    speed = await ask(desk, "GET", "rankings", params={"metric": "asa", **MARCH})
    places = [(place["key"], place["rank"], place["note"]) for place in speed["places"]]
    assert places == [("A001", 1, None), ("A002", None, "newcomer")]
    rate = await ask(desk, "GET", "rankings", params={"metric": "answer_rate", **MARCH})
    assert [place["rank"] for place in rate["places"]] == [1, 1]
    refused = await desk.manager.get(f"{KPI}/rankings", params={"metric": "aht", **MARCH})
    assert refused.json()["code"] == "metric-without-direction"


async def test_the_facts_beneath_a_share_of_time_are_shifts_and_not_milliseconds(desk: Desk) -> None:
    """One shift kept to the second is no evidence: as many milliseconds would outrank anybody."""
    steady = [shift_kept(n, scheduled=8 * HOURS, exception=HOURS, worked=7 * HOURS) for n in range(40)]
    lucky = shift_kept(99, scheduled=8 * HOURS, exception=0, worked=8 * HOURS, staff_no="A002", agent_name="陈立")
    await desk.hears([delivery_of(shift) for shift in (*steady, lucky)])
    found = await ask(desk, "GET", "rankings", params={"metric": "adherence", **MARCH})
    places = [(place["key"], place["n"], place["rank"], place["note"]) for place in found["places"]]
    assert places == [("A001", 40, 1, None), ("A002", 1, None, "insufficient data")]
    assert found["places"][0]["bound"] == pytest.approx(73.9, abs=0.1)
    point = await desk.point("adherence", agent="A001")
    assert (point["value"], point["n"], point["denominator"]) == (87.5, 40, 40 * 8 * HOURS * 1000)


async def test_one_fact_that_counts_twice_is_flagged(desk: Desk, clock: ManualClock) -> None:
    await three_agents(desk)
    clock.move_to(datetime(2026, 4, 2, tzinfo=UTC))
    body = {"metric": "answer_rate", **MARCH}
    first = await ask(desk, "POST", "rankings:publish", json=body | {"purpose": "pay"})
    assert first["double_uses"] == []
    second = await ask(desk, "POST", "rankings:publish", json=body | {"purpose": "team_award"})
    assert [use["purpose"] for use in second["double_uses"]] == ["pay"]
    kept = (await ask(desk, "GET", "rankings/published"))["items"]
    assert [len(ranking["double_uses"]) for ranking in kept] == [0, 1]
    [event, _] = await told(desk, "kpi.ranking.published.v1")
    assert [place.rank for place in event.places] == [1, 2, None]  # type: ignore[attr-defined]


async def test_a_teams_award_for_what_its_agents_are_paid_for_is_flagged(desk: Desk, clock: ManualClock) -> None:
    await three_agents(desk)
    definition = await a_definition(desk)
    clock.move_to(datetime(2026, 4, 2, tzinfo=UTC))
    body = {"definition_id": definition["definition_id"], "purpose": "pay", **MARCH}
    assert (await ask(desk, "POST", "scorecards:publish", json=body))["double_uses"] == []
    award = {"metric": "answer_rate", "of": "team", "purpose": "team_award", **MARCH}
    found = await ask(desk, "POST", "rankings:publish", json=award)
    assert [(use["purpose"], use["metric"]) for use in found["double_uses"]] == [("pay", "answer_rate")]
    april = {"from": "2026-02-01", "to": "2026-02-28"}
    assert (await ask(desk, "POST", "rankings:publish", json=award | april))["double_uses"] == []


async def test_an_alert_is_raised_once_and_resolved_once(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    clock.move_to(NOON)
    rule = {"name": "接通率", "metric": "answer_rate", "group_by": "team", "threshold": 80, "least_n": 10}
    made = await ask(desk, "POST", "alert-rules", status=201, json=rule | {"clear_at": 90, "window_minutes": 30})
    assert (made["direction"], made["clear_at"]) == ("below", 90)
    await desk.hears(recorded(calls("A001", 5, 15, first=0, queued_at=NOON + timedelta(minutes=1))))
    await pass_time(NOON + timedelta(minutes=10))
    assert (await ask(desk, "GET", "alerts"))["items"] == []
    await pass_time(NOON + timedelta(minutes=29))
    [raised] = (await ask(desk, "GET", "alerts", params={"state": "raised"}))["items"]
    assert (raised["group"], raised["value"], raised["n"]) == (str(TEAM), 25, 20)
    later = NOON + timedelta(minutes=50)
    await desk.hears(recorded(calls("A001", 40, 0, first=500, queued_at=later)))
    await pass_time(NOON + timedelta(minutes=90))
    [resolved] = (await ask(desk, "GET", "alerts"))["items"]
    assert resolved["state"] == "resolved"
    assert len(await told(desk, "kpi.alert.raised.v1")) == 1
    assert len(await told(desk, "kpi.alert.resolved.v1")) == 1


async def test_a_rule_that_is_switched_off_watches_no_more(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    clock.move_to(NOON)
    rule = {"name": "接通率", "metric": "answer_rate", "threshold": 80, "least_n": 10, "for_minutes": 0}
    made = await ask(desk, "POST", "alert-rules", status=201, json=rule)
    path = f"alert-rules/{made['rule_id']}"
    await ask(desk, "PATCH", path, json={"active": False}, headers={"If-Match": '"1"'})
    await desk.hears(recorded(calls("A001", 5, 15, first=0, queued_at=NOON + timedelta(minutes=1))))
    await pass_time(NOON + HOUR)
    assert (await ask(desk, "GET", "alerts"))["items"] == []


async def test_an_alert_does_not_stay_raised_when_nobody_watches_any_more(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    clock.move_to(NOON)
    rule = {"name": "接通率", "metric": "answer_rate", "threshold": 80, "least_n": 10, "for_minutes": 0}
    made = await ask(desk, "POST", "alert-rules", status=201, json=rule)
    await desk.hears(recorded(calls("A001", 5, 15, first=0, queued_at=NOON + timedelta(minutes=1))))
    await pass_time(NOON + timedelta(minutes=10))
    assert [alert["state"] for alert in (await ask(desk, "GET", "alerts"))["items"]] == ["raised"]
    path = f"alert-rules/{made['rule_id']}"
    await ask(desk, "PATCH", path, json={"active": False}, headers={"If-Match": '"1"'})
    assert [alert["state"] for alert in (await ask(desk, "GET", "alerts"))["items"]] == ["resolved"]
    assert len(await told(desk, "kpi.alert.resolved.v1")) == 1


EARLIER = NOON - timedelta(days=7)


async def test_repeated_transfers_fields_not_asked_and_a_plateau_are_proposed(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    await three_agents(desk)
    await desk.hears(recorded(calls("A003", 8, 0, first=3000, transferred=True, rating=1, queued_at=EARLIER)))
    await desk.hears(recorded(calls("A001", 20, 0, first=3100, rating=1, queued_at=EARLIER)))
    nothing_missed = Completeness(required=40, given=40, refused=0, unknown=0, not_asked=0)
    whole = replace(OPENED, case_id=UUID(int=600), owner="A001", completeness=nothing_missed)
    await desk.hears([delivery_of(case) for case in (whole, *map(opened_without_asking, range(3)))])
    target = {"metric": "csat", "group_by": "agent", "value": 80, "valid_from": "2026-01-01"}
    await ask(desk, "POST", "targets", status=201, json=target)
    for week in range(6):
        at = NOON + timedelta(weeks=week)
        rated = [contact(4000 + 10 * week + n, agent="A003", rating=5 if n < 5 else 1, queued_at=at) for n in range(10)]
        await desk.hears(recorded(rated))
    clock.move_to(datetime(2026, 3, 10, tzinfo=UTC))
    async with desk.database.work() as work:
        await work.conn.execute(work.kernel.timers.update().values(due_at=work.now))
    await pass_time(datetime(2026, 3, 11, tzinfo=UTC), timedelta(days=1))
    found = (await ask(desk, "GET", "patterns"))["items"]
    assert {(one["kind"], one["staff_no"], one["fact_count"]) for one in found} == {
        ("repeated_transfers", "A003", 8),
        ("repeated_not_asked", "A002", 9),
    }
    await pass_time(datetime(2026, 4, 14, tzinfo=UTC), timedelta(days=34))
    found = (await ask(desk, "GET", "patterns"))["items"]
    assert ("plateau", "A003", 60) in {(one["kind"], one["staff_no"], one["fact_count"]) for one in found}
    assert {one["state"] for one in found} == {"proposed"}


def opened_without_asking(number: int) -> CaseOpened:
    """A case of A002's with three of four required fields not asked."""
    missed = Completeness(required=4, given=1, refused=0, unknown=0, not_asked=3)
    return replace(OPENED, case_id=UUID(int=500 + number), owner="A002", owner_name="陈立", completeness=missed)


async def test_missed_loops_are_proposed_to_the_lead_once_and_decided(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    await three_agents(desk)
    clock.move_to(datetime(2026, 3, 10, tzinfo=UTC))
    await desk.hears([delivery_of(broken(number)) for number in range(3)])
    async with desk.database.work() as work:
        timers = work.kernel.timers
        await work.conn.execute(timers.update().values(due_at=work.now))
    await pass_time(datetime(2026, 3, 13, tzinfo=UTC), timedelta(days=1))
    lead = desk.api.as_("lead", staff_no="L001", teams=("T1", str(TEAM)))
    [pattern] = (await lead.get(f"{KPI}/patterns")).json()["items"]
    assert (pattern["kind"], pattern["staff_no"], pattern["fact_count"]) == ("missed_loops", "A001", 3)
    assert len(await told(desk, "kpi.pattern.found.v1")) == 1
    agent = desk.api.as_("agent", staff_no="A001", teams=("T1",))
    assert (await agent.get(f"{KPI}/patterns")).json()["items"] == []
    path = f"{KPI}/patterns/{pattern['pattern_id']}/take-up"
    assert (await agent.post(path, json={})).status_code == 403
    assert (await lead.post(path, json={"note": "周三谈"})).json()["state"] == "taken_up"
    assert (await lead.post(path, json={})).json()["code"] == "pattern-decided"


def broken(number: int) -> PromiseBroken:
    return PromiseBroken(
        case_id=new_id(),
        number=f"C20260305-{number:04}",
        case_type="feedback",
        channel="phone",
        summary="退款",
        quadrant=1,
        zone="Asia/Shanghai",
        opened_at=NOON,
        team_id=TEAM,
        team_name="热线一组",
        owner="A001",
        owner_name=PEOPLE["A001"],
        promise_id=new_id(),
        promised_by="A001",
        promised_by_name=PEOPLE["A001"],
        text="回电",
        made_at=NOON,
        due_at=NOON + HOUR,
        broken_at=NOON + HOUR,
    )


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


async def test_the_heatmap_adds_up_to_the_metric(desk: Desk) -> None:
    await three_agents(desk)
    evening = NOON + timedelta(days=1, hours=7)
    await desk.hears(recorded(calls("A001", 1, 3, first=7000, queued_at=evening)))
    found = await ask(desk, "GET", "dashboards/heatmap/answer_rate", params=MARCH)
    cells = {(cell["weekday"], cell["hour"]): cell for cell in found["cells"]}
    assert len(cells) == 168
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
    assert all(bar["from_seconds"] < bar["to_seconds"] for bar in found["bars"])
    refused = await desk.manager.get(f"{KPI}/dashboards/distribution/answer_rate", params=MARCH)
    assert refused.json()["code"] == "metric-without-distribution"


async def test_a_trend_shows_each_steps_target_in_force(desk: Desk) -> None:
    await three_agents(desk)
    body = {"metric": "answer_rate", "value": 80, "valid_from": "2026-03-02"}
    await ask(desk, "POST", "targets", status=201, json=body)
    asked = {"from": "2026-03-01", "to": "2026-03-03", "grain": "day"}
    found = await ask(desk, "GET", "dashboards/trend/answer_rate", params=asked)
    assert [(point["on"], point["target"]) for point in found["points"]] == [
        ("2026-03-01", None),
        ("2026-03-02", 80),
        ("2026-03-03", 80),
    ]
    assert [point["value"] for point in found["points"]] == [None, pytest.approx(180 * 100 / 205), None]


async def test_the_quadrant_places_every_agent(desk: Desk) -> None:
    await three_agents(desk)
    await desk.hears(recorded(calls("A001", 10, 0, first=9000, talk_seconds=100.0)))
    await desk.hears(recorded(calls("A002", 10, 0, first=9100, talk_seconds=300.0)))
    found = await ask(desk, "GET", "quadrant", params=MARCH)
    places = {spot["staff_no"]: spot["quadrant"] for spot in found["items"]}
    assert places == {"A001": "swift_busy", "A002": "thorough_quiet"}
    seconds = {spot["staff_no"]: (spot["handle_seconds"], spot["contacts"]) for spot in found["items"]}
    assert seconds == {"A001": (100, 105), "A002": (300, 90)}


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
