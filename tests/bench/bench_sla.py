"""Breaches of SLA clocks: from the instant a clock runs out until its event has left, with 100,000 clocks open."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from services.cases.commands.sla import SLA
from services.cases.consumers import TIMERS
from services.cases.domain import sla_clock as clocks
from services.cases.domain.case import Case
from services.cases.domain.sla_clock import Terms
from services.cases.domain.sla_stored import clock_record
from services.cases.queries.working_hours import hours_from
from services.cases.store.cases import add_case
from services.cases.store.sla import add_clocks
from shared.platform.broker import RabbitTransport
from shared.platform.ids import new_id
from shared.platform.work import Database
from shared.platform.worker import Worker
from tests.bench.report import Bench, Row

OPEN = 100_000
PER_SECOND, SECONDS = 100, 20
AT_ONCE = 500
LATE_SECONDS = 2.0
TARGET_SECONDS = 3600

ROUND_THE_CLOCK = {
    day: [{"start": "00:00", "end": "00:00"}] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
}
CALENDAR = json.dumps(
    {"name": "24/7", "zone": None, "windows": ROUND_THE_CLOCK, "make_up": [], "overrides": [], "holidays": False}
)


async def run(bench: Bench) -> list[Row]:
    """How late a breach leaves at the worst, spread over time and all in one instant."""
    async with bench.databases("cases") as databases, bench.broker("cases") as amqp_url:
        database = databases["cases"]
        await _fill(database)
        transport = RabbitTransport(amqp_url, hears={"cases": ()})
        worker = Worker(database, transport, handlers={}, timers_=TIMERS)
        working = asyncio.create_task(worker.run())
        try:
            spread = await _lateness(database, PER_SECOND * SECONDS, lambda place: place / PER_SECOND)
            burst = await _lateness(database, AT_ONCE, lambda place: 0)
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            await transport.close()
    return [
        _row(f"clock runs out → event left, worst of {len(spread):,} at {PER_SECOND}/s, {OPEN:,} clocks open", spread),
        _row(f"clock runs out → event left, worst of {AT_ONCE:,} in one instant, {OPEN:,} clocks open", burst),
    ]


def _row(name: str, late: list[float]) -> Row:
    return Row(name, max(late), "s", target=f"≤ {LATE_SECONDS:.0f} s, each once", met=max(late) <= LATE_SECONDS)


async def _lateness(database: Database, count: int, after_seconds) -> list[float]:  # type: ignore[no-untyped-def]
    """Let so many clocks run out from three seconds on; how late each breach left."""
    begin = datetime.now(UTC) + timedelta(seconds=3)
    async with database.work() as work:
        rows = await work.conn.execute(
            text("SELECT clock_id FROM cases.sla_clocks WHERE level = 0 LIMIT :n"), {"n": count}
        )
        chosen = [row.clock_id for row in rows]
        for place, clock_id in enumerate(chosen):
            due_at = begin + timedelta(seconds=after_seconds(place))
            values = {"id": clock_id, "due": due_at, "since": due_at - timedelta(seconds=TARGET_SECONDS), "kind": SLA}
            await work.conn.execute(_CLOCK, values)
            await work.conn.execute(_TIMER, values)
    async with asyncio.timeout(120):
        while len(late := await _left(database, begin)) < count:
            await asyncio.sleep(0.5)
    assert len(late) == count, "each once"
    return late


async def _left(database: Database, since: datetime) -> list[float]:
    query = text(
        "SELECT subject, body, sent_at FROM cases.outbox WHERE type = 'cases.sla.breached.v1' AND sent_at >= :since"
    )
    async with database.reading() as conn:
        rows = (await conn.execute(query, {"since": since})).all()
    breached = [json.loads(bytes(row.body))["data"]["breached_at"] for row in rows]
    return [(row.sent_at - datetime.fromisoformat(at)).total_seconds() for row, at in zip(rows, breached, strict=True)]


async def _fill(database: Database) -> None:
    """Open cases, each with a clock that runs out next year."""
    now = datetime.now(UTC)
    terms = Terms(
        policy="standard",
        policy_version=1,
        target_seconds=TARGET_SECONDS,
        calendar="always",
        calendar_version=1,
        zone="Asia/Shanghai",
        warn_percent=(),
    )
    async with database.work() as work:
        case = _case(now)
        await add_case(work.conn, case)
        hours = hours_from(CALENDAR, terms.zone)
        clock = clocks.activated(
            clock_id=new_id(), case_id=case.case_id, target="resolution", cycle=1, terms=terms, hours=hours, now=now
        )
        await add_clocks(work.conn, [clock])
        await work.conn.execute(_CALENDAR, {"id": new_id(), "since": now, "body": CALENDAR})
        await work.conn.execute(text(_many_cases(await _columns(work.conn, "cases", "queue_rank"))))
        await work.conn.execute(text(_many_clocks(list(clock_record(clock)))))
        await work.conn.execute(_TIMERS, {"kind": SLA})
    async with database.reading() as conn:
        await conn.execute(text("ANALYZE cases.sla_clocks, cases.timers, cases.cases"))


def _case(now: datetime) -> Case:
    return Case(
        case_id=new_id(),
        number="N0",
        case_type="consult",
        type_version=1,
        channel="phone",
        subject="查件",
        urgency="normal",
        importance="normal",
        quadrant=4,
        zone="Asia/Shanghai",
        opened_at=now,
        opened_by="A1",
        updated_at=now,
    )


async def _columns(conn, table: str, *but: str) -> list[str]:  # type: ignore[no-untyped-def]
    query = text("SELECT column_name FROM information_schema.columns WHERE table_schema = 'cases' AND table_name = :t")
    return [name for (name,) in await conn.execute(query, {"t": table}) if name not in but]


def _many_cases(columns: list[str]) -> str:
    values = {"case_id": "gen_random_uuid()", "number": "'N' || n"}
    picked = ", ".join(values.get(name, f'one."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO cases.cases ({names}) SELECT {picked} FROM cases.cases one, generate_series(1, {OPEN - 1}) n"


def _many_clocks(columns: list[str]) -> str:
    values = {"clock_id": "gen_random_uuid()", "case_id": "other.case_id", "since": "one.since + interval '1 year'"}
    picked = ", ".join(values.get(name, f"one.{name}") for name in columns)
    return (
        f"INSERT INTO cases.sla_clocks ({', '.join(columns)}) SELECT {picked} "
        "FROM cases.sla_clocks one, cases.cases other WHERE other.case_id <> one.case_id"
    )


_CLOCK = text("UPDATE cases.sla_clocks SET since = :since, activated_at = :since, due_at = :due WHERE clock_id = :id")
_TIMER = text("UPDATE cases.timers SET due_at = :due WHERE kind = :kind AND subject_id = :id")
_TIMERS = text(
    "INSERT INTO cases.timers (kind, subject_id, due_at, version) "
    "SELECT :kind, clock_id, now() + interval '1 year', 1 FROM cases.sla_clocks"
)
_CALENDAR = text(
    "INSERT INTO cases.calendars (calendar_id, version, code, since, teams, body) "
    "VALUES (:id, 1, 'always', :since, ARRAY[]::text[], :body)"
)
