"""What the tests of cases stand on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from shared.contracts.cases import ContactFact, ContactRecorded
from shared.platform.codec import decode
from shared.platform.work import Database
from tests.conftest import Api, ManualClock
from tests.integration.cases.handoff_floor import Floor
from tests.integration.cases.office import Office

QUEUED = "2026-03-02T09:00:00+08:00"


@pytest.fixture
def database(open_database: Callable[[str], Database]) -> Database:
    return open_database("cases")


@pytest.fixture
def api(open_api: Callable[..., Api], database: Database) -> Api:
    return open_api("cases", database)


@pytest.fixture
def supervisor(api: Api) -> httpx.AsyncClient:
    return api.as_("supervisor", teams=("A",))


@pytest.fixture
def integration(api: Api) -> httpx.AsyncClient:
    return api.as_("integration")


@pytest.fixture
async def customer(integration: httpx.AsyncClient) -> dict[str, Any]:
    """Zhang Wei, known by a phone and an address."""
    body = {
        "external_id": "CRM-1",
        "name": "张伟",
        "identities": [
            {"kind": "phone", "value": "138 0013 8000"},
            {"kind": "email", "value": "Zhang@Example.com"},
        ],
    }
    answer = await integration.post("/cases/v1/customers", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


Recorded = Callable[[], Awaitable[list[ContactFact]]]


@pytest.fixture
def recorded(database: Database) -> Recorded:
    """Every contact fact published so far, in order: `await recorded()`."""
    outbox = database.kernel.outbox

    async def facts() -> list[ContactFact]:
        async with database.reading() as conn:
            rows = await conn.execute(select(outbox.c.body).order_by(outbox.c.position))
            events = [decode(body).data for (body,) in rows]
        return [fact for event in events if isinstance(event, ContactRecorded) for fact in event.contacts]

    return facts


@pytest.fixture
async def office(api: Api, database: Database, clock: ManualClock) -> Office:
    """Teams A and B with their agents and leads, heard from roster."""
    office = Office(api, database, clock)
    await office.move_in()
    return office


@pytest.fixture
async def floor(api: Api, database: Database, clock: ManualClock) -> Floor:
    """Three teams with their people, heard from roster."""
    floor = Floor(api, database, clock)
    await floor.open()
    return floor
