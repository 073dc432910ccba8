"""A month of a large centre, planned and published once and again, timed: `python -m tests.bench.month URL`."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from services.roster.commands import drafts, people, publishing
from services.roster.queries import rosters as queries
from shared.platform.actor import Actor
from shared.platform.db import connect
from shared.platform.sheets import Value
from shared.platform.work import Database

AGENTS, DAYS = 2_000, 31
CODES = ("早", "晚", "夜", "休")
FIRST = date(2026, 3, 2)
MANAGER = Actor(sub="bench", roles=("manager",))


class Standing:
    """A clock that stands the day before the month."""

    def now(self) -> datetime:
        return datetime(2026, 3, 1, 1, tzinfo=UTC)


async def measure(url: str) -> dict[str, float]:
    """Seconds of each step, and the process's peak in MB."""
    database = Database("roster", connect(url, pool_size=2), Standing())
    try:
        roster_id = await _planned(database)
        diff = await _timed(_diff(database, roster_id))
        first = await _timed(_publish(database, roster_id))
        await _import(database, roster_id, shifted=1)
        second = await _timed(_publish(database, roster_id))
    finally:
        await database.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"diff": diff, "first": first, "second": second, "peak": peak}


async def _timed(step: Any) -> float:
    started = time.perf_counter()
    await step
    return time.perf_counter() - started


async def _planned(database: Database) -> UUID:
    async with database.work(MANAGER) as work:
        team = await people.create_team(
            work, name="大组", code="T", zone="Asia/Shanghai", lead=None, supervisor=None, parent_id=None, settings={}
        )
        for code, starts, ends in (("早", 9, 18), ("晚", 14, 22), ("夜", 22, 6), ("休", None, None)):
            await people.create_shift_code(
                work, code=code, name=code, team_id=None, starts=_hour(starts), ends=_hour(ends), breaks=()
            )
        for number in range(AGENTS):
            await people.hire_agent(
                work,
                staff_no=f"A{number:04}",
                name=f"客服{number}",
                team_id=team.team_id,
                roles=("agent",),
                skills=(),
                hired_on=date(2025, 1, 1),
                left_on=None,
                language="zh-CN",
            )
        last = FIRST + timedelta(days=DAYS - 1)
        roster = await drafts.create_roster(work, team_id=team.team_id, from_on=FIRST, to_on=last)
    roster_id: UUID = roster["roster_id"]
    await _import(database, roster_id, shifted=0)
    return roster_id


def _hour(hour: int | None) -> Any:
    return None if hour is None else datetime(2026, 1, 1, hour).time()


async def _import(database: Database, roster_id: UUID, *, shifted: int) -> None:
    """A sheet in which everybody works another code every day; `shifted` moves all of them on by one."""
    rows: list[list[Value]] = [["工号", *(FIRST + timedelta(days=day) for day in range(DAYS))]]
    for number in range(AGENTS):
        codes = (CODES[(number + day + shifted) % len(CODES)] for day in range(DAYS))
        rows.append([f"A{number:04}", *codes])
    async with database.work(MANAGER) as work:
        await drafts.import_draft(work, roster_id=roster_id, rows=rows, dry_run=False)


async def _diff(database: Database, roster_id: UUID) -> None:
    async with database.reading() as conn:
        to_json(await queries.draft_diff(conn, actor=MANAGER, roster_id=roster_id))


async def _publish(database: Database, roster_id: UUID) -> None:
    async with database.work(MANAGER) as work:
        published = await publishing.publish_roster(
            work, roster_id=roster_id, seen=None, note=None, confirm_within_minutes=None, override_reason="bench"
        )
    to_json(published)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(sys.argv[1]))))
