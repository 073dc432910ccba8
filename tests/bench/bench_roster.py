"""Centres of 500 to 4,000 agents and a month: comparing the draft, publishing it; importing a sheet; the board."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import xlsxwriter
from pydantic_core import to_json

from deploy.provision import migrate
from services.roster.commands import drafts
from services.roster.queries import board
from shared.platform.db import connect
from shared.platform.sheets import read_sheet
from shared.platform.work import Database
from tests.bench.month import DAYS, MANAGER, Standing, month_sheet, planned, publish
from tests.bench.report import Bench, Row, service_url

SIZES = (500, 1_000, 2_000, 4_000)
LARGE = 2_000
WAITING = 5_000
SHEET = 300


async def run(bench: Bench) -> list[Row]:
    """Measure each size in a process of its own, so that the memory is that of the work."""
    found = {size: await _month(bench, size) for size in SIZES}
    return [*_large(found[LARGE]), *_linear(found), await _import(bench), await _board(bench)]


async def _month(bench: Bench, agents: int) -> dict[str, float]:
    async with _migrated(bench) as url:
        command = [sys.executable, "-m", "tests.bench.month", url, str(agents)]
        child = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        output, _ = await child.communicate()
        measured: dict[str, float] = json.loads(output)
    return measured


@asynccontextmanager
async def _migrated(bench: Bench) -> AsyncIterator[str]:
    async with bench.database_url() as url:
        roster_url = service_url(url, "roster")
        await migrate(roster_url, "roster")
        yield roster_url


def _large(measured: dict[str, float]) -> list[Row]:
    size = f"{LARGE:,} agents × {DAYS} days"
    return [
        _within(f"draft diff as JSON and publish version 1, {size}", measured["diff"] + measured["first"], "s", 3),
        Row("publish version 2: every shift of everybody moved, nobody had answered", measured["second"], "s"),
        _within("the process doing it, at most", measured["peak"], "MB", 300),
    ]


def _linear(found: dict[int, dict[str, float]]) -> list[Row]:
    """Seconds for a thousand agents, beside those of the smallest centre: what grows linearly stays about the same."""
    thousand = {size: (one["diff"] + one["first"]) / size * 1_000 for size, one in found.items()}
    floor = thousand[SIZES[0]]
    return [
        Row(
            f"diff and publish {size:,} agents, for each thousand",
            value,
            "s",
            floor=floor,
            ratio=value / floor,
            target="≤ 1.5 × that of 500",
            met=value <= 1.5 * floor,
        )
        for size, value in thousand.items()
    ]


async def _import(bench: Bench) -> Row:
    """A file as it is sent: read, understood, compared, stored."""
    file = _workbook()
    async with _migrated(bench) as url, _database(url) as database:
        roster_id = await planned(database, SHEET)

        async def once() -> None:
            async with database.work(MANAGER) as work:
                report = await drafts.import_draft(work, roster_id=roster_id, rows=read_sheet(file), dry_run=False)
            to_json(report)

        seconds = await _best(once, rounds=1)
    return _within(f"import of {SHEET} agents × {DAYS} days from .xlsx, every cell changed", seconds, "s", 1)


def _workbook() -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    page = book.add_worksheet()
    for number, row in enumerate(month_sheet(SHEET, shifted=1)):
        page.write_row(number, 0, row)
    book.close()
    return file.getvalue()


async def _board(bench: Bench) -> Row:
    async with _migrated(bench) as url, _database(url) as database:
        await publish(database, await planned(database, WAITING))

        async def once() -> None:
            async with database.reading() as conn:
                found = await board.confirmation_board(
                    conn,
                    actor=MANAGER,
                    team=None,
                    roster_id=None,
                    now=database.clock.now(),
                    language="zh-CN",
                    limit=200,
                    after=None,
                )
            assert found.teams[0].waiting_count == WAITING
            to_json(found)

        seconds = await _best(once, rounds=10)
    return _within(f"confirmation board over {WAITING:,} open changes, its first 200", seconds * 1_000, "ms", 50)


@asynccontextmanager
async def _database(url: str) -> AsyncIterator[Database]:
    database = Database("roster", connect(url, pool_size=2), Standing())
    try:
        yield database
    finally:
        await database.close()


async def _best(step: Callable[[], Awaitable[Any]], *, rounds: int) -> float:
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        await step()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def _within(name: str, value: float, unit: str, most: int) -> Row:
    return Row(name, value, unit, target=f"≤ {most} {unit}", met=value <= most)
