"""Commit in one service → commit in the next one's consumer, at a steady rate, through RabbitMQ."""

from __future__ import annotations

import asyncio
import statistics
import time

from shared.contracts.roster import TeamChanged
from shared.platform.broker import RabbitTransport
from shared.platform.ids import new_id
from shared.platform.work import Database, Work
from shared.platform.worker import Worker
from tests.bench.report import Bench, Row

PER_SECOND = 100
SECONDS = 15
WARM_UP = 100
P50_MS, P99_MS = 10, 60


async def run(bench: Bench) -> list[Row]:
    """The median and the 99th percentile, in milliseconds."""
    async with bench.databases("roster", "notify") as databases, bench.broker("roster", "notify") as amqp_url:
        transport = RabbitTransport(amqp_url, hears={"roster": (), "notify": (TeamChanged.type,)})
        site = Site(databases["roster"], databases["notify"], transport)
        taken = sorted(await site.measure())
        await transport.close()
    p50, p99 = 1000 * statistics.median(taken), 1000 * taken[int(len(taken) * 0.99)]
    return [
        Row(
            f"commit → consumer's commit, p50 at {PER_SECOND}/s", p50, "ms", target=f"≤ {P50_MS} ms", met=p50 <= P50_MS
        ),
        Row(
            f"commit → consumer's commit, p99 at {PER_SECOND}/s", p99, "ms", target=f"≤ {P99_MS} ms", met=p99 <= P99_MS
        ),
    ]


class Site:
    """roster writing, notify hearing, both workers running."""

    def __init__(self, roster: Database, notify: Database, transport: RabbitTransport) -> None:
        self._roster = roster
        self._notify = notify
        self._committed: dict[str, float] = {}
        self._heard: dict[str, float] = {}
        self._workers = [
            Worker(roster, transport, handlers={}, timers_={}),
            Worker(notify, transport, handlers={TeamChanged: self._hear}, timers_={}),
        ]
        self._consume_noting_commits(self._workers[1])

    async def measure(self) -> list[float]:
        """Seconds from commit to commit, for each event after the first few."""
        working = [asyncio.create_task(worker.run()) for worker in self._workers]
        for number in range(WARM_UP + PER_SECOND * SECONDS):
            due = time.perf_counter() + 1 / PER_SECOND
            await self._write(str(number))
            await asyncio.sleep(max(due - time.perf_counter(), 0))
        async with asyncio.timeout(30):
            while len(self._heard) < len(self._committed):
                await asyncio.sleep(0.05)
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        return [self._heard[code] - at for code, at in self._committed.items() if int(code) >= WARM_UP]

    async def _write(self, code: str) -> None:
        async with self._roster.work() as work:
            work.record(TeamChanged(team_id=new_id(), code=code, name="A", zone="Asia/Shanghai"), sequence=1)
        self._committed[code] = time.perf_counter()

    async def _hear(self, work: Work, event: TeamChanged) -> None:
        self._hearing.append(event.code)

    def _consume_noting_commits(self, worker: Worker) -> None:
        """A batch's events are heard when `process` returns: their transaction is committed then."""
        self._hearing: list[str] = []
        process = worker.consumer.process

        async def noting(deliveries):  # type: ignore[no-untyped-def]
            outcomes = await process(deliveries)
            self._heard.update(dict.fromkeys(self._hearing, time.perf_counter()))
            self._hearing.clear()
            return outcomes

        worker.consumer.process = noting  # type: ignore[method-assign]
