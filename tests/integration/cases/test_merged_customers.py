"""Two customers become one: complaints, what they were told of a known problem, and proposals come along."""

from __future__ import annotations

from typing import Any

import pytest

from shared.contracts.cases import NoticeRequested
from shared.platform.work import Database
from tests.conftest import START, Api, ManualClock
from tests.integration.cases.test_complaints import Lane

PROBLEM = {
    "title": "退款延迟",
    "cause": "支付网关升级失败",
    "workaround": "先登记",
    "owner_team": "FIN",
    "topics": ["refund"],
    "next_word_at": "2026-03-03T12:00:00+08:00",
}


@pytest.fixture
async def lane(api: Api, database: Database, clock: ManualClock) -> Lane:
    lane = Lane(api, database, clock)
    await lane.furnish()
    return lane


async def merge(lane: Lane, kept: str, gone: str) -> None:
    await lane.ask("POST", f"/customers/{kept}/merge", by=lane.integration, json={"customer_id": gone})


async def claim(lane: Lane, customer: str) -> str:
    """A claim for compensation without a loss."""
    case_id = await lane.case(customer)
    await lane.raised(case_id)
    await lane.until_decided(case_id, kind="compensation", loss="no")
    return case_id


async def waiting(lane: Lane, customer: str) -> str:
    """A case about a refund."""
    body: dict[str, Any] = {"type": "consult", "topic": "refund", "subject": "退款未到", "customer_id": customer}
    case = await lane.ask(
        "POST", "/cases", status=201, by=lane.person("A001"), json=body | {"team": "T1", "link": False}
    )
    return str(case["case_id"])


async def told(lane: Lane, revision: int) -> list[str]:
    """Who was to be told that word of a problem, as often as they were."""
    events = [one for one in await lane.published(NoticeRequested) if one.matter_version == revision]
    return [str(customer) for event in events for customer in event.customers]


async def test_the_complaints_of_a_merged_customer_are_the_kept_ones_and_go_on(lane: Lane) -> None:
    kept, gone = await lane.customer("王芳"), await lane.customer("王小芳")
    mine, theirs = await lane.case(kept), await lane.case(gone)
    for case_id in (mine, theirs):
        await lane.raised(case_id)
    await merge(lane, kept, gone)
    listed = (await lane.ask("GET", f"/complaints?customer_id={kept}"))["items"]
    assert {one["case_id"] for one in listed} == {mine, theirs}
    assert (await lane.ask("GET", f"/complaints?customer_id={gone}"))["items"] == []
    await lane.until_decided(theirs)
    await lane.do(theirs, "respond", response="accepted", channel="phone", said="满意")
    assert (await lane.do(theirs, "close", root_cause="service", note="x"))["customer_id"] == kept


async def test_claims_made_under_both_names_count_together(lane: Lane) -> None:
    kept, gone = await lane.customer("王芳"), await lane.customer("王小芳")
    earlier = [await claim(lane, gone), await claim(lane, kept)]
    assert (await lane.ask("GET", "/monitor-proposals"))["items"] == []
    await merge(lane, kept, gone)
    earlier.append(await claim(lane, kept))
    [proposal] = (await lane.ask("GET", "/monitor-proposals"))["items"]
    assert (proposal["customer_id"], set(proposal["case_ids"])) == (kept, set(earlier))


async def test_a_proposal_about_a_merged_customer_is_about_the_kept_one(lane: Lane) -> None:
    kept, gone = await lane.customer("王芳"), await lane.customer("王小芳")
    for _ in range(3):
        await claim(lane, gone)
    await merge(lane, kept, gone)
    [proposal] = (await lane.ask("GET", "/monitor-proposals?state=open"))["items"]
    assert proposal["customer_id"] == kept
    await claim(lane, kept)
    assert len((await lane.ask("GET", "/monitor-proposals"))["items"]) == 1, "not proposed a second time"


async def test_who_was_told_under_either_name_is_told_the_next_word_once(lane: Lane) -> None:
    await lane.ask("POST", "/topics", status=201, json={"code": "refund", "name": "退款", "owner_team": "FIN"})
    both, other = [await lane.customer("王芳"), await lane.customer("王小芳")], await lane.customer("李雷")
    cases = [await waiting(lane, customer) for customer in (*both, other)]
    problem = await lane.ask("POST", "/problems", status=201, json=PROBLEM | {"link_open_since": START.isoformat()})
    await lane.advance(seconds=1)
    assert sorted(await told(lane, 1)) == sorted([*both, other])
    kept, gone = both
    await merge(lane, kept, gone)
    await lane.ask("POST", f"/problems/{problem['problem_id']}/fix", json={"fix": "已恢复"})
    await lane.advance(seconds=1)
    assert sorted(await told(lane, 2)) == sorted([kept, other]), "one person, one word"
    for case_id in cases:
        assert (await lane.ask("GET", f"/cases/{case_id}"))["state"] == "resolved"


async def test_who_was_told_only_under_the_name_that_is_gone_is_not_told_it_again(lane: Lane) -> None:
    await lane.ask("POST", "/topics", status=201, json={"code": "refund", "name": "退款", "owner_team": "FIN"})
    kept, gone = await lane.customer("王芳"), await lane.customer("王小芳")
    await waiting(lane, gone)
    await lane.ask("POST", "/problems", status=201, json=PROBLEM | {"link_open_since": START.isoformat()})
    await lane.advance(seconds=1)
    await merge(lane, kept, gone)
    await waiting(lane, kept)
    await lane.advance(minutes=5)
    assert await told(lane, 1) == [gone], "they know it already"
