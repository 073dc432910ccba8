"""Two workers of kpi at one queue, killed and frozen in turn: every contact counts once, the way it was told last."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from deploy.postgres import PrivatePostgres
from deploy.rabbit import PrivateRabbit
from shared.contracts.cases import ContactRecorded
from shared.contracts.routes import HEARS
from shared.platform.auth import Signer
from shared.platform.broker import RabbitTransport
from shared.platform.transport import Message
from tests.conftest import virtual_host
from tests.faults.fleet.processes import Processes
from tests.integration.kpi.conftest import recorded
from tests.integration.kpi.test_kpi_ledger import history_with_faults

HEARD = {"kpi": HEARS["kpi"]}
CONTACTS, PER_EVENT, ROUNDS = 6_000, 20, 6
WORKERS = ("kpi-worker-1", "kpi-worker-2")
DAY = {"from": "2026-03-02", "to": "2026-03-03", "tz": "Asia/Shanghai"}


class Site:
    """kpi's API and two of its workers on a broker where contacts arrive."""

    def __init__(self, processes: Processes, database_url: str, manager: str) -> None:
        self.processes = processes
        self._database_url = database_url
        self._headers = {"Authorization": f"Bearer {manager}"}
        self._transport = RabbitTransport(processes.amqp_url, hears=HEARD)
        self.sent: set[UUID] = set()

    async def send(self, messages: Sequence[Message]) -> None:
        """Publish, a little every few milliseconds."""
        for start in range(0, len(messages), 5):
            few = messages[start : start + 5]
            assert await self._transport.publish(few) == {message.id for message in few}
            self.sent |= {message.id for message in few}
            await asyncio.sleep(0.02)

    async def count(self, what: str) -> int:
        """How many rows, asked as an administrator."""
        conn = await asyncpg.connect(self._database_url)
        try:
            return int(await conn.fetchval(f"SELECT count(*) FROM kpi.{what}"))
        finally:
            await conn.close()

    async def until_applied(self, events: int) -> None:
        """Wait until so many events were applied."""
        async with asyncio.timeout(100):
            while await self.count("inbox") < events:
                await asyncio.sleep(0.05)

    async def get(self, path: str, **params: str) -> dict[str, Any]:
        """What kpi answers a manager."""
        url = self.processes.running["kpi-api"].url
        async with httpx.AsyncClient(base_url=url, headers=self._headers, timeout=60) as client:
            answer = await client.get(f"/kpi/v1/{path}", params=params)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def close(self) -> None:
        self.processes.end_all()
        await self._transport.close()


@pytest.fixture
async def site(postgres: PrivatePostgres, database: str, node: PrivateRabbit, tmp_path: Path) -> AsyncIterator[Site]:
    signer = Signer(tmp_path / "keys")
    async with virtual_host(node.amqp_url, node.management_url, hears=HEARD) as amqp_url:
        processes = Processes(tmp_path, signer, database, postgres.port, amqp_url)
        site = Site(processes, postgres.url(database), signer.token(sub="m", roles=("manager",)))
        try:
            for name in ("kpi-api", *WORKERS):
                processes.start(name)
            await processes.ready("kpi-api", *WORKERS)
            yield site
        finally:
            await site.close()


async def test_two_workers_killed_and_frozen_in_turn_count_every_contact_once(site: Site) -> None:
    chance = random.Random(3)
    truth, arrivals = history_with_faults(CONTACTS, chance)
    events = [recorded(arrivals[start : start + PER_EVENT])[0] for start in range(0, len(arrivals), PER_EVENT)]
    messages = [Message(UUID(each.message_id), ContactRecorded.type, each.body) for each in events]
    sending = asyncio.create_task(site.send([*messages, *chance.sample(messages, len(messages) // 10)]))
    for number in range(ROUNDS):
        await site.until_applied(len(messages) * (number + 1) // (ROUNDS + 2))
        name = WORKERS[number % 2]
        site.processes.freeze(name)
        await asyncio.sleep(chance.random() / 2)
        if number % 3 == 2:
            site.processes.thaw(name)
        else:
            site.processes.kill(name)
    await sending
    await site.until_applied(len(site.sent))

    assert await site.count("parked") == 0
    assert await site.count("contact_facts") == CONTACTS
    found = await site.get("metrics/answer_rate", **DAY)
    [point] = found["points"]
    assert (point["numerator"], point["denominator"]) == (sum(told.answered for told in truth), CONTACTS)
    assert (await site.get("consistency"))["consistent"]
