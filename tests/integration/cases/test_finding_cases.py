"""Finding cases: the queue in its order, page by page, by filters, words and identities."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.cases.office import CASES, Office


async def found(office: Office, **params: Any) -> list[str]:
    """The subjects of what a system finds, in order."""
    answer = await office.crm.get(CASES, params=params)
    assert answer.status_code == 200, answer.text
    return [one["subject"] for one in answer.json()["items"]]


async def test_the_queue_goes_by_quadrant_then_age_then_what_is_over(office: Office) -> None:
    levels = {"IV": ("normal", "low"), "III": ("high", "normal"), "II": ("normal", "high"), "I": ("high", "high")}
    for subject, (urgency, importance) in levels.items():
        for which in ("old", "new"):
            await office.wait(minutes=1)
            await office.open(subject=f"{subject} {which}", urgency=urgency, importance=importance)
    over = await office.open(subject="over", urgency="high", importance="high")
    await office.act(over, "resolve")
    queue = [f"{quadrant} {which}" for quadrant in ("I", "II", "III", "IV") for which in ("old", "new")]
    assert await found(office) == [*queue, "over"]
    assert (await found(office, order="newest"))[:2] == ["over", "I new"]
    assert await found(office, quadrant=2) == ["II old", "II new"]
    pages, after = [], None
    while True:
        params = {"limit": 2, **({"after": after} if after else {})}
        page = (await office.lead.get(CASES, params=params)).json()
        pages.append([one["subject"] for one in page["items"]])
        after = page["next"]
        if after is None:
            break
    assert pages == [queue[place : place + 2] for place in range(0, 8, 2)] + [["over"]]


async def test_vips_and_types_and_topics_rank_a_case_unless_somebody_says_otherwise(office: Office) -> None:
    await office.topic("outage", urgency="high")
    vip = await office.customer(tier="VIP")
    assert (await office.open(topic="outage", customer_id=vip))["quadrant"] == 1
    assert (await office.open(topic="outage", subject="x"))["quadrant"] == 3
    assert (await office.open(type="complaint", subject="x"))["quadrant"] == 1
    assert (await office.open(type="complaint", subject="x", urgency="low"))["quadrant"] == 2


@pytest.mark.parametrize(
    ("q", "subjects"),
    [
        ("退款", ["退款没有到账"]),
        ("款没", ["退款没有到账"]),
        ("NTERN", ["宽带 Internet 很慢"]),
        ("ｉｎｔｅｒ", ["宽带 Internet 很慢"]),
        ("宽带 慢", ["宽带 Internet 很慢"]),
        ("路由器", ["宽带 Internet 很慢"]),
        ("退货", []),
        ("' OR 1=1 --", []),
    ],
)
async def test_words_are_found_in_chinese_and_english(office: Office, q: str, subjects: list[str]) -> None:
    await office.open(subject="退款没有到账")
    await office.open(subject="宽带 Internet 很慢", description="路由器重启后也慢。慢")
    assert await found(office, q=q) == subjects


async def test_filters_narrow_the_list(office: Office) -> None:
    await office.topic("refund")
    one = await office.open(subject="one", topic="refund")
    two = await office.open(office.person("B001"), subject="two", type="feedback")
    three = await office.open(office.crm, subject="three", team="B")
    await office.act(one, "take")
    assert await found(office, state="open") == ["two", "three"]
    assert await found(office, state=["in_progress", "open"]) == ["one", "two", "three"]
    assert await found(office, state="closed") == []
    assert await found(office, team="B") == ["two", "three"]
    assert await found(office, team=three["team_id"]) == ["two", "three"]
    assert await found(office, owner="B001") == ["two"]
    assert await found(office, owner="none") == ["three"]
    assert await found(office, topic="refund") == ["one"]
    assert await found(office, type="feedback") == ["two"]
    assert await found(office, number=two["number"].lower()) == ["two"]
    assert await found(office, number="C1") == []
    assert (await office.crm.get(CASES, params={"q": "x"})).status_code == 422
    assert (await office.crm.get(CASES, params={"state": "lost"})).status_code == 422
    assert (await office.crm.get(CASES, params={"after": "x"})).json()["code"] == "cursor-invalid"


async def test_an_export_follows_the_order_of_update(office: Office) -> None:
    first, start = await office.open(subject="first"), office.clock.now().isoformat()
    await office.wait(minutes=1)
    await office.open(subject="second")
    await office.wait(minutes=1)
    await office.act(first, "take")
    assert await found(office, updated_after=start) == ["second", "first"]


async def test_an_agent_sees_their_teams_and_their_own_wherever_it_went(office: Office) -> None:
    await office.open(subject="ours")
    theirs = await office.open(office.person("B001"), subject="theirs")
    await office.open(office.person("B001"), subject="theirs too")
    seen = (await office.agent.get(CASES)).json()["items"]
    assert [one["subject"] for one in seen] == ["ours"]
    await office.act(theirs, "transfer", office.person("B001"), to="A001", reason_code="skill")
    seen = (await office.agent.get(CASES)).json()["items"]
    assert {one["subject"] for one in seen} == {"ours", "theirs"}
    assert len((await office.api.as_("quality").get(CASES)).json()["items"]) == 3


async def test_overdue_are_unfinished_cases_whose_time_is_over(office: Office) -> None:
    late = await office.open(subject="late")
    done = await office.open(subject="done")
    await office.act(done, "resolve")
    assert await found(office, overdue=True) == []
    await office.wait(days=10)
    await office.open(subject="new")
    assert await found(office, overdue=True) == [late["subject"]]
