"""The real call log gives exactly the known figures, however often and in whatever order it is applied."""

from __future__ import annotations

import random
from collections import defaultdict
from zoneinfo import ZoneInfo

import pytest

from shared.contracts.cases import ContactFact
from tests.integration.kpi.call_log import needs_call_log, real_contacts
from tests.integration.kpi.conftest import Desk, recorded

pytestmark = needs_call_log


@pytest.fixture
async def logged(desk: Desk) -> Desk:
    await desk.hears(recorded(real_contacts()))
    return desk


async def test_the_call_log_gives_the_known_figures(logged: Desk) -> None:
    answer_rate = await logged.point("answer_rate")
    assert (answer_rate["numerator"], answer_rate["denominator"], answer_rate["value"]) == (4054, 5000, 81.08)
    assert (await logged.point("asa"))["value"] == pytest.approx(67.5207, abs=5e-5)
    assert (await logged.point("talk_mean"))["value"] == pytest.approx(224.9228, abs=5e-5)
    assert (await logged.point("rating_mean"))["value"] == pytest.approx(3.40355, abs=5e-6)
    assert (await logged.point("csat"))["value"] == pytest.approx(49.90, abs=5e-3)
    assert (await logged.point("fcr"))["numerator"] == 3646
    assert (await logged.point("service_level_2"))["numerator"] == 374
    assert (await logged.point("service_level_2", threshold=60))["numerator"] == 1796
    assert (await logged.point("contacts_handled"))["value"] == 4054
    assert await logged.is_consistent()


async def test_the_call_log_gives_the_known_figures_of_one_agent(logged: Desk) -> None:
    becky = {point["group"]["agent"]: point for point in await logged.points("answer_rate", by="agent")}["Becky"]
    assert (becky["denominator"], becky["numerator"]) == (631, 517)
    assert becky["group"] == {"agent": "Becky", "agent_name": "Becky"}
    assert (await logged.point("asa", agent="Becky"))["value"] == pytest.approx(65.331, abs=5e-4)


@pytest.mark.parametrize("by", ["agent", "topic"])
async def test_the_call_log_gives_every_agents_and_every_topics_figures_exactly(logged: Desk, by: str) -> None:
    groups: defaultdict[str | None, list[ContactFact]] = defaultdict(list)
    for told in real_contacts():
        groups[getattr(told, by)].append(told)
    rates = {point["group"][by]: point for point in await logged.points("answer_rate", by=by)}
    waits = {point["group"][by]: point for point in await logged.points("asa", by=by)}
    shares = {point["group"][by]: point for point in await logged.points("topic_share", by=by)}
    assert rates.keys() == groups.keys()
    assert len(groups) == {"agent": 8, "topic": 5}[by]
    for group, told in groups.items():
        answered = [one for one in told if one.answered]
        assert (rates[group]["numerator"], rates[group]["denominator"]) == (len(answered), len(told))
        assert waits[group]["value"] == sum(one.wait_seconds or 0 for one in answered) / len(answered)
        if by == "topic":
            assert shares[group]["value"] == len(told) * 100 / 5000


async def test_applying_the_call_log_twice_and_shuffled_changes_nothing(logged: Desk) -> None:
    before = await logged.points("service_level_4", by="agent", grain="month", from_="2021-01-01", to="2021-03-31")
    contacts = list(real_contacts())
    random.Random(7).shuffle(contacts)
    await logged.hears(recorded(contacts))
    after = await logged.points("service_level_4", by="agent", grain="month", from_="2021-01-01", to="2021-03-31")
    assert after == before
    assert await logged.is_consistent()


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC", "Asia/Kathmandu", "America/St_Johns"])
async def test_days_of_any_zone_equal_direct_counting(logged: Desk, zone: str) -> None:
    direct: defaultdict[str, list[ContactFact]] = defaultdict(list)
    for told in real_contacts():
        direct[str(told.queued_at.astimezone(ZoneInfo(zone)).date())].append(told)
    answered = {day: [one for one in told if one.answered] for day, told in direct.items()}
    asked = {"grain": "day", "tz": zone, "from_": "2020-12-31", "to": "2021-03-31"}
    days = await logged.points("answer_rate", **asked)
    assert {point["on"]: (point["numerator"], point["denominator"]) for point in days if point["n"]} == {
        day: (len(answered[day]), len(told)) for day, told in direct.items()
    }
    assert len(days) == 91
    assert sum(point["denominator"] for point in days) == 5000
    assert {point["on"]: point["value"] for point in await logged.points("asa", **asked) if point["n"]} == {
        day: sum(one.wait_seconds or 0 for one in told) / len(told) for day, told in answered.items()
    }
