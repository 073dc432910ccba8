"""A mass incident: thousands wait with a case; the worker that tells them is killed again and again.

Announced, updated, fixed: every customer is to be told exactly once each time, and every case is resolved once.
"""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from deploy.postgres import PrivatePostgres
from deploy.provision import role_of
from services.cases.commands import problems
from services.cases.commands.problems import Announcement
from shared.contracts.cases import CaseLinked, CaseResolved, NoticeRequested
from shared.contracts.event import Event
from shared.platform.actor import Actor
from shared.platform.clock import SystemClock
from shared.platform.codec import decode
from shared.platform.db import connect
from shared.platform.ids import new_id, stable_id
from shared.platform.work import Database
from tests.forked import Forked

A_BAD_DAY, A_DISASTER = (600, 360), (5_000, 3_000)
"""Cases and the distinct customers waiting with them."""
MANAGER = Actor(sub="S001", roles=("manager",), staff_no="S001")

PEOPLE = """
INSERT INTO cases.teams (team_id, code, name, zone, sequence) VALUES ($1, 'FIN', '财务部', 'Asia/Shanghai', 1);
"""
TOPIC = (
    "INSERT INTO cases.topics (topic_id, code, name, owner_team, version, updated_at) VALUES ($1, $2, $2, $3, 1, $4)"
)
CUSTOMER = """
INSERT INTO cases.customers (customer_id, name, tier, version, created_at, updated_at)
SELECT customer_id, 'x', 'standard', 1, $2, $2 FROM unnest($1::uuid[]) customer_id
"""
CASE = """
INSERT INTO cases.cases (case_id, version, number, state, case_type, type_version, channel, subject, urgency,
    importance, quadrant, zone, customer_id, topic, topic_name, opened_at, opened_by, fields, reopen_count,
    repeat_count, transfer_count, contact_count, involved, updated_at, grams)
SELECT case_id, 1, 'C' || place, 'open', 'consult', 1, 'phone', 'x', 'normal', 'normal', 4, 'Asia/Shanghai',
    customer_id, 'refund', 'refund', $3, 'A001', '{}', 0, 0, 0, 0, '{}', $3, '{}'
FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS one(case_id, customer_id, place)
"""


class Incident:
    """cases on a database of its own, and its worker in a process to be killed."""

    def __init__(self, url: str, folder: Path, size: tuple[int, int]) -> None:
        case_count, customer_count = size
        self.url, self.log = url, folder / "log"
        self.database = Database("cases", connect(url, pool_size=4), SystemClock())
        self.customers = [new_id() for _ in range(customer_count)]
        self.cases = [new_id() for _ in range(case_count)]
        self.problem_id = new_id()
        self.kills = 0

    async def furnish(self) -> None:
        """A department, a topic, and everybody who waits with a case about it."""
        conn, now = await asyncpg.connect(self.url), datetime.now(UTC)
        team_id = stable_id("team", "FIN")
        await conn.execute(PEOPLE, team_id)
        await conn.execute(TOPIC, stable_id("topic"), "refund", "FIN", now)
        await conn.execute(CUSTOMER, self.customers, now)
        whose = [self.customers[place % len(self.customers)] for place in range(len(self.cases))]
        await conn.execute(CASE, self.cases, whose, now)
        await conn.close()

    async def announce(self) -> None:
        """Say what is wrong, and link every case about it."""
        now = datetime.now(UTC)
        announcement = Announcement(
            title="退款延迟",
            cause="网关故障",
            workaround="先登记",
            owner_team="FIN",
            topics=("refund",),
            next_word_at=now + timedelta(days=1),
            link_open_since=now - timedelta(days=1),
        )
        async with self.database.work(MANAGER) as work:
            view = await problems.announce_problem(work, announcement=announcement)
        assert (view.case_count, view.customer_count) == (len(self.cases), len(self.customers))
        self.problem_id = view.problem_id

    async def update(self) -> None:
        async with self.database.work(MANAGER) as work:
            await problems.update_problem(work, problem_id=self.problem_id, news="银行正在处理", changes={})

    async def fix(self) -> None:
        async with self.database.work(MANAGER) as work:
            await problems.fix_problem(work, problem_id=self.problem_id, fix="已恢复")

    async def work_through(self) -> None:
        """Let worker after worker do some of it and die, until nothing of it is left to do."""
        for place in count():
            await self._live_and_die(5 + 4 * (place % 4) + place % 2)
            if not await self._waiting():
                return

    async def _live_and_die(self, transactions: int) -> None:
        words = ("tests.faults.incident_worker", str(transactions))
        process = Forked(*words, env={"SERVICE_DATABASE_URL": self.url}, stdout=self.log)
        while process.poll() is None and await self._waiting():
            await asyncio.sleep(0.2)
        process.kill()
        self.kills += process.wait() == -signal.SIGKILL

    async def _waiting(self) -> int:
        return int(
            (await self._rows("SELECT count(*) FROM cases.timers WHERE kind LIKE 'problem-%' AND due_at < now()"))[0][0]
        )

    async def _rows(self, sql: str) -> list[asyncpg.Record]:
        conn = await asyncpg.connect(self.url)
        try:
            return await conn.fetch(sql)
        finally:
            await conn.close()

    async def published(self, cls: type[Event]) -> list[Event]:
        """What was published of one type."""
        rows = await self._rows(f"SELECT body FROM cases.outbox WHERE type = '{cls.type}' ORDER BY position")
        return [decode(row["body"]).data for row in rows]

    async def told(self) -> dict[int, Counter[UUID]]:
        """By word, how often each customer was to be told."""
        found: dict[int, Counter[UUID]] = {}
        for event in await self.published(NoticeRequested):
            assert isinstance(event, NoticeRequested)
            if event.matter_type == "cases.problem":
                assert len(event.customers) <= 500
                found.setdefault(event.matter_version, Counter()).update(event.customers)
        return found

    async def end(self) -> None:
        await self.database.close()


@pytest.fixture(params=[A_BAD_DAY, pytest.param(A_DISASTER, marks=pytest.mark.faults)], ids=["bad day", "disaster"])
async def incident(request: pytest.FixtureRequest, postgres: PrivatePostgres, database: str) -> AsyncIterator[Incident]:
    url = postgres.url(database, role_of("cases"))
    with tempfile.TemporaryDirectory(prefix="ringback-faults-") as folder:
        incident = Incident(url, Path(folder), request.param)
        try:
            await incident.furnish()
            yield incident
        finally:
            print(incident.log.read_text()[-3000:] if incident.log.exists() else "")
            await incident.end()


@pytest.mark.timeout(1200)
async def test_every_customer_is_told_once_each_time_however_often_the_worker_is_killed(incident: Incident) -> None:
    everybody = Counter(incident.customers)
    for revision, say in enumerate((incident.announce, incident.update, incident.fix), start=1):
        await say()
        await incident.work_through()
        assert await incident.told() == dict.fromkeys(range(1, revision + 1), everybody)
    assert incident.kills >= 3
    for cls in (CaseLinked, CaseResolved):
        once = Counter(event.subject for event in await incident.published(cls))
        assert once == Counter(incident.cases), cls.type
    rows = await incident._rows("SELECT state, count(*) FROM cases.cases GROUP BY state")
    assert [tuple(row) for row in rows] == [("resolved", len(incident.cases))]
