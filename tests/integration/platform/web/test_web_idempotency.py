"""The same Idempotency-Key: one effect and one answer, however often and however fast it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from shared.platform.once import Once
from shared.platform.work import Database
from tests.conftest import Api

NOTES = "/roster/v1/notes"
KEY = {"Idempotency-Key": "k-1"}
Count = Callable[[], Any]


async def test_the_first_answer_is_given_again(api: Api, count_notes: Count) -> None:
    client = api.as_("manager")
    first = await client.post(NOTES, json={"text": "a"}, headers=KEY)
    again = await client.post(NOTES, json={"text": "a"}, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["etag"] == first.headers["etag"] == '"1"'
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert await count_notes() == 1


async def test_another_body_under_the_same_key_is_refused(api: Api, count_notes: Count) -> None:
    client = api.as_("manager")
    await client.post(NOTES, json={"text": "a"}, headers=KEY)
    other = await client.post(NOTES, json={"text": "b"}, headers=KEY)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert await count_notes() == 1


async def test_keys_of_different_callers_do_not_meet(api: Api, count_notes: Count) -> None:
    for staff_no in ("M1", "M2"):
        response = await api.as_("manager", staff_no=staff_no).post(NOTES, json={"text": staff_no}, headers=KEY)
        assert response.status_code == 201
    assert await count_notes() == 2


async def test_a_request_that_is_still_running_is_a_conflict(api: Api, gate: Any, count_notes: Count) -> None:
    client = api.as_("manager")
    first = asyncio.create_task(client.post(f"{NOTES}/held", json={"text": "a"}, headers=KEY))
    await gate.entered.wait()
    second = await client.post(f"{NOTES}/held", json={"text": "a"}, headers=KEY)
    assert (second.status_code, second.json()["code"]) == (409, "idempotency-in-progress")
    gate.open.set()
    assert (await first).status_code == 200
    assert await count_notes() == 1


async def test_fifty_at_once_have_one_effect(api: Api, count_notes: Count) -> None:
    client = api.as_("manager")
    sent = [client.post(NOTES, json={"text": "a"}, headers=KEY) for _ in range(50)]
    answers = await asyncio.gather(*sent)
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"idempotency-in-progress"}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert await count_notes() == 1
    assert (await client.post(NOTES, json={"text": "a"}, headers=KEY)).status_code == 201


async def test_a_refused_request_may_be_sent_again_under_its_key(api: Api, count_notes: Count) -> None:
    client = api.as_("manager")
    await client.post(NOTES, json={"text": "taken"})
    assert (await client.post(NOTES, json={"text": "taken"}, headers=KEY)).status_code == 409
    assert (await client.post(NOTES, json={"text": "free"}, headers=KEY)).status_code == 201


async def test_an_answer_committed_between_look_and_lock_is_given(
    api: Api, monkeypatch: pytest.MonkeyPatch, count_notes: Count
) -> None:
    """The first look misses the other request's commit; the work then breaks on what that did."""
    client = api.as_("manager")
    first = await client.post(NOTES, json={"text": "a"}, headers=KEY)
    look = Once.earlier
    looks = iter([False])

    async def short_sighted(self: Once, conn: Any) -> Any:
        return await look(self, conn) if next(looks, True) else None

    monkeypatch.setattr(Once, "earlier", short_sighted)
    again = await client.post(NOTES, json={"text": "a"}, headers=KEY)
    assert (again.status_code, again.content) == (201, first.content)
    assert await count_notes() == 1


async def test_the_same_file_sent_again_is_the_same_request(api: Api, count_notes: Count) -> None:
    client = api.as_("manager")
    first = await client.post(f"{NOTES}:import", files={"file": ("a.csv", b"one")}, headers=KEY)
    again = await client.post(f"{NOTES}:import", files={"file": ("a.csv", b"one")}, headers=KEY)
    other = await client.post(f"{NOTES}:import", files={"file": ("a.csv", b"two")}, headers=KEY)
    assert first.request.headers["content-type"] != again.request.headers["content-type"]
    assert (first.status_code, again.status_code, other.status_code) == (200, 200, 422)
    assert await count_notes() == 1


async def test_work_that_rolls_back_leaves_no_answer_behind(api: Api, database: Database) -> None:
    table = database.kernel.idempotency
    response = await api.as_("manager").patch(
        f"{NOTES}/{'0' * 8}-0000-7000-8000-000000000000", json={"text": "b"}, headers=KEY | {"If-Match": '"1"'}
    )
    assert response.status_code == 404
    async with database.reading() as conn:
        assert (await conn.execute(select(table))).all() == []


@pytest.mark.parametrize("key", ["", " " * 256, "schlüssel", "k" * 256])
async def test_a_key_has_1_to_255_visible_characters(api: Api, key: str) -> None:
    response = await api.as_("manager").post(NOTES, json={"text": "a"}, headers={"Idempotency-Key": key.encode()})
    assert (response.status_code, response.json()["code"]) == (422, "idempotency-key-invalid")
