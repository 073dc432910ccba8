"""A large centre's shifts end together: 2,000 are settled and measured at once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from deploy.provision import migrate
from services.roster.commands import drafts, people, publishing
from services.roster.commands.shifts import SETTLEMENT
from services.roster.consumers import TIMERS
from services.roster.store.attendance import add_punches, add_states
from services.roster.tables import agents, attendance, shifts
from shared.platform.actor import Actor
from shared.platform.db import connect
from shared.platform.sheets import Value
from shared.platform.timers import Timekeeper
from shared.platform.work import Database
from tests.bench.report import Bench, Row, service_url

SHIFTS = 2_000
STATES_EACH = 20
DAY = date(2026, 3, 3)
STARTS_AT = datetime(2026, 3, 3, 1, tzinfo=UTC)
ENDS_AT = STARTS_AT + timedelta(hours=9)
MANAGER = Actor(sub="bench", roles=("manager",))


class Moved:
    """A clock that stands where it was put."""

    def __init__(self) -> None:
        self.at = STARTS_AT - timedelta(days=1)

    def now(self) -> datetime:
        return self.at


async def run(bench: Bench) -> list[Row]:
    """Settle with punches only, then (another database) with a day of agent states as well."""
    rows = []
    for name, with_states in (("punches", False), (f"punches and {STATES_EACH} states each", True)):
        async with bench.database_url() as url:
            roster_url = service_url(url, "roster")
            await migrate(roster_url, "roster")
            seconds = await _settled(roster_url, with_states=with_states)
        title = f"settle and measure {SHIFTS:,} shifts that end together, {name}"
        rows.append(Row(title, seconds, "s", target="≤ 5 s", met=seconds <= 5))
    return rows


async def _settled(url: str, *, with_states: bool) -> float:
    clock = Moved()
    database = Database("roster", connect(url, pool_size=2), clock)
    try:
        await _plan(database)
        clock.at = ENDS_AT
        await _work_the_day(database, with_states=with_states)
        clock.at = ENDS_AT + timedelta(minutes=10)
        started = time.perf_counter()
        fired = await Timekeeper(database, {SETTLEMENT: TIMERS[SETTLEMENT]}).fire_due()
        seconds = time.perf_counter() - started
        async with database.reading() as conn:
            settled = (await conn.execute(select(attendance.c.attendance_id))).all()
        assert (fired, len(settled)) == (1, SHIFTS)
        return seconds
    finally:
        await database.close()


async def _plan(database: Database) -> None:
    """Everybody works early tomorrow, and has confirmed it."""
    async with database.work(MANAGER) as work:
        team = await people.create_team(
            work, name="大组", code="T", zone="Asia/Shanghai", lead=None, supervisor=None, parent_id=None, settings={}
        )
        pause = {"starts": time_of(12), "ends": time_of(13)}
        await people.create_shift_code(
            work, code="早", name="早", team_id=None, starts=time_of(9), ends=time_of(18), breaks=(pause,)
        )
        for number in range(SHIFTS):
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
        roster = await drafts.create_roster(work, team_id=team.team_id, from_on=DAY, to_on=DAY)
        rows: list[list[Value]] = [["工号", DAY]]
        rows += [[f"A{number:04}", "早"] for number in range(SHIFTS)]
        await drafts.import_draft(work, roster_id=roster["roster_id"], rows=rows, dry_run=False)
    async with database.work(MANAGER) as work:
        await publishing.publish_roster(
            work,
            roster_id=roster["roster_id"],
            seen=None,
            note=None,
            confirm_within_minutes=None,
            override_reason="bench",
        )
        sides = ("number", "code", "starts_at", "ends_at")
        await work.conn.execute(
            update(shifts).values({f"accountable_{side}": shifts.c[f"planned_{side}"] for side in sides})
        )


def time_of(hour: int) -> Any:
    """A time of day."""
    return datetime(2026, 1, 1, hour).time()


async def _work_the_day(database: Database, *, with_states: bool) -> None:
    """Each comes a minute later than the one before, up to an hour; the switch sees them busy and ready by turns."""
    async with database.work(MANAGER) as work:
        ids = (await work.conn.execute(select(agents.c.agent_id).order_by(agents.c.staff_no))).scalars().all()
        noted = {"recorded_at": ENDS_AT, "recorded_by": "bench"}
        punches = [
            {"agent_id": one, "at": at, "kind": kind, **noted}
            for number, one in enumerate(ids)
            for at, kind in ((STARTS_AT + timedelta(minutes=number % 60), "in"), (ENDS_AT, "out"))
        ]
        await add_punches(work.conn, punches)
        if with_states:
            await _report(work.conn, ids, noted)


async def _report(conn: AsyncConnection, ids: Sequence[UUID], noted: dict[str, Any]) -> None:
    length = (ENDS_AT - STARTS_AT) / STATES_EACH
    rows = [
        {
            "agent_id": one,
            "starts_at": STARTS_AT + number * length,
            "ends_at": STARTS_AT + (number + 1) * length,
            "state": "talk" if number % 2 else "ready",
            **noted,
        }
        for one in ids
        for number in range(STATES_EACH)
    ]
    await add_states(conn, rows)
