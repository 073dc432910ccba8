"""Clocks that run out while the worker's process is killed, before a commit and after it, again and again."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest

from services.cases.commands.sla import SLA
from shared.contracts.cases import SlaBreached, SlaWarned
from shared.platform.clock import SystemClock
from shared.platform.timers import next_due
from shared.platform.work import Database
from tests.conftest import Api, ManualClock
from tests.integration.cases.handoff_floor import Floor
from tests.integration.cases.test_sla import policy

CASES, KILLS = 51, 2
"""More clocks than a worker handles in one transaction."""


async def work_and_die(database: Database, transactions: int) -> bool:
    """One worker's life; whether it was killed, by itself in that transaction."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.faults.incident_worker", str(transactions)]
    url = database.engine.url.render_as_string(hide_password=False).replace("+asyncpg", "")
    process = subprocess.Popen(command, env=os.environ | {"SERVICE_DATABASE_URL": url})
    try:
        while process.poll() is None and await overdue(database):
            await asyncio.sleep(0.05)
        return process.poll() == -signal.SIGKILL
    finally:
        process.kill()
        process.wait()


async def overdue(database: Database) -> bool:
    """Whether a clock has something to say."""
    async with database.reading() as conn:
        due = await next_due(conn, database, [SLA])
    return due is not None and due <= SystemClock().now()


@pytest.mark.timeout(120)
async def test_each_warning_and_breach_leaves_once_though_the_workers_process_is_killed(
    api: Api, database: Database, clock: ManualClock
) -> None:
    clock.move_to(SystemClock().now() - timedelta(days=60))
    floor = Floor(api, database, clock)
    await floor.open()
    await policy(floor)
    for _ in range(CASES):
        await floor.case()
    kills = 0
    while await overdue(database):
        kills += await work_and_die(database, 1 + kills % 2 if kills < KILLS else 1_000_000)
    events = await floor.events(SlaWarned, SlaBreached)
    once = Counter((event.type, event.clock_id, getattr(event, "level", 0)) for event in events)
    assert set(once.values()) == {1}
    assert len(once) == CASES * 2 * 3, "both clocks of each case: warned, breached, escalated"
    assert kills == KILLS
