"""What a contact's agent learns of the customer, and which case the contact belongs to."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from services.cases.commands.customers import merge_customers
from shared.contracts.cases import CaseLinked
from shared.platform.actor import Actor
from tests.integration.cases.office import CASES, Office

PHONE = {"kind": "phone", "value": "138-0013-8000"}
CHAT = {"kind": "wechat", "value": "zhangwei"}


async def come(office: Office, *, after: timedelta = timedelta(), **more: Any) -> dict[str, Any]:
    """A contact that comes in now; what its agent is told."""
    queued_at = (office.clock.now() + after).isoformat()
    answer: httpx.Response = await office.agent.post("/cases/v1/contacts", json={"queued_at": queued_at, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_same_customer_by_phone_and_by_chat_is_one(office: Office) -> None:
    await office.topic("delivery")
    customer = await office.customer(tier="vip", identities=[PHONE, CHAT], handle_with_care=True, care_note="先道歉")
    called = await come(office, identity={"kind": "phone", "value": "+86 13800138000"})
    assert called["customer"]["customer_id"] == called["contact"]["customer_id"] == customer
    assert (called["customer"]["handle_with_care"], called["customer"]["care_note"]) == (True, "先道歉")
    contact_id = called["contact"]["contact_id"]
    case = await office.open(topic="delivery", customer_id=customer, contact_id=contact_id)
    assert (case["contact_id"], case["handle_with_care"]) == (contact_id, True)
    await office.wait(days=1)
    chat = await come(office, identity=CHAT, channel="chat", topic="delivery")
    assert (chat["linked_case"]["case_id"], chat["linked_case"]["repeat_count"]) == (case["case_id"], 1)
    assert [one["case_id"] for one in chat["open_cases"]] == [case["case_id"]]
    assert chat["contact"]["case_id"] == case["case_id"]
    assert [one["contact_id"] for one in chat["recent_contacts"]] == [contact_id]
    assert [event.repeat_count for event in await office.events(CaseLinked)] == [1]
    assert await office.kinds(case) == ["opened", "repeat_contact"]


async def test_another_topic_is_another_matter_and_told_again_it_does_not_count_again(office: Office) -> None:
    for topic in ("delivery", "refund"):
        await office.topic(topic)
    customer = await office.customer()
    case = await office.open(topic="delivery", customer_id=customer)
    await office.wait(hours=1)
    other = await come(office, customer_id=customer, topic="refund")
    assert other["linked_case"] is None
    assert [one["case_id"] for one in other["open_cases"]] == [case["case_id"]]
    at = office.clock.now().isoformat()
    for rating in (None, None, 5):
        body = {"queued_at": at, "external_id": "call-1", "customer_id": customer, "rating": rating}
        await office.agent.post("/cases/v1/contacts", json=body)
    assert (await office.see(case))["repeat_count"] == 1


async def test_a_call_that_the_desk_makes_itself_is_no_repeat(office: Office) -> None:
    customer = await office.customer()
    case = await office.open(customer_id=customer)
    await office.wait(hours=1)
    call = await come(office, customer_id=customer, direction="outbound", case_id=case["case_id"])
    assert (call["contact"]["case_id"], (await office.see(case))["repeat_count"]) == (case["case_id"], 0)


async def test_a_settled_matter_is_new_again_after_its_window(office: Office) -> None:
    await office.topic("delivery")
    customer = await office.customer()
    case = await office.open(topic="delivery", customer_id=customer)
    await office.act(case, "resolve")
    await office.act(case, "customer-notices", channel="phone", text="好了")
    await office.act(case, "close", confirmed=True)
    await office.wait(days=8)
    again = await come(office, customer_id=customer, topic="delivery")
    assert (again["linked_case"], [one["case_id"] for one in again["recent_cases"]]) == (None, [case["case_id"]])
    await office.wait(days=30)
    assert (await come(office, customer_id=customer, topic="delivery"))["recent_cases"] == []


async def test_merging_two_customers_keeps_both_histories(office: Office) -> None:
    one = await office.customer(identities=[PHONE], external_id="CRM-1")
    two = await office.customer(identities=[CHAT], external_id="CRM-2", do_not_contact=True)
    first, second = await office.open(customer_id=one), await office.open(customer_id=two, subject="退款")
    contact = (await come(office, customer_id=two))["contact"]
    url = f"/cases/v1/customers/{one}"
    assert (await office.agent.post(f"{url}/merge", json={"customer_id": two})).status_code == 403
    merged = (await office.crm.post(f"{url}/merge", json={"customer_id": two})).json()
    assert {identity["kind"] for identity in merged["identities"]} == {"phone", "wechat"}
    assert merged["do_not_contact"] is True
    theirs = (await office.crm.get(CASES, params={"customer_id": one})).json()["items"]
    assert {case["case_id"] for case in theirs} == {first["case_id"], second["case_id"]}
    moved = (await office.crm.get(f"/cases/v1/contacts/{contact['contact_id']}")).json()
    assert (moved["customer_id"], moved["version"]) == (one, 2)
    later = await come(office, customer_external_id="CRM-2")
    assert later["contact"]["customer_id"] == one
    assert (await office.open(customer_id=two, subject="新的"))["customer_id"] == one
    gone = (await office.crm.get(f"/cases/v1/customers/{two}")).json()
    assert (gone["merged_into"], gone["identities"]) == (one, [])
    assert [c["customer_id"] for c in (await office.crm.get("/cases/v1/customers")).json()["items"]] == [one]
    for other, code in ((two, "customer-merged"), (one, "customers-same")):
        again = await office.crm.post(f"{url}/merge", json={"customer_id": other})
        assert again.json()["code"] == code


async def test_merging_two_customers_while_a_case_opens_and_a_contact_comes_leaves_nothing_behind(
    office: Office,
) -> None:
    one, two = await office.customer(), await office.customer()
    merging = asyncio.Event()

    async def merge() -> None:
        async with office.database.work(Actor(sub="crm", roles=("integration",))) as work:
            await merge_customers(work, customer_id=UUID(one), other_id=UUID(two))
            merging.set()
            await asyncio.sleep(0.3)

    async def open_meanwhile() -> dict[str, Any]:
        await merging.wait()
        return await office.open(customer_id=two)

    async def come_meanwhile() -> dict[str, Any]:
        await merging.wait()
        return await come(office, customer_id=two)

    _, opened, intake = await asyncio.gather(merge(), open_meanwhile(), come_meanwhile())
    await office.wait(minutes=1)
    theirs = (await office.crm.get(CASES, params={"customer_id": one})).json()["items"]
    assert [case["case_id"] for case in theirs] == [opened["case_id"]]
    contact = (await office.crm.get(f"/cases/v1/contacts/{intake['contact']['contact_id']}")).json()
    assert contact["customer_id"] == one


async def test_a_customer_is_found_by_any_written_form_of_an_identity(office: Office) -> None:
    customer = await office.customer(identities=[PHONE, CHAT])
    case = await office.open(customer_id=customer)
    for written in ("13800138000", "+86 138 0013 8000", "zhangwei"):
        found = (await office.agent.get("/cases/v1/customers", params={"identity": written})).json()["items"]
        assert [one["customer_id"] for one in found] == [customer]
        [theirs] = (await office.person("B001").get(CASES, params={"identity": written})).json()["items"]
        assert theirs["case_id"] == case["case_id"]
    assert (await office.agent.get("/cases/v1/customers", params={"identity": "139"})).json()["items"] == []


async def test_reachability_is_for_those_who_may_see_whole_numbers(office: Office) -> None:
    landline = {"kind": "phone", "value": "010-12345678"}
    customer = await office.customer(identities=[PHONE, landline, CHAT], handle_with_care=True)
    url = f"/cases/v1/customers/{customer}/reachability"
    assert (await office.lead.get(url)).status_code == 403
    reach = (await office.crm.get(url)).json()
    assert [(one["channel"], one["address"]) for one in reach["methods"]] == [
        ("sms", "+8613800138000"),
        ("phone", "+861012345678"),
        ("wechat", "zhangwei"),
    ]
    assert (reach["do_not_contact"], reach["handle_with_care"], reach["fields"]) == (False, True, {})
    nobody = "/cases/v1/customers/00000000-0000-0000-0000-000000000001/reachability"
    assert (await office.crm.get(nobody)).status_code == 404
