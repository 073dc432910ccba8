"""Surges seen in a stream of contacts, a known problem told to thousands, bulletins looked through at an intake."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from statistics import median
from uuid import UUID

from sqlalchemy import text

from services.cases.commands import bulletins, problems
from services.cases.commands.problems import Announcement
from services.cases.consumers import HANDLERS, TIMERS
from services.cases.domain.recognition import Hint, key_of
from services.cases.store.bulletins import add_keys
from shared.contracts.cases import ContactFact, ContactRecorded
from shared.contracts.event import Envelope
from shared.platform.actor import Actor
from shared.platform.codec import encode
from shared.platform.consumer import Consumer
from shared.platform.db import driver_of
from shared.platform.ids import new_id, stable_id
from shared.platform.timers import Timekeeper
from shared.platform.transport import Delivery
from shared.platform.work import Database
from tests.bench.report import Bench, Row

BATCHES, BATCH, TOPICS = 60, 500, 40
CUSTOMERS = 10_000
BULLETINS, INTAKES = 10_000, 400
MANAGER = Actor(sub="S001", roles=("manager",), staff_no="S001")

FURNISH = """
INSERT INTO cases.teams (team_id, code, name, zone, sequence) VALUES ($1, 'FIN', 'FIN', 'Asia/Shanghai', 1)
"""
TOPIC = "INSERT INTO cases.topics (topic_id, code, name, version, updated_at) VALUES ($1, 'refund', 'refund', 1, $2)"
CUSTOMER = """
INSERT INTO cases.customers (customer_id, name, tier, version, created_at, updated_at)
SELECT customer_id, 'x', 'standard', 1, $2, $2 FROM unnest($1::uuid[]) customer_id
"""
CASE = """
INSERT INTO cases.cases (case_id, version, number, state, case_type, type_version, channel, subject, urgency,
    importance, quadrant, zone, customer_id, topic, topic_name, opened_at, opened_by, fields, reopen_count,
    repeat_count, transfer_count, contact_count, involved, updated_at, grams)
SELECT customer_id, 1, 'C' || place, 'open', 'consult', 1, 'phone', 'x', 'normal', 'normal', 4, 'Asia/Shanghai',
    customer_id, 'refund', 'refund', $2, 'A001', '{}', 0, 0, 0, 0, '{}', $2, '{}'
FROM unnest($1::uuid[]) WITH ORDINALITY AS one(customer_id, place)
"""
BULLETIN = """
INSERT INTO cases.bulletins (bulletin_id, version, state, case_id, case_number, questions, hints, team_ids, posted_by,
    posted_by_name, posted_at, valid_until, answers, updated_at)
SELECT bulletin_id, 1, 'open', bulletin_id, 'C', '[{"question": "?", "field": null}]', '[]', '{}', 'A001', 'A001', $2,
    $2, '{}', $2 FROM unnest($1::uuid[]) bulletin_id
"""


async def run(bench: Bench) -> list[Row]:
    """Contacts a second watched for surges; seconds to ask for a word to 10,000; milliseconds added to an intake."""
    async with bench.databases("cases") as opened:
        database = opened["cases"]
        surges, buckets = await _watched(database)
        told = await _told(database)
        added = await _added_by_bulletins(database)
    return [
        Row("surges: contacts watched", surges, "contacts/s", target="≥ 5,000 contacts/s", met=surges >= 5_000),
        Row(
            "surges: rows kept for that hour", buckets, "rows", target=f"≤ {TOPICS * 5} rows", met=buckets <= TOPICS * 5
        ),
        Row(f"known problem: {CUSTOMERS:,} customers asked to be told", told, "s", target="≤ 5 s", met=told <= 5),
        Row(f"intake: added by {BULLETINS:,} open bulletins", added, "ms", target="≤ 1 ms", met=added <= 1),
    ]


async def _watched(database: Database) -> tuple[float, int]:
    """An hour's contacts as they are heard, 500 to an event; looked at after every tenth."""
    consumer, timekeeper = Consumer(database, HANDLERS), Timekeeper(database, TIMERS)
    begin = database.clock.now() - timedelta(hours=1)
    deliveries = [Delivery(str(one.id), encode(one)) for one in _batches(begin)]
    started = time.perf_counter()
    for place in range(0, len(deliveries), 10):
        await consumer.process(deliveries[place : place + 10])
        await timekeeper.fire_due()
    seconds = time.perf_counter() - started
    async with database.reading() as conn:
        rows = (await conn.execute(text("SELECT count(*), sum(contacts) FROM cases.topic_counts"))).one()
        assert rows[1] == BATCHES * BATCH
    return BATCHES * BATCH / seconds, rows[0]


