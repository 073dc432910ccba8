"""kpi applying contact facts from RabbitMQ, exactly once, against COPY of the same rows and one GROUP BY.

Twice: contacts recorded a hundred at a time (an import, a busy CRM), and each in an event of its own.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from deploy.serve import load
from services.kpi.consumers import HANDLERS, apply_batch, make_facts
from services.kpi.domain.fact import Dimensions
from services.kpi.domain.kinds import CONTACT
from services.kpi.queries.consistency import consistency
from services.kpi.tables import LEDGERS
from shared.contracts.cases import ContactFact, ContactRecorded
from shared.contracts.event import Envelope
from shared.contracts.routes import HEARS
from shared.platform.broker import RabbitTransport
from shared.platform.codec import encode
from shared.platform.consumer import Consumer
from shared.platform.db import driver_of
from shared.platform.ids import new_id
from shared.platform.transport import Delivery, Message, Outcome
from shared.platform.work import Database
from tests.bench.report import Bench, Row

AGENTS, TEAMS, TOPICS = 400, 20, 12
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
BATCHED, SINGLE = 200_000, 10_000
PER_EVENT = 100
TARGET, TARGET_RATIO = 8_000, 0.4


async def run(bench: Bench) -> list[Row]:
    """Facts a second, both ways, in a process set up like a worker's."""
    load("kpi", "worker")
    batched, floor = await _facts_per_second(bench, BATCHED, per_event=PER_EVENT)
    single, _ = await _facts_per_second(bench, SINGLE, per_event=1)
    ratio = batched / floor
    met = batched >= TARGET and ratio >= TARGET_RATIO
    target = f"≥ {TARGET:,} and ≥ {TARGET_RATIO} of COPY + GROUP BY"
    return [
        Row(f"kpi: contact facts applied, {PER_EVENT} in an event", batched, "facts/s", floor, ratio, target, met),
        Row("kpi: contact facts applied, one in an event", single, "facts/s"),
    ]


async def _facts_per_second(bench: Bench, count: int, *, per_event: int) -> tuple[float, float]:
    """The service's rate, and the floor's."""
    messages = list(messages_of(count, per_event))
    async with bench.databases("kpi") as databases, bench.broker("kpi") as url:
        database = databases["kpi"]
        transport = RabbitTransport(url, hears={"kpi": HEARS["kpi"]})
        for start in range(0, len(messages), 500):
            assert len(await transport.publish(messages[start : start + 500])) == len(messages[start : start + 500])
        seconds = await _consumed(transport, database, len(messages))
        await transport.close()
        await check(database, count)
        return count / seconds, count / await _floor_seconds(database)


async def _consumed(transport: RabbitTransport, database: Database, event_count: int) -> float:
    """How many seconds it takes to apply everything that waits in the queue."""
    consumer = _Timed(database, event_count)
    consuming = asyncio.create_task(transport.consume(consumer))
    await consumer.finished.wait()
    consuming.cancel()
    await asyncio.gather(consuming, return_exceptions=True)
    return consumer.seconds


class _Timed(Consumer):
    """A consumer that takes the time from its first delivery to its last commit."""

    def __init__(self, database: Database, expected: int) -> None:
        super().__init__(database, HANDLERS, apply_batch, prepare=make_facts)
        self.finished = asyncio.Event()
        self.seconds = 0.0
        self._left = expected
        self._started: float | None = None

    async def process(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        self._started = self._started or time.perf_counter()
        outcomes = await super().process(deliveries)
        self._left -= outcomes.count(Outcome.DONE)
        self.seconds = time.perf_counter() - self._started
        if self._left <= 0:
            self.finished.set()
        return outcomes


async def check(database: Database, count: int) -> None:
    """Exactly once: as many facts as were sent, and rollups that equal them."""
    async with database.reading() as conn:
        found = await consistency(conn)
    assert found.consistent, found.differences
    assert found.fact_count == count, found.fact_count


async def _floor_seconds(database: Database) -> float:
    """The least for the same result, the facts being known to be new: COPY of the same rows (with their dimensions as
    they are) into a table with the same keys, and one GROUP BY of them by quarter hour, in one transaction."""
    ledger = LEDGERS["contact"]
    names = ", ".join(Dimensions._fields)
    own = ", ".join(name for name in ledger.own if name != "set_id")
    sums = ", ".join(_sum(name) for name in ledger.kind.measures)
    group = f"SELECT date_bin('15 min', happened_at, '2000-01-01Z') AS bucket_at, {names}, {sums} FROM floor"
    async with database.reading() as conn:
        driver = await driver_of(conn)
        every = f"SELECT {own}, {names} FROM contact_facts JOIN dimension_sets USING (set_id)"
        rows = [tuple(row) for row in await driver.fetch(every)]
        await driver.execute(f"CREATE TABLE floor AS {every} LIMIT 0; ALTER TABLE floor ADD PRIMARY KEY (fact_key)")
        await driver.execute("CREATE INDEX ON floor (happened_at, fact_key)")
        started = time.perf_counter()
        async with driver.transaction():
            await driver.copy_records_to_table("floor", records=rows)
            await driver.execute(f"CREATE TABLE floor_rollups AS {group} GROUP BY 1, {names}")
        return time.perf_counter() - started


def _sum(measure: str) -> str:
    bit = {name: 1 << CONTACT.bit(name) for name in CONTACT.counts}.get(measure)
    return (
        f"sum({measure}) AS {measure}" if bit is None else f"count(*) FILTER (WHERE tallies & {bit} <> 0) AS {measure}"
    )


def messages_of(count: int, per_event: int) -> Iterator[Message]:
    """Events with so many new contacts in each."""
    chance = random.Random(7)
    for start in range(0, count, per_event):
        contacts = tuple(_contact(chance, number) for number in range(start, start + per_event))
        data = ContactRecorded(batch_id=new_id(), contacts=contacts)
        envelope = Envelope(
            id=new_id(),
            source="/cases",
            type=data.type,
            subject=data.batch_id,
            time=contacts[-1].queued_at,
            sequence=1,
            data=data,
            correlation_id="bench",
        )
        yield Message(envelope.id, envelope.type, encode(envelope))


def _contact(chance: random.Random, number: int) -> ContactFact:
    """A call every half second or so, most of them answered."""
    agent, topic = chance.randrange(AGENTS), chance.randrange(TOPICS)
    answered = chance.random() < 0.85
    wait = round(chance.expovariate(1 / 30), 1)
    return ContactFact(
        contact_id=new_id(),
        version=1,
        channel=chance.choice(("phone", "chat")),
        direction="inbound",
        queued_at=START + timedelta(seconds=number / 2),
        answered=answered,
        abandoned=not answered,
        wait_seconds=wait,
        zone="Asia/Shanghai",
        talk_seconds=chance.randrange(20, 600) if answered else None,
        hold_seconds=chance.randrange(0, 30) if answered else None,
        wrap_seconds=chance.randrange(0, 60) if answered else None,
        resolved=chance.random() < 0.9 if answered else None,
        rating=chance.randint(1, 5) if answered and chance.random() < 0.4 else None,
        queue="main",
        agent=f"A{agent:03}",
        agent_name=f"客服{agent:03}",
        team_id=TEAM_IDS[agent % TEAMS],
        team_name=f"{agent % TEAMS} 组",
        customer_id=new_id(),
        topic=f"topic-{topic}",
        topic_name=f"问题 {topic}",
    )


TEAM_IDS = [new_id() for _ in range(TEAMS)]
