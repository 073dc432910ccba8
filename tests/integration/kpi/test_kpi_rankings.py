"""Rankings over HTTP: few facts do not win, newcomers are not asked for speed, nothing counts twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, text

from services.kpi.tables import rankings
from shared.contracts.kpi import RankingPublished
from shared.contracts.roster import AgentChanged, TeamChanged
from tests.conftest import ManualClock
from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.integration.kpi.floor import KPI, MARCH, ask, calls, joined, three_agents, told
from tests.integration.kpi.test_kpi_formulas import HOURS, shift_kept, survey
from tests.integration.kpi.test_kpi_scorecards import a_definition
from tests.unit.kpi.samples import TEAM, settled


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
    [event, _] = await told(desk, RankingPublished)
    assert [place.rank for place in event.places] == [1, 2, None]


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


@pytest.fixture
async def cards_of(desk: Desk, clock: ManualClock) -> Callable[..., Any]:
    """A001 in one team, A002 in the other: publishes a team's or everybody's cards; for what it was flagged."""
    teams = {"one": TEAM, "two": UUID(int=2)}
    await desk.hears([delivery_of(joined("A001")), delivery_of(joined("A002", team_id=teams["two"]))])
    for code, team_id in teams.items():
        known = TeamChanged(team_id=team_id, code=code, name=code, zone="Asia/Shanghai")
        await desk.hears([delivery_of(known)])
    clock.move_to(datetime(2026, 4, 2, tzinfo=UTC))
    definition = (await a_definition(desk))["definition_id"]

    async def publish(team: str | None, purpose: str, **period: str) -> set[str]:
        whose = {"team_id": str(teams[team])} if team else {}
        body = {"definition_id": definition, "purpose": purpose, **whose, **MARCH, **period}
        uses = (await ask(desk, "POST", "scorecards:publish", json=body))["double_uses"]
        assert all(use["source_id"] == definition for use in uses)
        assert len(uses) == len({tuple(use.values()) for use in uses})
        return {use["purpose"] for use in uses}

    return publish


async def test_cards_of_two_teams_share_no_fact_and_those_of_one_team_do(cards_of: Callable[..., Any]) -> None:
    assert await cards_of("one", "pay") == set()
    assert await cards_of("two", "appraisal") == set()
    assert await cards_of("one", "appraisal") == {"pay"}
    assert await cards_of("two", "pay") == {"appraisal"}
    february = {"from": "2026-02-01", "to": "2026-02-28"}
    assert await cards_of("one", "pay", **february) == set()
    assert await cards_of("one", "appraisal", **february) == {"pay"}


async def test_cards_of_everybody_share_facts_with_those_of_a_team(desk: Desk, cards_of: Callable[..., Any]) -> None:
    assert await cards_of("one", "pay") == set()
    assert await cards_of(None, "appraisal") == {"pay"}
    assert await cards_of("two", "pay") == {"appraisal"}
    award = {"metric": "answer_rate", "of": "team", "purpose": "team_award", **MARCH}
    found = await ask(desk, "POST", "rankings:publish", json=award)
    assert {use["purpose"] for use in found["double_uses"]} == {"pay", "appraisal"}


async def test_who_changed_teams_takes_the_used_facts_along(desk: Desk, cards_of: Callable[..., Any]) -> None:
    assert await cards_of("one", "pay") == set()
    moved = AgentChanged(
        agent_id=UUID(int=9),
        staff_no="A001",
        name="林晓梅",
        team_id=UUID(int=2),
        team_name="two",
        roles=("agent",),
        skills=(),
        hired_on=date(2025, 1, 1),
    )
    await desk.hears([delivery_of(moved, sequence=2)])
    assert await cards_of("two", "appraisal") == {"pay"}


async def test_a_use_of_which_it_is_not_known_whose_facts_it_took_is_one_of_everybodys(
    desk: Desk, cards_of: Callable[..., Any]
) -> None:
    assert await cards_of("one", "pay") == set()
    async with desk.database.work() as work:
        await work.conn.execute(text("UPDATE kpi.uses SET staff_nos = NULL"))
    assert await cards_of("two", "appraisal") == {"pay"}


async def test_few_lucky_facts_do_not_outrank_many_good_ones(desk: Desk) -> None:
    """Five of five are less sure than 80 of 100: Wilson's lower bounds are 56.6 and 71.1 %."""
    await three_agents(desk)
    found = await ask(desk, "GET", "rankings", params={"metric": "answer_rate", "min_n": 1, **MARCH})
    places = [(place["key"], place["rank"], place["value"], place["n"]) for place in found["places"]]
    assert places == [("A001", 1, 95, 100), ("A002", 2, 80, 100), ("A003", 3, 100, 5)]
    assert [place["bound"] for place in found["places"]] == [
        pytest.approx(bound, abs=0.05) for bound in (88.8, 71.1, 56.6)
    ]


