"""Contacts: proved by a code or a supervisor's word; and how a person wishes to be reached."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.contracts.notify import ContactRemoved, ContactVerified
from tests.conftest import START
from tests.integration.notify.conftest import SUPERVISOR, Centre, a_change, an_agent

CONTACTS = "/notify/v1/recipients/A001/contacts"
PREFERENCES = "/notify/v1/recipients/A001/preferences"
SMS = {"channel": "sms", "address": "13800001111"}


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


@pytest.fixture
async def added(centre: Centre) -> dict[str, Any]:
    """A contact that A001 added and has not proved yet."""
    response = await centre.agent("A001").post(CONTACTS, json=SMS)
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    await centre.settle()
    return found


async def the_code(centre: Centre) -> str:
    """The newest code, read where whoever holds the address would read it."""
    text = (await centre.messages("A001", occasion="contact-code"))[-1]["text"]
    found = re.search(r"\d{6}", text)
    assert found, text
    return found[0]


async def enter(centre: Centre, contact: dict[str, Any], entered: str) -> httpx.Response:
    return await centre.agent("A001").post(
        f"/notify/v1/contacts/{contact['contact_id']}/verify", json={"code": entered}
    )


async def test_the_person_proves_a_contact_with_the_code_sent_to_it(centre: Centre, added: dict[str, Any]) -> None:
    assert (added["verified"], added["code_expires_at"]) == (False, "2026-03-02T01:10:00Z")
    proved = await enter(centre, added, await the_code(centre))
    assert (proved.status_code, proved.json()["verified"], proved.json()["verified_by"]) == (200, True, "A001")
    assert (await enter(centre, added, "000000")).json()["verified"] is True, "what is proved stays proved"
    [event] = [one for one in await centre.published() if isinstance(one, ContactVerified)]
    assert (event.staff_no, event.channel, event.verified_by) == ("A001", "sms", "A001")


async def test_an_unproved_contact_receives_nothing_but_the_code(centre: Centre, added: dict[str, Any]) -> None:
    await centre.hear(a_change())
    await centre.settle()
    assert [m["occasion"] for m in await centre.messages("A001", channel="sms")] == ["contact-code"]


async def test_the_code_is_in_no_table_and_in_nobodys_own_messages(centre: Centre, added: dict[str, Any]) -> None:
    secret = await the_code(centre)
    assert secret not in repr(await centre.everything())
    [own] = [
        m
        for m in (await centre.agent("A001").get("/notify/v1/messages")).json()["items"]
        if m["occasion"] == "contact-code"
    ]
    assert "••••••" in own["text"]
    centre.api.app.state.captured = False
    assert "••••••" in (await centre.messages("A001", occasion="contact-code"))[0]["text"]


async def test_wrong_codes_are_counted_and_the_sixth_try_is_too_late(centre: Centre, added: dict[str, Any]) -> None:
    right = await the_code(centre)
    wrong = "000000" if right != "000000" else "000001"
    for left in (4, 3, 2, 1, 0):
        refused = await enter(centre, added, wrong)
        assert code(refused) == (422, "code-wrong")
        assert f" {left} " in refused.json()["detail"]
    assert code(await enter(centre, added, right)) == (410, "code-expired")


async def test_a_code_expires_and_a_fresh_one_counts(centre: Centre, added: dict[str, Any]) -> None:
    old = await the_code(centre)
    centre.clock.move_to(START + timedelta(minutes=10))
    assert code(await enter(centre, added, old)) == (410, "code-expired")
    assert (await centre.agent("A001").post(CONTACTS, json=SMS)).status_code == 201
    await centre.settle()
    fresh = await the_code(centre)
    assert fresh != old
    assert (await enter(centre, added, fresh)).json()["verified"] is True


async def test_codes_cannot_be_used_to_flood_a_telephone(centre: Centre, added: dict[str, Any]) -> None:
    agent = centre.agent("A001")
    too_soon = await agent.post(CONTACTS, json=SMS)
    assert code(too_soon) == (429, "code-too-soon")
    assert too_soon.headers["Retry-After"] == "61"
    for number in range(1, 10):
        await agent.delete(f"/notify/v1/contacts/{added['contact_id']}")
        centre.clock.move_to(START + timedelta(minutes=number))
        added = (await agent.post(CONTACTS, json={"channel": "sms", "address": f"1380000000{number}"})).json()
    centre.clock.move_to(START + timedelta(minutes=30))
    assert code(await agent.post(CONTACTS, json={"channel": "email", "address": "li@example.com"})) == (
        429,
        "code-too-soon",
    )


async def test_only_the_person_and_those_above_may_enter_remove_or_vouch(centre: Centre, added: dict[str, Any]) -> None:
    path = f"/notify/v1/contacts/{added['contact_id']}"
    for stranger in (centre.agent("A002"), centre.lead):
        assert (await stranger.post(f"{path}/verify", json={"code": "123456"})).status_code == 403
        assert (await stranger.delete(path)).status_code == 403
    vouched = await centre.supervisor.post(CONTACTS, json=SMS | {"verified": True})
    assert (vouched.json()["verified"], vouched.json()["verified_by"]) == (True, SUPERVISOR)
    assert (await centre.agent("A001").delete(path)).status_code == 204
    assert code(await centre.agent("A001").delete(path)) == (404, "not-found")
    assert [type(one) for one in await centre.published() if isinstance(one, ContactVerified | ContactRemoved)] == [
        ContactVerified,
        ContactRemoved,
    ]


async def test_asking_again_with_the_same_key_sends_one_code(centre: Centre) -> None:
    agent, key = centre.agent("A001"), {"Idempotency-Key": "add-1"}
    first = await agent.post(CONTACTS, json=SMS, headers=key)
    assert (await agent.post(CONTACTS, json=SMS, headers=key)).content == first.content
    assert len(await centre.messages("A001", occasion="contact-code")) == 1


@pytest.mark.parametrize("entered", ["", "12345", "abcdef", "１２３４５６", "1234567"])
async def test_what_is_no_code_is_refused(centre: Centre, added: dict[str, Any], entered: str) -> None:
    assert (await enter(centre, added, entered)).status_code == 422


async def test_a_group_is_vouched_for_tells_nobody_and_takes_no_code(centre: Centre) -> None:
    group = {"channel": "wecom_group", "address": "floor"}
    assert code(await centre.agent("A001").post(CONTACTS, json=group)) == (409, "contact-needs-vouching")
    assert (await centre.supervisor.post(CONTACTS, json=group | {"verified": True})).status_code == 201
    assert await centre.published() == []


async def test_wishes_are_kept_and_shown(centre: Centre) -> None:
    wishes = {"channels": ["email", "sms"], "quiet_from": "22:00", "quiet_until": "07:30", "language": "en"}
    kept = (await centre.agent("A001").put(PREFERENCES, json=wishes)).json()
    assert (kept["zone"], kept["version"], kept["changed_by"]) == ("Asia/Shanghai", 1, "A001")
    person = (await centre.lead.get("/notify/v1/recipients/A001")).json()
    assert (person["language"], person["preferences"]["quiet_until"]) == ("en", "07:30:00")
    await centre.hear(a_change())
    assert (await centre.messages("A001"))[0]["title"] == "Your shifts changed: please confirm"
    await centre.hear(an_agent("A001", name="李静静"), 2)
    assert (await centre.lead.get("/notify/v1/recipients/A001")).json()["language"] == "en"
    assert (await centre.agent("A001").put(PREFERENCES, json={})).json()["version"] == 2
    assert (await centre.lead.get("/notify/v1/recipients/A001")).json()["language"] == "zh-CN"


@pytest.mark.parametrize(
    ("wishes", "field"),
    [
        ({"quiet_from": "22:00"}, "quiet_until"),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "quiet_until"),
        ({"quiet_from": "25:00", "quiet_until": "07:00"}, "quiet_from"),
        ({"channels": ["pigeon"]}, "channels.0"),
        ({"channels": ["sms", "sms"]}, "channels.1"),
        ({"channels": ["wecom_group"]}, "channels.0"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"language": "tlh"}, "language"),
        ({"odd": 1}, "odd"),
    ],
)
async def test_wishes_that_make_no_sense_are_refused(centre: Centre, wishes: dict[str, Any], field: str) -> None:
    refused = await centre.agent("A001").put(PREFERENCES, json=wishes)
    assert refused.status_code == 422
    assert [fault["field"] for fault in refused.json()["errors"]] == [field]


async def test_wishes_are_for_the_person_and_those_above(centre: Centre) -> None:
    assert (await centre.agent("A002").put(PREFERENCES, json={})).status_code == 403
    assert (await centre.supervisor.put(PREFERENCES, json={})).status_code == 200
    assert (await centre.agent("A009").put(PREFERENCES.replace("A001", "A009"), json={})).status_code == 404
