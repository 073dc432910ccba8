"""Messages through a provider over HTTP, and how soon an answer given elsewhere stops a ladder through RabbitMQ."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import date, timedelta
from uuid import UUID

from deploy.fakes.providers import settings_for
from services.notify.channels import channels
from services.notify.courier import Courier
from services.notify.domain.contact import Contact
from services.notify.domain.message import Message
from services.notify.links import links_from
from services.notify.settings import NotifySettings
from services.notify.store.messages import add_messages
from services.notify.store.recipients import save_contact
from services.notify.worker import build
from shared.contracts.event import Event
from shared.contracts.roster import (
    AgentJoined,
    Cell,
    DayChange,
    ShiftChangeAnnounced,
    ShiftChangeConfirmed,
    TeamChanged,
)
from shared.contracts.routes import HEARS
from shared.platform.broker import RabbitTransport
from shared.platform.ids import new_id
from shared.platform.work import Database
from shared.platform.worker import Worker
from tests.bench.load import process
from tests.bench.report import Bench, Row
from tests.conftest import virtual_host

MESSAGES, PER_SECOND = 5_000, 500
ANSWERS, ANSWERS_PER_SECOND, WARM_UP, P99_MS = 1_000, 50, 50, 250
TEAM = new_id()


async def run(bench: Bench) -> list[Row]:
    """Messages a second through one worker; milliseconds from an answer to the end of its ladder."""
    return [await drained(bench), await stopped(bench)]


async def drained(bench: Bench) -> Row:
    """So many text messages, each with its own link, are queued; one courier takes them to a gateway."""
    fakes = ["-m", "uvicorn", "deploy.fakes.providers:in_development", "--factory", "--port", "{port}"]
    async with bench.databases("notify") as databases, process([*fakes, "--log-level", "critical"]) as port:
        database = databases["notify"]
        await queue(database)
        with environment(settings_for(f"http://127.0.0.1:{port}")):
            settings = NotifySettings()
        courier = Courier(database, channels(settings), links_from(settings))
        started = time.perf_counter()
        sent = await courier.drain()
        seconds = time.perf_counter() - started
        await courier.close()
    assert sent == MESSAGES
    rate = sent / seconds
    return Row(
        "messages drained through a gateway, one worker",
        rate,
        "/s",
        target=f"≥ {PER_SECOND}/s",
        met=rate >= PER_SECOND,
    )


async def queue(database: Database) -> None:
    """People with a telephone each, and a message waiting for each."""
    for start in range(0, MESSAGES, 1000):
        async with database.work() as work:
            now = work.now
            staff_nos = [f"A{number:05}" for number in range(start, start + 1000)]
            for staff_no in staff_nos:
                telephone = f"138{staff_no[1:].zfill(8)}"
                contact = Contact(
                    contact_id=new_id(), staff_no=staff_no, channel="sms", address=telephone, added_at=now,
                    added_by="bench", verified_at=now, verified_by="bench",
                )  # fmt: skip
                await save_contact(work, contact)
            await add_messages(
                work,
                [
                    Message(
                        message_id=new_id(), about_id=new_id(), occasion="rung", number=0, staff_no=staff_no,
                        channel="sms", template="shift_change.asked", language="zh-CN", title="班次变动，请确认",
                        text="李静，您的班次有变动。", queued_at=now, next_at=now, acknowledgement_id=new_id(),
                        subject_version=1, link_expires_at=now + timedelta(days=1),
                    )
                    for staff_no in staff_nos
                ],
            )  # fmt: skip


@contextmanager
def environment(settings: dict[str, str]) -> Iterator[None]:
    """These variables, for a moment."""
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


async def stopped(bench: Bench) -> Row:
    """The 99th percentile from roster's commit of a confirmation to notify's commit that ends the question."""
    hears = {"roster": (), "notify": HEARS["notify"]}
    async with (
        bench.databases("roster", "notify") as databases,
        virtual_host(bench.amqp_url, bench.management_url, hears=hears) as amqp_url,
    ):
        transport = RabbitTransport(amqp_url, hears=hears)
        site = Site(databases["roster"], databases["notify"], transport)
        taken = sorted(await site.measure())
        await transport.close()
    p99 = 1000 * taken[int(len(taken) * 0.99)]
    return Row("answer → ladder stopped, p99", p99, "ms", target=f"≤ {P99_MS} ms", met=p99 <= P99_MS)


class Site:
    """roster confirming, notify hearing it, both workers running."""

    def __init__(self, roster: Database, notify: Database, transport: RabbitTransport) -> None:
        self._roster, self._notify = roster, notify
        self._workers = [Worker(roster, transport, handlers={}, timers_={}), build(notify, transport)]
        self._committed: dict[UUID, float] = {}

    async def measure(self) -> list[float]:
        """Seconds from commit to commit, for each answer after the first few."""
        changes = [a_change(self._roster, number) for number in range(WARM_UP + ANSWERS)]
        working = [asyncio.create_task(worker.run()) for worker in self._workers]
        team = TeamChanged(team_id=TEAM, code="T1", name="T1", zone="Asia/Shanghai")
        await self._say([team, *(an_agent(change) for change in changes)], 1)
        await self._say(changes, 1)
        await self._until("open", len(changes))
        watching = asyncio.create_task(self._watch({change.change_id for change in changes}))
        for change in changes:
            due = time.perf_counter() + 1 / ANSWERS_PER_SECOND
            await self._say([confirmed(change)], 2)
            self._committed[change.change_id] = time.perf_counter()
            await asyncio.sleep(max(due - time.perf_counter(), 0))
        ended = await asyncio.wait_for(watching, 60)
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        return [ended[one] - self._committed[one] for one in list(self._committed)[WARM_UP:]]

    async def _say(self, events: Sequence[Event], sequence: int) -> None:
        async with self._roster.work() as work:
            for event in events:
                work.record(event, sequence=sequence)

    async def _until(self, state: str, count: int) -> None:
        async with asyncio.timeout(120):
            while await self._count(state) < count:
                await asyncio.sleep(0.2)

    async def _count(self, state: str) -> int:
        async with self._notify.reading() as conn:
            sql = f"SELECT count(*) FROM notify.acknowledgements WHERE state = '{state}'"
            return int((await conn.exec_driver_sql(sql)).scalar_one())

    async def _watch(self, waiting: set[UUID]) -> dict[UUID, float]:
        """When each question was seen to be over and to have no timer; looked for every few milliseconds."""
        ended: dict[UUID, float] = {}
        sql = (
            "SELECT a.subject_id FROM notify.acknowledgements a WHERE a.state <> 'open' AND NOT EXISTS "
            "(SELECT FROM notify.timers t WHERE t.kind = 'ladder' AND t.subject_id = a.acknowledgement_id)"
        )
        async with self._notify.reading() as conn:
            while len(ended) < len(waiting):
                rows = await conn.exec_driver_sql(sql)
                at = time.perf_counter()
                for row in rows:
                    ended.setdefault(UUID(str(row.subject_id)), at)
                await asyncio.sleep(0.01)
        return ended


def a_change(database: Database, number: int) -> ShiftChangeAnnounced:
    """A shift change of one agent, to be confirmed within the day."""
    now = database.clock.now()
    return ShiftChangeAnnounced(
        change_id=new_id(), roster_id=new_id(), number=1, agent_id=new_id(), staff_no=f"B{number:05}",
        agent_name="王强", team_id=TEAM, team_name="T1", announced_at=now, confirm_by=now + timedelta(hours=8),
        first_start_at=now + timedelta(days=1), zone="Asia/Shanghai",
        days=(DayChange(on=date(2026, 3, 3), before=None, after=Cell(code="休")),), late_notice=False, diff_hash="d",
    )  # fmt: skip


def an_agent(change: ShiftChangeAnnounced) -> AgentJoined:
    """Whose change it is."""
    return AgentJoined(
        agent_id=change.agent_id, staff_no=change.staff_no, name=change.agent_name, team_id=TEAM, team_name="T1",
        roles=("agent",), skills=(), hired_on=date(2025, 1, 6),
    )  # fmt: skip


def confirmed(change: ShiftChangeAnnounced) -> ShiftChangeConfirmed:
    """The answer, given by telephone and recorded in roster."""
    facts = {one.name: getattr(change, one.name) for one in fields(ShiftChangeConfirmed) if hasattr(change, one.name)}
    return ShiftChangeConfirmed(**facts, confirmed_at=change.announced_at, channel="phone")