async def test_where_less_is_better_many_facts_are_trusted_before_few(desk: Desk) -> None:
    """None of five abandoned may still be 43 %; five of a hundred are 11 % at most."""
    await three_agents(desk)
    found = await ask(desk, "GET", "rankings", params={"metric": "abandon_rate", "min_n": 1, **MARCH})
    assert [(place["key"], round(place["bound"], 1)) for place in found["places"]] == [
        ("A001", 11.2),
        ("A002", 28.9),
        ("A003", 43.4),
    ]


async def test_a_net_promoter_score_is_no_share_and_ranks_by_its_value(desk: Desk) -> None:
    for n in range(80):
        answer = survey(n, recommend=10 if n in (0, 1, 40) else 5)
        await desk.hears([delivery_of(replace(answer, owner="A001" if n < 40 else "A002"))])
    found = await ask(desk, "GET", "rankings", params={"metric": "nps", **MARCH})
    places = [(place["key"], place["rank"], place["value"], place["bound"]) for place in found["places"]]
    assert places == [("A001", 1, -90, None), ("A002", 2, -95, None)]


async def test_two_whole_months_long_nobody_is_ranked_on_speed(desk: Desk) -> None:
    """Hired on 1 March: 30 April is the 61st day and still of the first two months."""
    await desk.hears([delivery_of(joined("A001")), delivery_of(joined("A002", date(2026, 3, 1)))])
    for month in (4, 5):
        at = {"queued_at": datetime(2026, month, 30, 4, tzinfo=UTC)}
        for number, staff_no in enumerate(("A001", "A002")):
            await desk.hears(recorded(calls(staff_no, 40, 0, first=1000 * month + 100 * number, **at)))
    for month, note in (("04", "newcomer"), ("05", None)):
        period = {"from": f"2026-{month}-01", "to": f"2026-{month}-30"}
        found = await ask(desk, "GET", "rankings", params={"metric": "asa", **period})
        assert {place["key"]: place["note"] for place in found["places"]} == {"A001": None, "A002": note}


async def test_the_same_facts_by_another_metric_or_for_an_appraisal_are_flagged_and_other_facts_are_not(
    desk: Desk, clock: ManualClock
) -> None:
    await three_agents(desk)
    clock.move_to(datetime(2026, 4, 2, tzinfo=UTC))

    async def used(metric: str, purpose: str) -> list[tuple[str, str]]:
        body = {"metric": metric, "purpose": purpose, **MARCH}
        found = await ask(desk, "POST", "rankings:publish", json=body)
        return [(use["metric"], use["purpose"]) for use in found["double_uses"]]

    assert await used("service_level_4", "pay") == []
    assert await used("service_level_4", "pay") == []
    assert await used("csat", "team_award") == []
    assert await used("service_level_1", "team_award") == [("service_level_4", "pay")] * 2
    assert await used("asa", "appraisal") == [
        ("service_level_4", "pay"),
        ("service_level_4", "pay"),
        ("service_level_1", "team_award"),
    ]


async def test_why_somebody_has_no_rank_is_said_in_both_languages_now_and_when_published(
    desk: Desk, clock: ManualClock
) -> None:
    await desk.hears([delivery_of(joined("A001")), delivery_of(joined("A002", date(2026, 3, 1)))])
    everybody = calls("A001", 50, 0, first=0) + calls("A002", 50, 0, first=1000) + calls("A003", 5, 0, first=2000)
    await desk.hears(recorded(everybody))
    clock.move_to(datetime(2026, 4, 2, tzinfo=UTC))
    now = await ask(desk, "GET", "rankings", params={"metric": "asa", **MARCH})
    published = await ask(desk, "POST", "rankings:publish", json={"metric": "asa", **MARCH})
    async with desk.database.work() as work:  # as a release before this kept it
        older = func.regexp_replace(rankings.c.ranking, r',"note_text":(null|\{[^}]*\})', "", "g")
        await work.conn.execute(rankings.update().values(ranking=older))
    [kept] = (await ask(desk, "GET", "rankings/published"))["items"]
    assert now["places"] == published["places"] == kept["places"]
    first, *others = kept["places"]
    assert (first["rank"], first["note"], first["note_text"]) == (1, None, None)
    assert {place["note"]: place["note_text"] for place in others} == {
        "newcomer": {"zh-CN": "入职头两个月，不按速度排名", "en": "In the first two months nobody is ranked on speed"},
        "insufficient data": {"zh-CN": "数据不足，不参与排名", "en": "Too few facts to be ranked"},
    }
