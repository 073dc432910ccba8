"""Customers over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from shared.platform.work import Database
from tests.conftest import Api

URL = "/cases/v1/customers"


async def test_a_customer_is_stored_with_its_identities_in_one_form(customer: dict[str, Any]) -> None:
    assert customer["version"] == 1
    assert customer["tier"] == "standard"
    assert customer["identities"] == [
        {"kind": "phone", "value": "+8613800138000"},
        {"kind": "email", "value": "zhang@example.com"},
    ]


@pytest.mark.parametrize("role", ["agent", "lead", "quality", "partner"])
async def test_personal_data_is_masked_for_those_who_need_not_see_it(
    api: Api, customer: dict[str, Any], role: str
) -> None:
    client = api.as_(role, staff_no="A001")
    one = (await client.get(f"{URL}/{customer['customer_id']}")).json()
    [listed] = (await client.get(URL)).json()["items"]
    assert one == listed
    assert [identity["value"] for identity in one["identities"]] == ["138****8000", "z****@example.com"]


@pytest.mark.parametrize("role", ["supervisor", "manager", "integration"])
async def test_personal_data_is_whole_for_those_who_may(api: Api, customer: dict[str, Any], role: str) -> None:
    one = (await api.as_(role).get(f"{URL}/{customer['customer_id']}")).json()
    assert one == customer


async def test_an_agent_adds_a_customer_and_sees_it_masked(api: Api) -> None:
    body = {"name": "李娜", "identities": [{"kind": "phone", "value": "13912345678"}]}
    answer = await api.as_("agent", staff_no="A001").post(URL, json=body)
    assert answer.status_code == 201
    assert answer.json()["identities"] == [{"kind": "phone", "value": "139****5678"}]


async def test_an_identity_belongs_to_one_customer_only(
    integration: httpx.AsyncClient, customer: dict[str, Any]
) -> None:
    body = {
        "name": "李娜",
        "identities": [{"kind": "wechat", "value": "lina"}, {"kind": "phone", "value": "+86 13800138000"}],
    }
    answer = await integration.post(URL, json=body)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "identity-taken")
    assert problem["conflicts"] == [{"field": "identities.1", "kind": "phone", "customer_id": customer["customer_id"]}]
    assert "138" not in answer.text.replace(customer["customer_id"], "")
    assert len((await integration.get(URL)).json()["items"]) == 1


async def test_an_external_id_belongs_to_one_customer_only(
    integration: httpx.AsyncClient, customer: dict[str, Any]
) -> None:
    answer = await integration.post(URL, json={"external_id": "CRM-1", "name": "李娜"})
    assert (answer.status_code, answer.json()["code"]) == (409, "customer-number-taken")
    assert answer.json()["customer_id"] == customer["customer_id"]


async def test_two_at_once_with_the_same_phone_become_one(integration: httpx.AsyncClient) -> None:
    body = {"name": "张伟", "identities": [{"kind": "phone", "value": "13800138000"}]}
    answers = await asyncio.gather(*(integration.post(URL, json=body) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"identity-taken"}


async def test_unreadable_identities_are_named_without_quoting_them(integration: httpx.AsyncClient) -> None:
    body = {"name": "张伟", "identities": [{"kind": "phone", "value": "1380013"}, {"kind": "email", "value": "zhang"}]}
    answer = await integration.post(URL, json=body)
    assert answer.status_code == 422
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [
        ("identities.0.value", "phone-invalid"),
        ("identities.1.value", "email-invalid"),
    ]
    assert "1380013" not in answer.text


async def test_a_customer_is_changed_by_whoever_saw_its_last_version(
    integration: httpx.AsyncClient, customer: dict[str, Any]
) -> None:
    url = f"{URL}/{customer['customer_id']}"
    changed = await integration.patch(
        url,
        headers={"If-Match": '"1"'},
        json={"tier": "vip", "identities": [{"kind": "phone", "value": "13912345678"}]},
    )
    assert changed.status_code == 200
    assert (changed.headers["etag"], changed.json()["tier"], changed.json()["name"]) == ('"2"', "vip", "张伟")
    assert changed.json()["identities"] == [{"kind": "phone", "value": "+8613912345678"}]
    stale = await integration.patch(url, headers={"If-Match": '"1"'}, json={"tier": "standard"})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")
    assert (await integration.patch(url, json={"tier": "standard"})).status_code == 428


async def test_a_given_up_identity_can_belong_to_another(
    integration: httpx.AsyncClient, customer: dict[str, Any]
) -> None:
    url = f"{URL}/{customer['customer_id']}"
    await integration.patch(url, headers={"If-Match": '"1"'}, json={"identities": []})
    body = {"name": "李娜", "identities": [{"kind": "phone", "value": "13800138000"}]}
    assert (await integration.post(URL, json=body)).status_code == 201


async def test_identities_are_replaced_only_by_those_who_see_them(api: Api, customer: dict[str, Any]) -> None:
    agent, url = api.as_("agent", staff_no="A001"), f"{URL}/{customer['customer_id']}"
    refused = await agent.patch(url, headers={"If-Match": '"1"'}, json={"identities": []})
    assert (refused.status_code, refused.json()["code"]) == (403, "scope-missing")
    assert (await agent.patch(url, headers={"If-Match": '"1"'}, json={"name": "张卫"})).status_code == 200


async def test_customers_are_listed_by_their_filters_page_by_page(
    integration: httpx.AsyncClient, customer: dict[str, Any]
) -> None:
    for number in range(5):
        await integration.post(URL, json={"name": f"C{number}", "external_id": f"X{number}", "tier": "vip"})
    first = (await integration.get(URL, params={"limit": 4})).json()
    rest = (await integration.get(URL, params={"limit": 4, "after": first["next"]})).json()
    assert [one["name"] for one in first["items"] + rest["items"]] == ["张伟", "C0", "C1", "C2", "C3", "C4"]
    assert rest["next"] is None
    assert len((await integration.get(URL, params={"tier": "vip"})).json()["items"]) == 5
    [found] = (await integration.get(URL, params={"external_id": "X3"})).json()["items"]
    assert found["name"] == "C3"


async def test_an_unknown_customer_is_not_found(integration: httpx.AsyncClient) -> None:
    assert (await integration.get(f"{URL}/00000000-0000-0000-0000-000000000000")).status_code == 404


async def test_no_event_carries_personal_data(database: Database, customer: dict[str, Any]) -> None:
    outbox = database.kernel.outbox
    async with database.reading() as conn:
        bodies = [bytes(row.body).decode() for row in await conn.execute(select(outbox))]
    assert not any("13800138000" in body or "张伟" in body for body in bodies)


async def test_customers_without_a_number_of_their_own_change_and_merge_freely(api: Api) -> None:
    manager = api.as_("manager")
    made = [(await manager.post(URL, json={"name": name})).json() for name in ("甲", "乙", "丙", "丁")]
    path = f"{URL}/{made[0]['customer_id']}"
    changed = await manager.patch(path, json={"tier": "vip"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["tier"]) == (200, "vip")
    merged = await manager.post(f"{path}/merge", json={"customer_id": made[1]["customer_id"]})
    assert merged.status_code == 200, merged.text