def _batches(begin: datetime) -> Iterable[Envelope]:
    for batch in range(BATCHES):
        queued_at = begin + timedelta(seconds=60 * batch)
        facts = tuple(_contact(queued_at, batch * BATCH + place) for place in range(BATCH))
        event = ContactRecorded(batch_id=new_id(), contacts=facts)
        yield Envelope(
            id=new_id(), source="/cases", type=event.type, subject=event.subject, time=queued_at, sequence=1,
            data=event, correlation_id="bench",
        )  # fmt: skip


def _contact(queued_at: datetime, number: int) -> ContactFact:
    return ContactFact(
        contact_id=new_id(),
        version=1,
        channel="phone",
        direction="inbound",
        queued_at=queued_at,
        answered=True,
        abandoned=False,
        wait_seconds=5.0,
        zone="Asia/Shanghai",
        topic=f"topic-{number % TOPICS}",
        customer_id=stable_id("customer", number % 5_000),
    )


async def _told(database: Database) -> float:
    """From the announcement until the last of its customers was asked to be told."""
    now, customers = datetime.now(UTC), [new_id() for _ in range(CUSTOMERS)]
    async with database.reading() as conn:
        driver = await driver_of(conn)
        await driver.execute(FURNISH, stable_id("team"))
        await driver.execute(TOPIC, stable_id("topic"), now)
        await driver.execute(CUSTOMER, customers, now)
        await driver.execute(CASE, customers, now)
    announcement = Announcement(
        title="x", cause="x", workaround="x", owner_team="FIN", topics=("refund",),
        next_word_at=now + timedelta(days=1), link_open_since=now - timedelta(days=1),
    )  # fmt: skip
    timekeeper = Timekeeper(database, {problems.TELL: problems.tell_customers})
    started = time.perf_counter()
    async with database.work(MANAGER) as work:
        view = await problems.announce_problem(work, announcement=announcement)
    while not await _all_told(database, view.problem_id):
        await timekeeper.fire_due()
    return time.perf_counter() - started


async def _all_told(database: Database, problem_id: UUID) -> bool:
    async with database.reading() as conn:
        asked = text("SELECT told_at IS NOT NULL FROM cases.problem_words WHERE problem_id = :problem_id")
        return bool((await conn.execute(asked, {"problem_id": problem_id})).scalar())


async def _added_by_bulletins(database: Database) -> float:
    """The median time that an intake spends on bulletins."""
    found, now = [new_id() for _ in range(BULLETINS)], datetime.now(UTC)
    async with database.reading() as conn:
        await (await driver_of(conn)).execute(BULLETIN, found, now)
        for place, bulletin_id in enumerate(found):
            hints = [Hint("order", f"SO-{place}"), Hint("name", f"王{place % 50}")]
            await add_keys(conn, bulletin_id, [key_of(hint) for hint in hints])
    spent = []
    for place in range(INTAKES):
        async with database.work(MANAGER) as work:
            started = time.perf_counter()
            shown = await bulletins.bulletins_for(
                work, customer_id=None, identity=None, words=[f"so {place}", "someone"]
            )
            spent.append(time.perf_counter() - started)
        assert len(shown) == 1
    return 1000 * median(spent)
