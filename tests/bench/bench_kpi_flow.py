"""kpi under a steady stream, from event to figure; and how much a second worker adds where cores are left for it."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import ExitStack

from deploy.serve import load
from services.kpi.consumers import HANDLERS, apply_batch, make_facts
from shared.contracts.routes import HEARS
from shared.platform.broker import RabbitTransport
from shared.platform.consumer import Consumer
from shared.platform.db import driver_of
from shared.platform.transport import Delivery, Message, Outcome
from shared.platform.work import Database
from tests.bench.bench_kpi import check, messages_of
from tests.bench.report import Bench, Row
from tests.bench.share import share_of_a_core

PER_SECOND, SECONDS, WARM_UP_SECONDS = 1_000, 15, 3
TICK_SECONDS = 0.01
TARGET_MS = 500
SCALING_FACTS, PER_EVENT = 300_000, 100
BEGIN, END = 0.15, 0.7
SHARE, TARGET_SCALING = 0.3, 1.7
"""Of a core for each worker, so that the servers have enough left even for two of them."""
WAIT_SECONDS = 120


async def run(bench: Bench) -> list[Row]:
    """Milliseconds from publication to commit; facts a second of one worker process and of two."""
    load("kpi", "worker")
    taken = sorted(await _taken(bench))
    p50, p99 = 1000 * taken[len(taken) // 2], 1000 * taken[int(len(taken) * 0.99)]
    one, two = [await _with_workers(bench, count) for count in (1, 2)]
    cores = os.cpu_count()
    return [
        Row(f"kpi: event → visible, p50 at {PER_SECOND:,}/s", p50, "ms"),
        Row(
            f"kpi: event → visible, p99 at {PER_SECOND:,}/s",
            p99,
            "ms",
            target=f"≤ {TARGET_MS} ms",
            met=p99 <= TARGET_MS,
        ),
        Row(f"kpi: one worker process, {PER_EVENT} in an event", one, "facts/s"),
        Row(f"kpi: two worker processes on {cores} cores with both servers", two, "facts/s", one, two / one),
        *await _scaling(bench),
    ]


async def _scaling(bench: Bench) -> list[Row]:
    """Whether two workers hinder each other, told apart from whether there are cores for them."""
    try:
        one, two = [await _with_workers(bench, count, share=SHARE) for count in (1, 2)]
    except OSError as error:
        print(f"no shares of a core can be given here: {error}")
        return []
    target, met = f"≥ {TARGET_SCALING} × one", two / one >= TARGET_SCALING
    return [
        Row(f"kpi: one worker process with {SHARE:.0%} of a core", one, "facts/s"),
        Row(f"kpi: two worker processes with {SHARE:.0%} of a core each", two, "facts/s", one, two / one, target, met),
    ]


class _Noting(Consumer):
    """A consumer that notes when each event's figures were there to be read."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, HANDLERS, apply_batch, prepare=make_facts)
        self.visible: dict[str, float] = {}

    async def process(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        outcomes = await super().process(deliveries)
        now = time.perf_counter()
        self.visible |= {delivery.message_id: now for delivery in deliveries}
        return outcomes


async def _taken(bench: Bench) -> list[float]:
    """Seconds from the publication of each event, a contact in each, to the commit of what it counts for."""
    count = PER_SECOND * (WARM_UP_SECONDS + SECONDS)
    messages = list(messages_of(count, per_event=1))
    published: dict[str, float] = {}
    async with bench.databases("kpi") as databases, bench.broker("kpi") as url:
        transport = RabbitTransport(url, hears={"kpi": HEARS["kpi"]})
        consumer = _Noting(databases["kpi"])
        consuming = asyncio.create_task(transport.consume(consumer))
        await _publish_steadily(transport, messages, published)
        async with asyncio.timeout(WAIT_SECONDS):
            while len(consumer.visible) < count:
                await asyncio.sleep(0.05)
        consuming.cancel()
        await asyncio.gather(consuming, return_exceptions=True)
        await transport.close()
        await check(databases["kpi"], count)
    measured = [str(message.id) for message in messages[PER_SECOND * WARM_UP_SECONDS :]]
    return [consumer.visible[id_] - published[id_] for id_ in measured]


async def _publish_steadily(
    transport: RabbitTransport, messages: Sequence[Message], published: dict[str, float]
) -> None:
    """So many a second, a few every tick."""
    few, started = int(PER_SECOND * TICK_SECONDS), time.perf_counter()
    for number, start in enumerate(range(0, len(messages), few)):
        await asyncio.sleep(max(started + number * TICK_SECONDS - time.perf_counter(), 0))
        now = time.perf_counter()
        published |= {str(message.id): now for message in messages[start : start + few]}
        assert len(await transport.publish(messages[start : start + few])) == few


async def _with_workers(bench: Bench, count: int, *, share: float = 1.0) -> float:
    """Facts a second, applied from the queue by so many processes with at most this share of a core each."""
    messages = list(messages_of(SCALING_FACTS, per_event=PER_EVENT))
    async with bench.databases("kpi") as databases, bench.broker("kpi") as url:
        transport = RabbitTransport(url, hears={"kpi": HEARS["kpi"]})
        for start in range(0, len(messages), 500):
            assert len(await transport.publish(messages[start : start + 500])) == len(messages[start : start + 500])
        await transport.close()
        database_url = databases["kpi"].engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        workers = [await _worker(database_url, url) for _ in range(count)]
        with ExitStack() as shares:
            for worker in workers if share < 1 else ():
                shares.enter_context(share_of_a_core(worker.pid, share))
            rate = PER_EVENT * await _rate(databases["kpi"], workers, len(messages))
        await check(databases["kpi"], SCALING_FACTS)
    return rate


async def _rate(database: Database, workers: Sequence[Process], event_count: int) -> float:
    """Events a second once all are under way and while there is enough for all: what each fetched in advance, the
    last one works off alone. They are ended when the queue is empty."""
    try:
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write(b"go\n")
        first, began = await _applied(database, int(event_count * BEGIN))
        last, ended = await _applied(database, int(event_count * END))
        await _applied(database, event_count)
        return (last - first) / (ended - began)
    finally:
        for worker in workers:
            worker.kill()
            await worker.wait()


async def _worker(database_url: str, amqp_url: str) -> Process:
    environment = os.environ | {"KPI_DATABASE_URL": database_url, "KPI_AMQP_URL": amqp_url}
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.kpi_worker", stdin=PIPE, stdout=PIPE, env=environment
    )
    assert worker.stdout is not None
    assert await worker.stdout.readline() == b"ready\n"
    return worker


async def _applied(database: Database, least: int) -> tuple[int, float]:
    """How many events are applied once it is at least so many, and when."""
    async with asyncio.timeout(WAIT_SECONDS), database.reading() as conn:
        driver = await driver_of(conn)
        while (count := await driver.fetchval("SELECT count(*) FROM kpi.inbox")) < least:
            await asyncio.sleep(0.01)
        return count, time.perf_counter()
