"""A centre of 2,000 agents and a month: comparing the draft, and publishing it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

from deploy.provision import migrate
from tests.bench.month import AGENTS, DAYS
from tests.bench.report import Bench, Row, service_url


async def run(bench: Bench) -> list[Row]:
    """Measure in a process of its own, so that the memory is that of the work."""
    async with bench.database_url() as url:
        roster_url = service_url(url, "roster")
        await migrate(roster_url, "roster")
        command = [sys.executable, "-m", "tests.bench.month", roster_url]
        child = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        output, _ = await child.communicate()
    measured = json.loads(output)
    size = f"{AGENTS:,} agents × {DAYS} days"
    return [
        _within(f"draft diff as JSON, {size}", measured["diff"], "s", 3),
        _within(f"publish version 1, {size}", measured["first"], "s", 5),
        Row("publish version 2: every shift of everybody moved, nobody had answered", measured["second"], "s"),
        _within("the process doing it, at most", measured["peak"], "MB", 300),
    ]


def _within(name: str, value: float, unit: str, most: int) -> Row:
    return Row(name, value, unit, target=f"≤ {most} {unit}", met=value <= most)
