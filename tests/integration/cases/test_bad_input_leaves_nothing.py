"""Each bad input is refused by its own code, and nothing of it is half-done: no event, no version, no entry."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from tests.integration.cases.office import CASES, Office

Json = dict[str, Any]
Act = Callable[[Office, Json], Awaitable[httpx.Response]]
STRANGER = "019cb0a0-0001-7000-8000-00000000ffff"
KEPT = "SELECT count(*), sum(version) FROM cases.cases UNION ALL SELECT count(*), 0 FROM cases.{}"


async def _unknown_customer(office: Office, case: Json) -> httpx.Response:
    body = {"type": "consult", "subject": "s", "customer_id": STRANGER}
    return await office.agent.post(CASES, json=body)


async def _closed_case(office: Office, case: Json) -> httpx.Response:
    return await office.try_to(case, "customer-notices", channel="phone", text="已处理")


async def _stale_version(office: Office, case: Json) -> httpx.Response:
    url = f"{CASES}/{case['case_id']}"
    return await office.agent.patch(url, headers={"If-Match": '"99"'}, json={"urgency": "high", "subject": "x"})


async def _cyclic_links(office: Office, case: Json) -> httpx.Response:
    return await office.try_to(case, "link", case_id=case["case_id"])


async def _handoff_to_own_team(office: Office, case: Json) -> httpx.Response:
    return await office.try_to(case, "handoffs", to_team="A", reason="查件", request="请查")


async def _promise_in_the_past(office: Office, case: Json) -> httpx.Response:
    due_at = (office.clock.now() - timedelta(minutes=1)).isoformat()
    return await office.try_to(case, "promises", due_at=due_at, text="回电")


async def _field_of_the_wrong_type(office: Office, case: Json) -> httpx.Response:
    body = {"type": "repair", "subject": "s", "fields": {"bought_on": "昨天"}}
    return await office.agent.post(CASES, json=body)


async def _description_of_5_mb(office: Office, case: Json) -> httpx.Response:
    body = {"type": "consult", "subject": "s", "description": "x" * 5_000_000}
    return await office.agent.post(CASES, json=body)


async def _kept(office: Office) -> list[tuple[int, ...]]:
    async with office.database.reading() as conn:
        found = []
        for table in ("outbox", "entries", "timers", "handoffs", "promises", "links"):
            found += [tuple(row) for row in await conn.execute(text(KEPT.format(table)))]
        return found


@pytest.mark.parametrize(
    ("act", "status", "code"),
    [
        pytest.param(_unknown_customer, 422, "customer-unknown", id="unknown customer"),
        pytest.param(_closed_case, 409, "case-closed", id="closed case"),
        pytest.param(_stale_version, 412, "stale-version", id="stale version"),
        pytest.param(_cyclic_links, 422, "case-links-to-itself", id="cyclic links"),
        pytest.param(_handoff_to_own_team, 422, "handoff-to-own-team", id="hand-off to one's own team"),
        pytest.param(_promise_in_the_past, 422, "promise-in-the-past", id="promise in the past"),
        pytest.param(_field_of_the_wrong_type, 422, "not-a-date", id="field of the wrong type"),
        pytest.param(_description_of_5_mb, 413, "body-too-large", id="description of 5 MB"),
    ],
)
async def test_bad_input_is_refused_clearly_and_nothing_of_it_is_half_done(
    office: Office, act: Act, status: int, code: str
) -> None:
    await office.case_type("repair", {"code": "bought_on", "name": "购买日期", "kind": "date"})
    case = await office.open()
    if act is _closed_case:
        await office.act(case, "resolve")
        await office.act(case, "close", confirmed=True)
    before = await _kept(office)
    answer = await act(office, case)
    problem = answer.json()
    assert answer.status_code == status, answer.text
    assert code in {problem["code"], *(one["code"] for one in problem.get("errors", []))}
    assert problem["detail"] or problem["title"]
    assert await _kept(office) == before


async def test_a_sheet_of_contacts_in_gbk_is_read(office: Office) -> None:
    columns = {"呼入时间": "queued_at", "客服": "agent", "分类": "topic"}
    sheet = "呼入时间,客服,分类\n2026-03-02 09:00:00,A001,退款\n"
    mapping = {"columns": columns}
    answer = await office.crm.post(
        "/cases/v1/contacts:import",
        files={"file": ("calls.csv", sheet.encode("gbk"))},
        data={"mapping": json.dumps(mapping, ensure_ascii=False)},
    )
    assert answer.status_code == 200, answer.text
    assert (answer.json()["created"], answer.json()["failed"]) == (1, 0)
