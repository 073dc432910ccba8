"""The audit log: one entry for each accepted act, in its transaction; a chain that shows every later change."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.platform import audit
from shared.platform.work import Database
from tests.conftest import Api

NOTES = "/roster/v1/notes"
AUDIT = "/roster/v1/audit"


async def _entries(api: Api, **filters: str) -> list[dict[str, Any]]:
    response = await api.as_("manager").get(AUDIT, params=filters)
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.json()["items"]
    return items


async def _verification(api: Api) -> dict[str, Any]:
    answer: dict[str, Any] = (await api.as_("manager").get(f"{AUDIT}/verification")).json()
    return answer


async def _write(api: Api, *texts: str) -> None:
    supervisor = api.as_("supervisor", staff_no="S001")
    for words in texts:
        assert (await supervisor.post(NOTES, json={"text": words})).status_code == 201


async def test_an_accepted_act_is_written_down_with_who_did_it(api: Api) -> None:
    await _write(api, "first")
    [entry] = await _entries(api)
    assert entry["actor"] == "S001"
    assert entry["roles"] == "supervisor"
    assert entry["operation"] == "write_note"
    assert entry["path"] == f"POST {NOTES}"
    assert entry["status"] == 201


async def test_what_was_refused_or_only_read_is_not_an_act(api: Api) -> None:
    manager = api.as_("manager")
    await manager.get(NOTES)
    await manager.post(NOTES, json={})
    assert await _entries(api) == []


async def test_an_act_asked_for_twice_with_one_key_is_one_act(api: Api) -> None:
    manager = api.as_("manager")
    for _ in range(3):
        await manager.post(NOTES, json={"text": "once"}, headers={"Idempotency-Key": "k1"})
    assert len(await _entries(api)) == 1


async def test_the_log_is_found_by_actor_and_operation(api: Api) -> None:
    await _write(api, "a", "b")
    assert len(await _entries(api, actor="S001", operation="write_note")) == 2
    assert await _entries(api, actor="S002") == []


async def test_a_query_string_is_not_kept(api: Api) -> None:
    await api.as_("manager").post(f"{NOTES}?phone=13800138000", json={"text": "x"})
    [entry] = await _entries(api)
    assert "13800138000" not in str(entry)


async def test_sealed_entries_make_one_chain(api: Api, database: Database) -> None:
    await _write(api, "a", "b", "c")
    assert await audit.seal(database) == 3
    await _write(api, "d")
    before = await _verification(api)
    assert (before["intact"], before["sealed"], before["unsealed"]) == (True, 3, 1)
    assert await audit.seal(database) == 1
    assert [entry["position"] for entry in await _entries(api)] == [1, 2, 3, 4]
    assert (await _verification(api))["head"] == (await _entries(api))[-1]["seal"]


async def test_two_workers_sealing_at_once_make_one_chain(api: Api, database: Database) -> None:
    await _write(api, *(f"note {number}" for number in range(20)))
    while (await _verification(api))["unsealed"]:
        await asyncio.gather(*(audit.seal(database) for _ in range(4)))
    assert (await _verification(api))["sealed"] == 20
    assert (await _verification(api))["intact"]


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE roster.audit SET actor = 'somebody else' WHERE position = 2",
        "DELETE FROM roster.audit WHERE position = 2",
        "UPDATE roster.audit SET status = 200, seal = sha256(seal) WHERE position = 2",
    ],
)
async def test_the_database_refuses_tampering_and_the_chain_shows_it(
    api: Api, database: Database, tampering: str
) -> None:
    await _write(api, "a", "b", "c")
    await audit.seal(database)
    with pytest.raises(DBAPIError, match="only grows"):
        async with database.work() as work:
            await work.conn.execute(text(tampering))
    async with database.work() as work:
        await work.conn.execute(text("ALTER TABLE roster.audit DISABLE TRIGGER ALL"))
        await work.conn.execute(text(tampering))
    found = await _verification(api)
    assert (found["intact"], found["broken_at"]) == (False, 2)


async def test_an_entry_slipped_in_with_a_seal_of_its_own_is_found(api: Api, database: Database) -> None:
    await _write(api, "a", "b")
    await audit.seal(database)
    async with database.work() as work:
        await work.conn.execute(
            text(
                "INSERT INTO roster.audit SELECT gen_random_uuid(), at, 'x', roles, operation, path, status, "
                "correlation_id, 3, sha256(seal) FROM roster.audit WHERE position = 2"
            )
        )
    assert (await _verification(api))["broken_at"] == 3


async def test_the_log_cannot_be_emptied(database: Database) -> None:
    with pytest.raises(DBAPIError, match="only grows"):
        async with database.work() as work:
            await work.conn.execute(text("TRUNCATE roster.audit"))
