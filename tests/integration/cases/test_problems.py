"""Known problems: announced with what people need, updated, fixed; every customer told once each time."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.cases import (
    CaseLinked,
    CaseOverdue,
    CaseResolved,
    CustomerInformed,
    NoticeRequested,
    ProblemAnnounced,
    ProblemFixed,
    ProblemOverdue,
    ProblemUpdated,
)
from shared.contracts.notify import AcknowledgementGiven, AcknowledgementOpened, MessageDelivered, MessageFailed
from shared.contracts.roster import AgentJoined
from shared.platform.ids import new_id
from shared.platform.work import Database
from tests.conftest import START, Api, ManualClock
from tests.integration.cases.cause_desk import Desk, calls

Json = dict[str, Any]
TOMORROW = (START + timedelta(days=1)).isoformat()
PROBLEM: Json = {
    "title": "退款延迟",
    "cause": "银行网关拒绝转账",
    "workaround": "先登记，回电 138 0013 8000 的请转本部门",
    "owner_team": "FIN",
    "topics": ["refund"],
    "next_word_at": TOMORROW,
}


@pytest.fixture
async def desk(api: Api, database: Database, clock: ManualClock) -> Desk:
    """A finance department, a hotline and a branch; two topics."""
    desk = Desk(api, database, clock)
    for code, name in (("FIN", "财务部"), ("T1", "热线一组"), ("BJ", "北京分公司")):
        await desk.team(code, name, lead=f"{code}-L")
    for code in ("refund", "delivery"):
        await desk.ask("POST", "/topics", status=201, json={"code": code, "name": code, "owner_team": "FIN"})
    return desk


async def customer(desk: Desk, name: str) -> str:
    return str((await desk.ask("POST", "/customers", status=201, json={"name": name}))["customer_id"])


async def case_of(desk: Desk, customer_id: str | None, topic: str = "refund") -> str:
    body = {"type": "consult", "topic": topic, "customer_id": customer_id, "subject": "退款没到账"}
    return str((await desk.ask("POST", "/cases", status=201, json=body))["case_id"])


async def announce(desk: Desk, **changes: Any) -> Json:
    problem: Json = await desk.ask("POST", "/problems", status=201, json=PROBLEM | changes)
    await desk.settle()
    return problem


async def linked(desk: Desk, count: int) -> tuple[Json, list[str], list[str]]:
    """A problem that explains so many cases of as many customers, the customers, and the cases."""
    customers = [await customer(desk, f"客户{number}") for number in range(count)]
    cases = [await case_of(desk, one) for one in customers]
    problem = await announce(desk, link_open_since=START.isoformat())
    await desk.advance(seconds=1)
    return problem, customers, cases


async def told(desk: Desk) -> dict[int, Counter[str]]:
    """By revision, how often each customer was to be told."""
    found: dict[int, Counter[str]] = {}
    for event in await desk.published(NoticeRequested):
        found.setdefault(event.matter_version, Counter()).update(map(str, event.customers))
    return found


async def reached(desk: Desk, problem: Json, customer_id: str, *, why_not: str | None = None) -> None:
    """What notify says became of a notice."""
    about: Json = {
        "message_id": new_id(),
        "channel": "customer",
        "template": "cases.problem.announced",
        "customer_id": UUID(customer_id),
        "subject_type": "cases.problem",
        "subject_id": UUID(problem["problem_id"]),
    }
    if why_not:
        await desk.hear(MessageFailed(**about, reason=why_not, failed_at=desk.clock.now()))
    else:
        await desk.hear(MessageDelivered(**about, level="delivered", delivered_at=desk.clock.now()))


async def test_a_problem_is_announced_to_departments_and_branches(desk: Desk) -> None:
    problem = await announce(desk, teams=["T1", "BJ"])
    assert problem["number"] == "P20260302-001"
    assert (problem["state"], problem["revision"], problem["owner_team_name"]) == ("open", 1, "财务部")
    [event] = await desk.published(ProblemAnnounced)
    assert len(event.team_ids) == 2
    assert event.ack_by == START + timedelta(hours=4)
    assert "138 0013 8000" not in event.workaround, "no phone numbers in events"
    assert (await announce(desk))["number"] == "P20260302-002"


@pytest.mark.parametrize("missing", ["title", "cause", "workaround", "owner_team", "topics"])
async def test_publishing_without_what_people_need_is_refused(desk: Desk, missing: str) -> None:
    body = {name: value for name, value in PROBLEM.items() if name != missing}
    answer = await desk.ask("POST", "/problems", status=422, json=body)
    assert [error["field"] for error in answer["errors"]] == [missing]


async def test_publishing_without_a_time_of_the_fix_or_of_the_next_word_is_refused(desk: Desk) -> None:
    body = {name: value for name, value in PROBLEM.items() if name != "next_word_at"}
    answer = await desk.ask("POST", "/problems", status=422, json=body)
    assert [error["code"] for error in answer["errors"]] == ["problem-without-outlook"]
    past = body | {"eta_at": (START - timedelta(minutes=1)).isoformat()}
    answer = await desk.ask("POST", "/problems", status=422, json=past)
    assert [(error["field"], error["code"]) for error in answer["errors"]] == [("eta_at", "time-passed")]


async def test_teams_and_topics_that_nobody_knows_are_refused_all_at_once(desk: Desk) -> None:
    body = PROBLEM | {"owner_team": "X", "topics": ["refund", "mars"], "teams": ["T1", "Y"]}
    answer = await desk.ask("POST", "/problems", status=422, json=body)
    assert [error["field"] for error in answer["errors"]] == ["owner_team", "teams.1", "topics.1"]
    assert (await desk.ask("GET", "/problems"))["items"] == []


async def test_an_agent_of_another_team_does_not_speak_for_the_department(desk: Desk) -> None:
    await desk.ask("POST", "/problems", status=403, by=desk.agent("A001", "T1"), json=PROBLEM)
    await desk.ask("POST", "/problems", status=201, by=desk.agent("F001", "FIN", role="partner"), json=PROBLEM)


async def test_customers_of_linked_cases_are_told_once_each_word(desk: Desk) -> None:
    problem, customers, _ = await linked(desk, 3)
    twice = await case_of(desk, customers[0], "delivery")
    await desk.ask("POST", f"/problems/{problem['problem_id']}/cases", json={"case_ids": [twice]})
    await desk.advance(seconds=1)
    assert await told(desk) == {1: Counter(customers)}, "a second case is no second notice"
    body = {"news": "银行正在处理", "next_word_at": (START + timedelta(days=2)).isoformat()}
    updated = await desk.ask("POST", f"/problems/{problem['problem_id']}/update", json=body)
    await desk.advance(seconds=1)
    assert updated["revision"] == 2
    assert await told(desk) == {1: Counter(customers), 2: Counter(customers)}
    [event] = await desk.published(ProblemUpdated)
    assert (event.revision, event.case_count, event.customer_count) == (2, 4, 3)
    [notice] = [one for one in await desk.published(NoticeRequested) if one.matter_version == 2]
    assert (notice.template, {one.name: one.value for one in notice.fields}["text"]) == (
        "cases.problem.updated",
        "银行正在处理",
    )


async def test_notices_are_requested_five_hundred_at_a_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.cases.commands.problems.TOLD_AT_ONCE", 2)
    _, customers, _ = await linked(desk, 5)
    sizes = [len(event.customers) for event in await desk.published(NoticeRequested)]
    assert sizes == [2, 2, 1]
    assert await told(desk) == {1: Counter(customers)}


async def test_a_case_linked_later_is_told_the_latest_word(desk: Desk) -> None:
    problem, customers, _ = await linked(desk, 1)
    body = {"news": "银行正在处理", "next_word_at": TOMORROW}
    await desk.ask("POST", f"/problems/{problem['problem_id']}/update", json=body)
    await desk.advance(seconds=1)
    late = await customer(desk, "后来的客户")
    case_id = await case_of(desk, late)
    await desk.ask("POST", f"/problems/{problem['problem_id']}/cases", json={"case_ids": [case_id]})
    await desk.advance(seconds=1)
    assert await told(desk) == {1: Counter(customers), 2: Counter([*customers, late])}


async def test_the_fix_tells_everybody_and_then_resolves_the_linked_cases(desk: Desk) -> None:
    problem, customers, cases = await linked(desk, 3)
    path = f"/problems/{problem['problem_id']}"
    fixed = await desk.ask("POST", f"{path}/fix", json={"fix": "网关已恢复，退款已补发"})
    assert (fixed["state"], fixed["revision"]) == ("fixed", 2)
    await desk.advance(seconds=1)
    assert (await told(desk))[2] == Counter(customers)
    assert {event.case_id for event in await desk.published(CaseResolved)} == set(map(UUID, cases))
    states = {
        one["case_id"]: (one["state"], one["outcome"]) for one in (await desk.ask("GET", f"{path}/cases"))["items"]
    }
    assert states == dict.fromkeys(cases, ("resolved", "resolved"))
    [event] = await desk.published(ProblemFixed)
    assert (event.fix, event.case_count) == ("网关已恢复，退款已补发", 3)
    for verb, body in (("fix", {"fix": "again"}), ("update", {"news": "again"}), ("cases", {"case_ids": cases[:1]})):
        refused = await desk.ask("POST", f"{path}/{verb}", status=409, json=body)
        assert refused["code"] == "problem-fixed"


async def test_a_linked_case_says_so_and_is_followed(desk: Desk) -> None:
    problem, _, [case_id] = await linked(desk, 1)
    [event] = await desk.published(CaseLinked)
    assert (str(event.case_id), event.kind, str(event.linked_id)) == (case_id, "problem", problem["problem_id"])
    path = f"/problems/{problem['problem_id']}/cases/{case_id}"
    assert (await desk.ask("DELETE", path))["case_count"] == 0
    await desk.ask("DELETE", path, status=404)
    await desk.ask("POST", f"/problems/{problem['problem_id']}/fix", json={"fix": "已恢复"})
    await desk.advance(seconds=1)
    assert (await desk.ask("GET", f"/cases/{case_id}"))["state"] != "resolved"


async def test_what_it_could_not_reach_is_listed_and_only_the_reached_count_as_told(desk: Desk) -> None:
    problem, [reachable, silent], cases = await linked(desk, 2)
    nobody = await case_of(desk, None, "delivery")
    path = f"/problems/{problem['problem_id']}"
    await desk.ask("POST", f"{path}/cases", json={"case_ids": [nobody]})
    await reached(desk, problem, reachable)
    await reached(desk, problem, silent, why_not="no_address")
    unreached = (await desk.ask("GET", f"{path}/unreached"))["items"]
    assert {(one["customer_id"], one["case_id"], one["reason"]) for one in unreached} == {
        (silent, None, "no_address"),
        (None, nobody, "no_customer"),
    }
    view = await desk.ask("GET", path)
    assert (view["requested_count"], view["delivered_count"], view["unreached_count"]) == (2, 1, 1)
    assert [str(event.case_id) for event in await desk.published(CustomerInformed)] == cases[:1]
    await reached(desk, problem, silent)
    assert len((await desk.ask("GET", f"{path}/unreached"))["items"]) == 1, "another channel reached them after all"


async def test_who_heard_of_the_problem_and_not_yet_of_the_fix_has_not_been_told_how_it_ended(desk: Desk) -> None:
    problem, [quick, slow], cases = await linked(desk, 2)
    for one in (quick, slow):
        await reached(desk, problem, one)
    await desk.ask("POST", f"/problems/{problem['problem_id']}/fix", json={"fix": "网关已恢复"})
    await desk.advance(seconds=1)
    assert [(await desk.ask("GET", f"/cases/{one}"))["informed_at"] for one in cases] == [None, None]
    await reached(desk, problem, quick)
    heard = [(await desk.ask("GET", f"/cases/{one}"))["informed_at"] is not None for one in cases]
    assert heard == [True, False]
    await desk.advance(days=1)
    overdue = await desk.published(CaseOverdue)
    assert {(str(one.case_id), one.why) for one in overdue} == {(cases[1], "customer_not_told")}


async def test_a_customer_of_whom_nothing_was_heard_is_listed_as_in_doubt(desk: Desk) -> None:
    problem, _, _ = await linked(desk, 1)
    unreached = f"/problems/{problem['problem_id']}/unreached"
    assert (await desk.ask("GET", unreached))["items"] == []
    await desk.advance(minutes=31)
    [doubtful] = (await desk.ask("GET", unreached))["items"]
    assert (doubtful["reason"], doubtful["case_id"]) == ("not_confirmed", None)


async def test_progress_shows_who_acknowledged_by_team(desk: Desk) -> None:
    problem = await announce(desk, teams=["T1", "BJ"])
    team_id = await desk.team("T1", "热线一组")
    person = {"agent_id": new_id(), "staff_no": "T1-L", "name": "冯班长", "team_id": team_id, "team_name": "热线一组"}
    more: Json = {"roles": ("lead",), "skills": (), "hired_on": START.date()}
    await desk.hear(AgentJoined(**person, **more))
    asked: Json = {
        "acknowledgement_id": new_id(),
        "subject_type": "cases.problem",
        "subject_id": UUID(problem["problem_id"]),
        "staff_no": "T1-L",
        "channel": "link",
    }
    await desk.hear(AcknowledgementOpened(**asked, opened_at=START))
    path = f"/problems/{problem['problem_id']}/progress"
    teams = {one["team_name"]: one for one in (await desk.ask("GET", path))["teams"]}
    assert (teams["热线一组"]["opened"], teams["热线一组"]["acknowledged"]) == (["T1-L"], False)
    await desk.hear(AcknowledgementGiven(**asked, shown="退款延迟", answered_at=START))
    await desk.hear(AcknowledgementOpened(**asked, opened_at=START))
    progress = await desk.ask("GET", path)
    teams = {one["team_name"]: (one["acknowledged"], one["given"]) for one in progress["teams"]}
    assert teams == {"热线一组": (True, ["T1-L"]), "北京分公司": (False, [])}
    assert (progress["asked_teams"], progress["acknowledged_teams"]) == (2, 1)
    news = {"news": "银行正在处理", "next_word_at": TOMORROW}
    await desk.ask("POST", f"/problems/{problem['problem_id']}/update", json=news)
    assert (await desk.ask("GET", path))["acknowledged_teams"] == 0, "a new word is acknowledged anew"


async def test_a_word_that_was_announced_and_did_not_come_is_asked_for_until_it_does(desk: Desk) -> None:
    problem = await announce(desk)
    await desk.advance(days=1, hours=2)
    chased = await desk.published(ProblemOverdue)
    assert [(event.step, event.due_at.isoformat()) for event in chased] == [(1, TOMORROW), (2, TOMORROW)]
    stale = await desk.ask("POST", f"/problems/{problem['problem_id']}/update", status=422, json={"news": "还在查"})
    assert [error["code"] for error in stale["errors"]] == ["problem-without-outlook"]
    again = {"news": "还在查", "eta_at": (START + timedelta(days=3)).isoformat()}
    await desk.ask("POST", f"/problems/{problem['problem_id']}/update", json=again)
    await desk.advance(days=1)
    assert len(await desk.published(ProblemOverdue)) == len(chased)


async def test_a_surge_becomes_a_known_problem_in_one_step(desk: Desk) -> None:
    await desk.contacts(calls(30, "refund", START, prefix="r"))
    await desk.settle()
    [surge] = (await desk.ask("GET", "/surges"))["items"]
    known = {name: PROBLEM[name] for name in ("title", "cause", "workaround", "next_word_at")}
    body = {"action": "problem", "note": "银行网关故障", "problem": known}
    acted = await desk.ask("POST", f"/surges/{surge['surge_id']}/act", json=body)
    problem = await desk.ask("GET", f"/problems/{acted['problem_id']}")
    assert (acted["action"], problem["surge_id"]) == ("problem", surge["surge_id"])
    assert (problem["topics"], problem["owner_team_name"]) == (["refund"], "财务部")
    [event] = await desk.published(ProblemAnnounced)
    assert str(event.surge_id) == surge["surge_id"]
    bare = {"action": "problem", "note": "x"}
    await desk.ask("POST", f"/surges/{surge['surge_id']}/act", status=422, json=bare)
