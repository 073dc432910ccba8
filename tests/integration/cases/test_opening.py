"""Opening cases over HTTP: named, numbered, ranked; and no second one for the same matter."""

from __future__ import annotations

import asyncio
import re

import pytest

from shared.contracts.cases import CaseLinked, CaseOpened
from tests.integration.cases.office import CASES, Office


async def test_a_case_is_opened_with_its_owner_team_topic_and_number(office: Office) -> None:
    await office.topic("delivery", owner_team="B")
    customer = await office.customer(tier="vip", identities=[{"kind": "phone", "value": "13800138000"}])
    body = {"topic": "delivery", "customer_id": customer, "subject": "没收到货，请回 138 0013 8000"}
    case = await office.open(**body, description="三天了", channel="chat")
    assert re.fullmatch(r"C20260302-\d{4,}", case["number"])
    assert (case["state"], case["outcome"], case["owner"], case["owner_name"]) == ("open", "opened", "A001", "李雷")
    assert (case["team_name"], case["topic_name"], case["tier"], case["channel"]) == ("一组", "delivery", "vip", "chat")
    assert (case["urgency"], case["importance"], case["quadrant"]) == ("normal", "high", 2)
    [event] = await office.events(CaseOpened)
    assert (event.number, event.summary) == (case["number"], "没收到货，请回 138****8000")
    shown = (await office.agent.get(f"{CASES}/{case['case_id']}")).json()
    assert shown == {name: case[name] for name in shown}


async def test_numbers_are_unique_when_many_open_at_once(office: Office) -> None:
    cases = await asyncio.gather(*(office.open(office.crm, subject=f"S{number}") for number in range(20)))
    assert len({case["number"] for case in cases}) == 20


async def test_the_same_matter_of_the_same_customer_is_linked(office: Office) -> None:
    await office.topic("delivery")
    customer = await office.customer()
    first = await office.open(topic="delivery", customer_id=customer)
    again = await office.open(office.person("B001"), topic="delivery", customer_id=customer, channel="chat")
    assert (again["outcome"], again["case_id"], again["repeat_count"]) == ("linked", first["case_id"], 1)
    [event] = await office.events(CaseLinked)
    assert (str(event.case_id), event.kind, event.repeat_count) == (first["case_id"], "contact", 1)
    second = await office.open(topic="delivery", customer_id=customer, link=False)
    assert second["outcome"] == "opened"
    assert [one["case_id"] for one in second["similar_cases"]] == [first["case_id"]]


async def test_two_who_open_the_same_matter_at_once_get_one_case(office: Office) -> None:
    await office.topic("delivery")
    customer = await office.customer()
    both = await asyncio.gather(*(office.open(topic="delivery", customer_id=customer) for _ in range(6)))
    assert len({case["case_id"] for case in both}) == 1
    assert sorted(case["outcome"] for case in both) == ["linked"] * 5 + ["opened"]


async def test_what_nobody_knows_is_refused_all_at_once(office: Office) -> None:
    nobody = "00000000-0000-0000-0000-000000000001"
    body = {"type": "x", "subject": "s", "topic": "y", "customer_id": nobody, "team": "Z"}
    answer = await office.agent.post(CASES, json=body)
    assert answer.status_code == 422
    assert {one["field"]: one["code"] for one in answer.json()["errors"]} == {
        "type": "case-type-unknown",
        "topic": "topic-unknown",
        "customer_id": "customer-unknown",
        "team": "team-unknown",
    }


@pytest.mark.parametrize("field", ["description", "subject"])
async def test_a_description_of_five_megabytes_is_refused(office: Office, field: str) -> None:
    body = {"type": "consult", "subject": "s", field: "长" * 2_000_000}
    assert (await office.agent.post(CASES, json=body)).status_code == 413
    body[field] = "长" * 30_000
    assert (await office.agent.post(CASES, json=body)).status_code == 422


async def test_another_teams_case_is_not_there(office: Office) -> None:
    case = await office.open()
    assert (await office.person("B001").get(f"{CASES}/{case['case_id']}")).status_code == 404
    assert (await office.person("B001").get(CASES)).json()["items"] == []
    assert [one["case_id"] for one in (await office.lead.get(CASES)).json()["items"]] == [case["case_id"]]


async def test_a_case_of_nobodys_team_goes_to_the_team_that_answers_for_its_topic(office: Office) -> None:
    await office.topic("bills", owner_team="B")
    await office.topic("invoice", parent="bills")
    await office.topic("other")
    case = await office.open(office.crm, topic="invoice")
    assert (case["team_name"], case["owner"]) == ("二组", None)
    assert (await office.open(office.crm, topic="other"))["team_name"] is None
    assert (await office.open(office.crm, topic="other", team="A", subject="x"))["team_name"] == "一组"
