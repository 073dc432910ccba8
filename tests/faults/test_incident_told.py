"""A mass incident as customers live it: cases and notify as processes, their workers killed while they tell everybody.

Announced, updated, fixed. What counts is what arrives on telephones: each word at most once each, and whoever may not
have got it is on the list.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from deploy.fakes.providers import SECRETS, Providers, settings_for
from deploy.postgres import PrivatePostgres
from services.notify.courier import AT_ONCE
from shared.platform.auth import Signer
from shared.platform.ids import new_id
from tests.conftest import Rabbit, virtual_host
from tests.faults.fleet.processes import Processes
from tests.faults.test_mass_incident import CASE, CUSTOMER, PEOPLE, TOPIC
from tests.serving import serving

A_BAD_DAY, A_DISASTER = (60, 40), (5_000, 3_000)
"""Cases and the distinct customers waiting with them."""
IDENTITY = """
INSERT INTO cases.identities (kind, value, customer_id, place)
SELECT 'phone', '+86138' || lpad(place::text, 8, '0'), customer_id, 0
FROM unnest($1::uuid[]) WITH ORDINALITY AS one(customer_id, place)
"""
WORDS = ("网关故障，先登记", "银行正在处理", "已经恢复")
PARTS = ("cases-api", "cases-worker", "notify-worker")


class Incident:
    """The processes, the telephones, and everybody who waits."""

    def __init__(self, processes: Processes, telephones: Providers, url: str, size: tuple[int, int]) -> None:
        case_count, customer_count = size
        self.processes, self.telephones, self.url = processes, telephones, url
        self.customers = [new_id() for _ in range(customer_count)]
        self.cases = [new_id() for _ in range(case_count)]
        self.problem_id = ""

    async def furnish(self) -> None:
        conn, now = await asyncpg.connect(self.url), datetime.now(UTC)
        whose = [self.customers[place % len(self.customers)] for place in range(len(self.cases))]
        await conn.execute(PEOPLE, new_id())
        await conn.execute(TOPIC, new_id(), "refund", "FIN", now)
        await conn.execute(CUSTOMER, self.customers, now)
        await conn.execute(IDENTITY, self.customers)
        await conn.execute(CASE, self.cases, whose, now)
        await conn.close()

    async def ask(self, method: str, path: str, **body: Any) -> Any:
        token = self.processes.signer.token(sub="S001", roles=("manager",), staff_no="S001")
        headers = {"Authorization": f"Bearer {token}"}
        url = self.processes.running["cases-api"].url
        async with httpx.AsyncClient(base_url=f"{url}/cases/v1", headers=headers, timeout=60) as client:
            answer = await client.request(method, path, **({"json": body} if body else {}))
        assert answer.is_success, answer.text
        return answer.json()

    async def say(self, revision: int) -> None:
        """Give the next word."""
        now = datetime.now(UTC)
        if revision == 1:
            announcement = {
                "title": "退款延迟",
                "cause": "网关故障",
                "workaround": WORDS[0],
                "owner_team": "FIN",
                "topics": ["refund"],
                "next_word_at": (now + timedelta(days=1)).isoformat(),
                "link_open_since": (now - timedelta(days=1)).isoformat(),
            }
            self.problem_id = (await self.ask("POST", "/problems", **announcement))["problem_id"]
        elif revision == 2:
            await self.ask("POST", f"/problems/{self.problem_id}/update", news=WORDS[1])
        else:
            await self.ask("POST", f"/problems/{self.problem_id}/fix", fix=WORDS[2])

    def told(self, revision: int) -> Counter[str]:
        """How often each telephone got a word."""
        return Counter(one.to for one in self.telephones.reached("sms") if WORDS[revision - 1] in one.text)

    async def until(self, done: Callable[[], Any]) -> None:
        async with asyncio.timeout(300):
            while not await done():
                await asyncio.sleep(0.05)

    async def count(self, what: str) -> int:
        conn = await asyncpg.connect(self.url)
        try:
            return int(await conn.fetchval(f"SELECT count(*) FROM {what}"))
        finally:
            await conn.close()

    async def killed_in_the_middle(self, revision: int) -> None:
        """Kill cases' worker when it began to ask, and notify's when some of the customers were told."""

        async def begun() -> bool:
            return bool(await self.count(f"cases.problem_notices WHERE revision = {revision}"))

        async def partly_told() -> bool:
            return len(self.told(revision)) >= len(self.customers) // 3

        await self.until(begun)
        self.processes.kill("cases-worker")
        await self.until(partly_told)
        self.processes.kill("notify-worker")

    async def settled(self, revision: int) -> None:
        """Until every customer's notice was tried; one that was being sent when its worker died stays in doubt."""
        notices = f"notify.messages WHERE subject_type = 'cases.problem' AND subject_version = {revision}"
        noted = f"cases.problem_notices WHERE revision = {revision} AND state = 'delivered'"
        tried = f"""{notices} AND state <> 'queued'
            AND NOT (state = 'sending' AND claimed_at > now() - interval '10 seconds')"""
        arrived = f"{notices} AND state IN ('accepted', 'delivered')"

        async def all_tried() -> bool:
            return await self.count(tried) == len(self.customers)

        async def all_noted() -> bool:
            return await self.count(noted) == await self.count(arrived)

        await self.until(all_tried)
        await self.until(all_noted)


