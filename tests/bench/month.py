"""A month of a large centre, planned and published once and again, timed: `python -m tests.bench.month URL AGENTS`."""

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

from deploy.serve import load
from services.roster.commands import contacts, drafts, people, publishing
from services.roster.queries import rosters as queries
from shared.contracts.event import Envelope
from shared.contracts.notify import ContactVerified
from shared.platform.actor import Actor
from shared.platform.db import connect
from shared.platform.ids import new_id
from shared.platform.sheets import Value
from shared.platform.work import Database, Work

DAYS = 31
CODES = ("早", "晚", "夜", "休")
FIRST = date(2026, 3, 2)
MANAGER = Actor(sub="bench", roles=("manager",))
ABOVE = ("L001", "S001")


class Standing:
    """A clock that stands the day before the month."""

    def now(self) -> datetime:
        return datetime(2026, 3, 1, 1, tzinfo=UTC)


async def measure(url: str, agents: int) -> dict[str, float]:
    """Seconds of each step, and the process's peak in MB."""
    database = Database("roster", connect(url, pool_size=2), Standing())
    load("roster", "app")
    try:
        roster_id = await planned(database, agents)
        diff = await _timed(_diff(database, roster_id))
        first = await _timed(publish(database, roster_id))
        await import_month(database, roster_id, agents, shifted=1)
        second = await _timed(publish(database, roster_id))
    finally:
        await database.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"diff": diff, "first": first, "second": second, "peak": peak}


async def _timed(step: Any) -> float:
    started = time.perf_counter()
    await step
    return time.perf_counter() - started


async def planned(database: Database, agents: int) -> UUID:
    """A team of so many agents who can all be reached, and their month drafted."""
    async with database.work(MANAGER) as work:
        team = await people.create_team(
            work,
            name="大组",
            code="T",
            zone="Asia/Shanghai",
            lead=ABOVE[0],
            supervisor=ABOVE[1],
            parent_id=None,
            settings={},
        )
        for code, starts, ends in (("早", 9, 18), ("晚", 14, 22), ("夜", 22, 6), ("休", None, None)):
            await people.create_shift_code(
                work, code=code, name=code, team_id=None, starts=_hour(starts), ends=_hour(ends), breaks=()
            )
        for staff_no in (*ABOVE, *(_staff_no(number) for number in range(agents))):
            await _hire(work, team.team_id, staff_no)
        last = FIRST + timedelta(days=DAYS - 1)
        roster = await drafts.create_roster(work, team_id=team.team_id, from_on=FIRST, to_on=last)
    roster_id: UUID = roster["roster_id"]
    await import_month(database, roster_id, agents, shifted=0)
    return roster_id


async def _hire(work: Work, team_id: UUID, staff_no: str) -> None:
    await people.hire_agent(
        work,
        staff_no=staff_no,
        name=f"客服{staff_no}",
        team_id=team_id,
        roles=("agent",),
        skills=(),
        hired_on=date(2025, 1, 1),
        left_on=None,
        language="zh-CN",
    )
    contact = ContactVerified(contact_id=new_id(), staff_no=staff_no, channel="sms", verified_by="S001")
    heard = Envelope(
        id=new_id(),
        source="/notify",
        type=contact.type,
        subject=contact.subject,
        time=work.now,
        sequence=1,
        data=contact,
        correlation_id="bench",
    )
    await contacts.keep_contact(work.caused_by(heard), contact, verified=True)


def _staff_no(number: int) -> str:
    return f"A{number:04}"


def _hour(hour: int | None) -> Any:
    return None if hour is None else datetime(2026, 1, 1, hour).time()


def month_sheet(agents: int, *, shifted: int = 0) -> list[list[Value]]:
    """A sheet in which everybody works another code every day; `shifted` moves all of them on by one."""
    rows: list[list[Value]] = [["工号", *(FIRST + timedelta(days=day) for day in range(DAYS))]]
    for number in range(agents):
        codes = (CODES[(number + day + shifted) % len(CODES)] for day in range(DAYS))
        rows.append([_staff_no(number), *codes])
    return rows


async def import_month(database: Database, roster_id: UUID, agents: int, *, shifted: int) -> None:
    """Write such a sheet into the draft."""
    async with database.work(MANAGER) as work:
        rows = month_sheet(agents, shifted=shifted)
        await drafts.import_draft(work, roster_id=roster_id, rows=rows, dry_run=False)


async def _diff(database: Database, roster_id: UUID) -> None:
    async with database.reading() as conn:
        to_json(await queries.draft_diff(conn, actor=MANAGER, roster_id=roster_id))


async def publish(database: Database, roster_id: UUID) -> None:
    """Publish the draft; warnings do not stop it."""
    async with database.work(MANAGER) as work:
        published = await publishing.publish_roster(
            work, roster_id=roster_id, seen=None, note=None, confirm_within_minutes=None, override_reason=None
        )
    to_json(published)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(sys.argv[1], int(sys.argv[2])))))
