"""What people do with cases over HTTP: own them, wait, note, link; and who may."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.contracts.cases import CaseAssigned, CaseLinked, CaseResolved, CaseTransferred, CaseWaiting
from tests.integration.cases.conftest import QUEUED
from tests.integration.cases.office import CASES, Office


async def test_taking_begins_the_work_and_being_assigned_does_not(office: Office) -> None:
    case = await office.open(office.crm, team="A")
    assert (case["state"], case["owner"]) == ("open", None)
    assigned = await office.act(case, "assign", office.lead, to="A002")
    assert (assigned["state"], assigned["owner_name"]) == ("open", "韩梅梅")
    taken = await office.act(case, "take", office.person("A002"))
    assert (taken["state"], taken["owner"]) == ("in_progress", "A002")
    assert [(event.how, event.owner) for event in await office.events(CaseAssigned)] == [
        ("assigned", "A002"),
        ("taken", "A002"),
    ]


async def test_a_case_has_one_owner_and_is_not_taken_from_them(office: Office) -> None:
    case = await office.open()
    answer = await office.try_to(case, "take", office.person("A002"))
    assert (answer.status_code, answer.json()["code"]) == (409, "case-owned")
    released = await office.act(case, "release")
    assert released["owner"] is None
    assert (await office.act(case, "take", office.person("A002")))["owner"] == "A002"


async def test_only_the_lead_assigns_and_only_owner_or_lead_give_away(office: Office) -> None:
    case = await office.open()
    assert (await office.try_to(case, "assign", to="A002")).json()["code"] == "not-yours"
    assert (await office.try_to(case, "release", office.person("A002"))).json()["code"] == "not-yours"
    assert (await office.try_to(case, "transfer", office.person("B001"), to="B001", reason_code="x")).status_code == 404
    assert (await office.act(case, "assign", office.lead, to="A002"))["owner"] == "A002"


async def test_a_transfer_needs_a_reason_and_takes_the_case_to_the_others_team(office: Office) -> None:
    case = await office.open()
    assert (await office.try_to(case, "transfer", to="B001")).status_code == 422
    unknown = await office.try_to(case, "transfer", to="X", reason_code="skill")
    assert unknown.json()["errors"][0]["code"] == "staff-no-unknown"
    moved = await office.act(case, "transfer", to="B001", reason_code="skill", note="外语")
    assert (moved["owner"], moved["team_name"], moved["transfer_count"]) == ("B001", "二组", 1)
    [event] = await office.events(CaseTransferred)
    assert (event.from_staff_no, event.from_name, event.reason_code) == ("A001", "李雷", "skill")
    again = await office.try_to(case, "transfer", office.person("B001"), to="B001", reason_code="skill")
    assert again.json()["errors"][0]["code"] == "case-transfer-to-owner"


async def test_whoever_waits_goes_on_when_the_customer_comes_or_when_it_took_too_long(office: Office) -> None:
    customer = await office.customer()
    case = await office.open(customer_id=customer)
    waiting = await office.act(case, "wait", **{"for": "customer", "reason": "照片"})
    assert (waiting["state"], waiting["waiting_for"]) == ("waiting_customer", "customer")
    contact = await office.crm.post("/cases/v1/contacts", json={"queued_at": QUEUED, "customer_id": customer})
    linked = await office.act(case, "link", contact_id=contact.json()["contact"]["contact_id"])
    assert (linked["state"], linked["repeat_count"], linked["contact_count"]) == ("in_progress", 1, 1)
    until = office.clock.now() + timedelta(hours=2)
    await office.act(case, "wait", **{"for": "team", "until": until.isoformat()})
    await office.wait(hours=1)
    assert (await office.see(case))["state"] == "waiting_team"
    await office.wait(hours=2)
    assert (await office.see(case))["state"] == "in_progress"
    assert [event.waiting_for for event in await office.events(CaseWaiting)] == ["customer", None, "team", None]


async def test_a_wait_that_ended_in_the_past_is_refused(office: Office) -> None:
    case = await office.open()
    until = (office.clock.now() - timedelta(minutes=1)).isoformat()
    answer = await office.try_to(case, "wait", **{"for": "customer", "until": until})
    assert answer.json()["errors"][0]["code"] == "time-is-past"


async def test_the_timeline_shows_each_role_what_it_may_see_and_is_only_added_to(office: Office) -> None:
    case = await office.open()
    for visibility in ("shared", "internal", "leads"):
        await office.act(case, "entries", text=visibility, visibility=visibility)
    texts = [entry["data"].get("text") for entry in await office.timeline(case)]
    assert texts == [None, "shared", "internal", "leads"]
    seen = [entry["data"].get("text") for entry in await office.timeline(case, office.agent)]
    assert seen == [None, "shared", "internal"]
    partner = office.api.as_("partner", staff_no="P1", teams=("A",))
    assert [entry["visibility"] for entry in await office.timeline(case, partner)] == ["shared", "shared"]


async def test_cases_are_linked_once_and_never_in_a_circle(office: Office) -> None:
    first, second, third = [await office.open(subject=f"S{number}") for number in range(3)]
    linked = await office.act(second, "link", case_id=first["case_id"], relation="follows")
    assert linked["version"] == 2
    assert (await office.act(second, "link", case_id=first["case_id"], relation="follows"))["version"] == 2
    await office.act(third, "link", case_id=second["case_id"], relation="follows")
    circle = await office.try_to(first, "link", case_id=third["case_id"], relation="follows")
    assert (circle.status_code, circle.json()["errors"][0]["code"]) == (422, "case-link-circular")
    itself = await office.try_to(first, "link", case_id=first["case_id"])
    assert itself.json()["errors"][0]["code"] == "case-links-to-itself"
    assert [event.kind for event in await office.events(CaseLinked)] == ["case", "case"]
    links = (await office.agent.get(f"{CASES}/{second['case_id']}/links")).json()["items"]
    assert [(one["kind"], one["linked_id"], one["relation"]) for one in links] == [
        ("case", first["case_id"], "follows")
    ]


async def test_a_case_is_changed_by_whoever_saw_its_last_version(office: Office) -> None:
    await office.topic("refund")
    case = await office.open()
    url, seen = f"{CASES}/{case['case_id']}", {"If-Match": '"1"'}
    body = {"topic": "refund", "urgency": "high", "importance": "high", "subject": "退款没到"}
    changed = (await office.agent.patch(url, headers=seen, json=body)).json()
    assert (changed["topic_name"], changed["quadrant"], changed["version"]) == ("refund", 1, 2)
    assert (await office.agent.patch(url, headers=seen, json=body)).json()["code"] == "stale-version"
    assert (await office.agent.patch(url, json=body)).status_code == 428
    found = (await office.agent.get(CASES, params={"q": "退款"})).json()["items"]
    assert [one["case_id"] for one in found] == [case["case_id"]]
    assert (await office.agent.get(CASES, params={"q": "没收到货"})).json()["items"] == []


@pytest.mark.parametrize("verb", ["take", "release", "wait", "resolve", "entries", "close", "reopen", "link"])
async def test_a_case_that_nobody_knows_is_not_found(office: Office, verb: str) -> None:
    nothing = {"case_id": "00000000-0000-0000-0000-000000000001"}
    told = {"for": None, "text": "x", "reason": "x", "contact_id": nothing["case_id"]}
    wanted = {"wait": ("for",), "entries": ("text",), "reopen": ("reason",), "link": ("contact_id",)}.get(verb, ())
    answer = await office.try_to(nothing, verb, **{name: told[name] for name in wanted})
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_many_cases_are_acted_on_each_by_itself(office: Office) -> None:
    await office.case_type("repair", {"code": "serial", "name": "序列号", "required_from": "resolved"})
    good = await office.open(subject="one")
    vague = await office.open(type="repair", subject="two")
    theirs = await office.open(office.person("B001"), subject="three")
    nobody = "00000000-0000-0000-0000-000000000001"
    body = {"act": "resolve", "case_ids": [vague["case_id"], good["case_id"], theirs["case_id"], nobody]}
    report = (await office.agent.post(f"{CASES}:batch", json=body)).json()
    assert (report["done"], report["failed"]) == (1, 3)
    assert [(row["outcome"], row["code"] or row["state"]) for row in report["rows"]] == [
        ("error", "case-incomplete"),
        ("done", "resolved"),
        ("error", "not-found"),
        ("error", "not-found"),
    ]
    assert report["rows"][0]["errors"][0]["message"] == "请先询问（请问序列号是？）。"
    assert len(await office.events(CaseResolved)) == 1
    wrong = await office.agent.post(f"{CASES}:batch", json={"act": "transfer", "case_ids": [nobody], "told": {}})
    assert [error["field"] for error in wrong.json()["errors"]] == ["told.to", "told.reason_code"]