@pytest.fixture(params=[A_BAD_DAY, pytest.param(A_DISASTER, marks=pytest.mark.faults)], ids=["bad day", "disaster"])
async def incident(
    request: pytest.FixtureRequest, postgres: PrivatePostgres, database: str, rabbit: Rabbit, tmp_path: Path
) -> AsyncIterator[Incident]:
    telephones, signer = Providers(secrets=dict(SECRETS)), Signer(tmp_path / "keys")
    processes = Processes(tmp_path, signer, database, postgres.port)
    incident = Incident(processes, telephones, postgres.url(database), request.param)
    try:
        await incident.furnish()
        at = virtual_host(rabbit.amqp_url, rabbit.management_url)
        async with serving(telephones) as providers_url, at as processes.amqp_url:
            cases_url = processes.start("cases-api").url
            keys = {"NOTIFY_SIGNING_KEYS": str(tmp_path / "keys"), "NOTIFY_CASES_URL": cases_url}
            processes.settings = settings_for(providers_url) | keys
            for part in PARTS[1:]:
                processes.start(part)
            await processes.ready(*PARTS)
            yield incident
            processes.end_all()
    finally:
        print(processes.logs())
        processes.end_all()


@pytest.mark.timeout(1200)
async def test_nobody_is_told_twice_and_nobody_is_left_out_though_both_workers_are_killed_in_the_middle(
    incident: Incident,
) -> None:
    everybody = {f"138{place:08}" for place in range(1, len(incident.customers) + 1)}
    for revision in (1, 2, 3):
        await incident.say(revision)
        if revision != 2:
            await incident.killed_in_the_middle(revision)
        await incident.settled(revision)
        told = incident.told(revision)
        assert set(told.values()) == {1}, "nobody twice"
        noted = f"cases.problem_notices WHERE revision = {revision}"
        assert await incident.count(noted) == len(everybody), "each customer was asked to be told once"
        in_doubt = await incident.count(f"{noted} AND state <> 'delivered'")
        assert len(told) + in_doubt >= len(everybody), "who may have been left out is known"
        assert len(told) >= len(everybody) - AT_ONCE, "no more than the worker had in hand when it died"

    async def all_resolved() -> bool:
        return await incident.count("cases.cases WHERE state = 'resolved'") == len(incident.cases)

    await incident.until(all_resolved)
    resolved = "cases.outbox WHERE type = 'cases.case.resolved.v1'"
    assert await incident.count(resolved) == len(incident.cases), "each case once"
