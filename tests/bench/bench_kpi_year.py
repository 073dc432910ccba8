"""kpi over a year of 500 agents: making the rollups anew, and asking what dashboards ask.

`python -m tests.bench.growth` does it with one, five and ten million facts and writes docs/growth.md.
"""

from __future__ import annotations

import asyncio
import os
import random
import resource
import time
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import msgspec

from deploy.serve import load
from services.kpi.commands.posting import judge_nights
from services.kpi.commands.rebuilding import rebuild
from services.kpi.domain.fact import Dimensions, DimensionSet, dimension_set
from services.kpi.domain.kinds import CONTACT
from services.kpi.domain.period import Grain
from services.kpi.domain.question import Sight, question
from services.kpi.queries.points import metric_series
from services.kpi.store.ledger import keep_sets, unknown_sets
from shared.platform.db import driver_of
from shared.platform.work import Database
from tests.bench.report import Bench, Row, table

AGENTS, TEAMS, TOPICS, CHANNELS = 500, 20, 12, ("phone", "chat")
AT_NIGHT = 50
"""So many of them work at night."""
ZONE = "Asia/Shanghai"
FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
FACTS = tuple(map(int, os.environ.get("KPI_FACTS", "300000").split(",")))
FACTS_A_DAY = 12_000
"""What 500 agents handle. Fewer facts are summed from fewer such days; then some more are spread over the whole year,
so that its rollups have the rows that they would have."""
SPARSE = 150_000
REBUILD_TARGET, ASK_TARGET_MS = 50_000, 100
ROUNDS = 3

FILL = """
INSERT INTO kpi.contact_facts (fact_key, version, happened_at, day_on, set_id, tallies,
    answered_wait_ms, abandoned_wait_ms, talk_ms, handle_ms, rating_points)
SELECT gen_random_uuid(), 1, at, (at AT TIME ZONE 'Asia/Shanghai')::date, sets[1 + floor(random() * cardinality(sets))],
    CASE WHEN answered THEN $2 | (CASE WHEN wait <= 20000 THEN $3 ELSE 0 END) ELSE $4 END,
    CASE WHEN answered THEN wait END, CASE WHEN NOT answered THEN wait END,
    CASE WHEN answered THEN 200000 END, CASE WHEN answered THEN 250000 END, NULL
FROM (
    SELECT '2024-12-31T16:00Z'::timestamptz + (day + start + 0.5 * random()) * interval '1 day' AS at,
        random() < 0.85 AS answered, round(-ln(1 - random()) * 30000)::bigint AS wait,
        CASE WHEN start < 0.5 THEN $1::uuid[] ELSE $7::uuid[] END AS sets
    FROM (
        SELECT floor(random() * $6) AS day, CASE WHEN random() < 0.9 THEN 0.33 ELSE 0.83 END AS start
        FROM generate_series(1, $5)
    ) AS shifts
) AS contacts
"""
"""A tenth of them at night: from 20:00 to 8:00."""

SHIFTS = """
INSERT INTO kpi.shifts (staff_no, shift_on, starts_at, ends_at, over_midnight, settled, told_at)
SELECT 'A' || lpad(agent::text, 3, '0'), '2025-01-01'::date + day, at, at + interval '12 hours', start > 0.5, true, at
FROM generate_series(0, 499) AS agent, generate_series(0, 364) AS day,
    LATERAL (SELECT CASE WHEN agent < $1 THEN 0.83 ELSE 0.33 END AS start) AS shift,
    LATERAL (SELECT '2024-12-31T16:00Z'::timestamptz + (day + start) * interval '1 day' AS at) AS began
ON CONFLICT DO NOTHING
"""


OVERNIGHT = """
INSERT INTO kpi.overnight (staff_nos, days)
SELECT array_agg(staff_no), array_agg(shift_on + 1) FROM kpi.shifts GROUP BY shift_on
"""

INDEXES = """
SELECT 'ALTER TABLE kpi.contact_facts DROP CONSTRAINT ' || conname AS dropping,
    'ALTER TABLE kpi.contact_facts ADD CONSTRAINT ' || conname || ' ' || pg_get_constraintdef(oid) AS making
FROM pg_constraint WHERE conrelid = 'kpi.contact_facts'::regclass AND contype = 'p'
UNION ALL
SELECT 'DROP INDEX kpi.' || indexname, indexdef
FROM pg_indexes WHERE schemaname = 'kpi' AND tablename = 'contact_facts' AND indexname NOT LIKE '%_pkey'
"""


async def run(bench: Bench) -> list[Row]:
    """The rows of the page of benchmarks."""
    return await growth(bench, FACTS)


async def growth(bench: Bench, counts: Sequence[int]) -> list[Row]:
    """For each number of facts: how fast they are summed, and how long a question takes, in a process set up like kpi's
    own."""
    load("kpi", "app")
    rows = []
    for count in counts:
        rows += await _year(bench, count)
        print(table(rows[-3:]), flush=True)
    return rows


async def _year(bench: Bench, count: int) -> list[Row]:
    async with bench.databases("kpi") as databases:
        database = databases["kpi"]
        days = max(1, min(365, count // FACTS_A_DAY))
        await _fill(database, count, days)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.perf_counter()
        await rebuild(database, progress=lambda *_: None)
        rate = count / (time.perf_counter() - started)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        if days < 365:
            await _fill(database, SPARSE, 365)
            await rebuild(database, progress=lambda *_: None)
        await _judge_nights(database)
        async with database.reading() as conn:
            await (await driver_of(conn)).execute("VACUUM ANALYZE")
        slowest = await _ask(database)
        p95 = sorted(slowest.values())[int(len(slowest) * 0.95)]
        for name, ms in sorted(slowest.items(), key=lambda item: -item[1])[:12]:
            print(f"{ms:8.1f} ms  {name}")
    met = rate >= REBUILD_TARGET
    return [
        Row(f"kpi: rebuild of {count:,} facts", rate, "facts/s", target=f"≥ {REBUILD_TARGET:,}", met=met),
        Row(f"kpi: memory that grew by that ({count:,} facts)", grown, "MB"),
        Row(
            f"kpi: a dashboard's question over a year, p95 ({count:,} facts)",
            p95,
            "ms",
            target=f"≤ {ASK_TARGET_MS}",
            met=p95 <= ASK_TARGET_MS,
        ),
    ]


async def _fill(database: Database, count: int, days: int) -> None:
    """Contacts spread over the first days of the year, written by two sessions, and indexed when all are there."""
    sets = list(_sets())
    night = [each.set_id for each in sets if each.dimensions.agent < f"A{AT_NIGHT:03}"]
    by_day = [each.set_id for each in sets if each.dimensions.agent >= f"A{AT_NIGHT:03}"]
    answered = CONTACT.tally(contacts=True, offered=True, answered=True, handled=True, timed=True, with_topic=True)
    abandoned = CONTACT.tally(contacts=True, offered=True, abandoned=True, with_topic=True)
    async with database.reading() as conn:
        if new := unknown_sets(database.engine, set(sets)):
            await keep_sets(conn, new)
        driver = await driver_of(conn)
        await driver.execute("SET statement_timeout = 0; SET maintenance_work_mem = '256MB'")
        indexes = await driver.fetch(INDEXES)
        for index in indexes:
            await driver.execute(index["dropping"])
        tallies = (answered, CONTACT.tally(answered_quickly=True), abandoned)
        halves = (count // 2, count - count // 2)
        await asyncio.gather(*(_write(database, number, (by_day, *tallies, number, days, night)) for number in halves))
        for index in indexes:
            await driver.execute(index["making"])
        await driver.execute(SHIFTS, AT_NIGHT)
        await driver.execute("RESET statement_timeout; RESET maintenance_work_mem")
        await driver.execute("ANALYZE")


async def _write(database: Database, number: int, told: tuple[Any, ...]) -> None:
    if not number:
        return
    async with database.reading() as conn:
        driver = await driver_of(conn)
        await driver.execute("SET statement_timeout = 0; SET synchronous_commit = off")
        await driver.execute(FILL, *told)
        await driver.execute("RESET statement_timeout; RESET synchronous_commit")


async def _judge_nights(database: Database) -> None:
    """As if all shifts had been told after the contacts."""
    async with database.reading() as conn:
        await (await driver_of(conn)).execute(OVERNIGHT)
    started = time.perf_counter()
    await judge_nights(database)
    async with database.reading() as conn:
        moved = await (await driver_of(conn)).fetchval("SELECT sum(contacts) FROM kpi.contact_nights")
    print(f"judged in {time.perf_counter() - started:.1f} s; {moved} in all views lie behind midnight", flush=True)


def _sets() -> Iterator[DimensionSet]:
    chance = random.Random(3)
    for agent in range(AGENTS):
        team = f"team-{agent % TEAMS}"
        for topic in chance.sample(range(TOPICS), 6):
            for channel in CHANNELS:
                yield dimension_set(
                    CONTACT,
                    Dimensions(
                        agent=f"A{agent:03}",
                        agent_name=f"客服{agent:03}",
                        team=team,
                        team_name=team,
                        topic=f"topic-{topic}",
                        topic_name=f"问题{topic}",
                        channel=channel,
                        queue="main",
                        zone=ZONE,
                    ),
                )


def _questions() -> Iterator[dict[str, Any]]:
    """What a dashboard shows of a year: totals, rankings, trends, shares, percentiles, one agent, one team, shifts."""
    asked = [
        *(
            (metric, by, None, {})
            for metric in ("answer_rate", "asa", "aht", "service_level")
            for by in (None, "team", "agent")
        ),
        *((metric, None, grain, {}) for metric in ("contacts_handled", "csat") for grain in ("day", "week", "month")),
        *((metric, "team", "month", {}) for metric in ("answer_rate", "aht", "service_level")),
        ("contacts_handled", "agent", "month", {}),
        ("topic_share", "topic", None, {}),
        ("topic_share", "topic", "month", {}),
        ("contacts_offered", None, "hour", {}),
        ("contacts_handled", None, "shift_day", {}),
        ("answer_rate", "team", "shift_day", {}),
        ("contacts_handled", None, "shift_day", {"agent": "A007"}),
        ("asa_p90", None, None, {}),
        ("asa_p90", None, "month", {}),
        ("asa_p90", "team", None, {}),
        ("service_level_4", None, "month", {"threshold": 30}),
        ("answer_rate", None, "day", {"agent": "A007"}),
        ("aht", "topic", None, {"team": "team-3"}),
        ("contacts_handled", "topic", None, {"agent": "A007"}),
    ]
    for metric, by, grain, more in asked:
        filters = {name: str(value) for name, value in more.items() if name != "threshold"}
        settings = {"threshold": 30} if "threshold" in more else {}
        steps = Grain(grain) if grain else None
        yield {"metric_id": metric, "by": by, "grain": steps, "filters": filters, "settings": settings}


async def _ask(database: Database) -> dict[str, float]:
    """The longest that each question took from reading it until its answer was written, in ms, of some rounds after a
    first one."""
    slowest: dict[str, float] = {}
    for turn in range(ROUNDS + 1):
        for what in _questions():
            name = " ".join(f"{name}={value}" for name, value in what.items() if value)
            started = time.perf_counter()
            asked = question(sight=Sight(), zone=ZONE, from_=FIRST, to=LAST, **what)
            async with database.reading() as conn:
                msgspec.json.encode(await metric_series(conn, question=asked))
            took = (time.perf_counter() - started) * 1000
            slowest[name] = max(took, slowest.get(name, 0)) if turn else 0
    return slowest
