"""The ledger: whatever arrives, in whatever order and however often, the rollups equal their facts."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.kpi.consumers import HANDLERS, apply_batch, make_facts
from services.kpi.tables import LEDGERS, ROLLUPS
from shared.contracts.cases import ContactFact
from shared.contracts.event import Event
from shared.platform.consumer import Consumer
from shared.platform.db import driver_of
from shared.platform.transport import Delivery, Outcome
from shared.platform.work import Database
from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.unit.kpi.samples import HOUR, NOON, announced, confirmed, contact, settled, superseded
from tests.unit.kpi.test_case_facts import BROKEN, CLOSED, MADE, OPENED, OVERDUE, REOPENED, REQUESTED, RESOLVED, over

CONTACTS = st.builds(
    contact,
    st.integers(1, 6),
    version=st.integers(1, 4),
    answered=st.booleans(),
    wait=st.sampled_from([0.1, 4.9, 20, 61]),
    agent=st.sampled_from(["A001", "A002", None]),
    queued_at=st.sampled_from([NOON, NOON + timedelta(minutes=14, seconds=59), NOON + HOUR]),
    rating=st.sampled_from([None, 2, 5]),
)
CHANGES = st.sampled_from([(announced(), 1), (confirmed(), 2), (superseded(), 3)])
SHIFTS = st.sampled_from([(settled(), 1), (settled(deviation="late", cause="agent"), 2)])
CASES = st.sampled_from([(OPENED, 1), (RESOLVED, 2), (REOPENED, 3), (RESOLVED, 4), (CLOSED, 5)])
LOOPS = st.sampled_from([(REQUESTED, 1), (OVERDUE, 2), (over("answered", False), 3), (MADE, 1), (BROKEN, 2)])

HISTORY = st.lists(
    st.one_of(st.lists(CONTACTS, min_size=1, max_size=4), CHANGES, SHIFTS, CASES, LOOPS), min_size=1, max_size=12
)


def deliveries_of(history: Sequence[Any]) -> list[Delivery]:
    """Contacts as events of their own, the rest with its sequence."""
    return [recorded(entry)[0] if isinstance(entry, list) else delivered(*entry) for entry in history]


def delivered(event: Event, sequence: int) -> Delivery:
    return delivery_of(event, sequence=sequence)


async def wipe(database: Database) -> None:
    async with database.reading() as conn:
        driver = await driver_of(conn)
        every = [rollup.table for rollups in ROLLUPS.values() for rollup in rollups]
        every += [ledger.facts for ledger in LEDGERS.values()]
        names = ["inbox", "progress", "unjudged", "overnight", *(table.name for table in every)]
        await driver.execute(";".join(f"DELETE FROM {name}" for name in names))  # faster than TRUNCATE of so many


async def state_of(database: Database) -> dict[str, Any]:
    """What the ledger holds, places without anything left out."""
    async with database.reading() as conn:
        driver = await driver_of(conn)
        facts = [await driver.fetch(f"SELECT * FROM {name}_facts ORDER BY fact_key") for name in LEDGERS]
        sums: dict[Any, Any] = {}
        for rollup in (rollup for rollups in ROLLUPS.values() for rollup in rollups):
            for row in await driver.fetch(f"SELECT * FROM {rollup.table.name}"):
                found = {name: row[name] for name in rollup.sums if row[name]}
                sums |= {(rollup.table.name, *(row[name] for name in rollup.place)): found} if found else {}
    return {"facts": [list(map(tuple, rows)) for rows in facts], "sums": sums}


async def process_in_batches(consumer: Consumer, deliveries: list[Delivery], sizes: random.Random) -> None:
    while deliveries:
        size = sizes.randint(1, 5)
        batch, deliveries = deliveries[:size], deliveries[size:]
        assert set(await consumer.process(batch)) == {Outcome.DONE}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORY, chance=st.randoms(use_true_random=False))
async def test_any_interleaving_ends_in_the_same_rollups_as_recomputation(
    desk: Desk, history: list[Any], chance: random.Random
) -> None:
    history = only_one_content_per_version(history)
    await wipe(desk.database)
    await process_in_batches(desk.consumer, deliveries_of(history), chance)
    once = await state_of(desk.database)
    assert await desk.is_consistent()

    await wipe(desk.database)
    again = deliveries_of(history) * 9 + deliveries_of(history)
    chance.shuffle(again)
    await process_in_batches(desk.consumer, again, chance)
    assert await desk.is_consistent()
    assert await state_of(desk.database) == once


def only_one_content_per_version(history: list[Any]) -> list[Any]:
    """A source never tells the same version of a contact in two ways."""
    first: dict[tuple[Any, int], ContactFact] = {}

    def same(entry: list[ContactFact]) -> list[ContactFact]:
        return [first.setdefault((told.contact_id, told.version), told) for told in entry]

    return [same(entry) if isinstance(entry, list) else entry for entry in history]


def history_with_faults(count: int, chance: random.Random) -> tuple[list[ContactFact], list[ContactFact]]:
    """Contacts, and the way they reach kpi: 10 % once more, 3 % corrected."""
    truth = [contact(n, answered=chance.random() < 0.8, wait=chance.randrange(90)) for n in range(count)]
    arrivals = [*truth, *chance.sample(truth, count // 10)]
    for number in chance.sample(range(count), count * 3 // 100):
        truth[number] = contact(number, version=2, answered=False, wait=1)
        arrivals.append(truth[number])
    chance.shuffle(arrivals)
    return truth, arrivals


async def test_the_ledger_avoids_the_error_that_an_additive_rollup_makes(desk: Desk) -> None:
    truth, arrivals = history_with_faults(1000, random.Random(11))
    additive = sum(told.answered for told in arrivals), len(arrivals)
    assert additive[1] / len(truth) == 1.13, "the canary: adding up what arrives is 13 % too high"
    for start in range(0, len(arrivals), 100):  # in one batch, only the newest of each would be posted
        await desk.hears(recorded(arrivals[start : start + 100]))
    point = await desk.point("answer_rate")
    assert (point["numerator"], point["denominator"]) == (sum(told.answered for told in truth), 1000)
    assert await desk.is_consistent()


async def test_workers_at_the_same_facts_neither_lose_nor_double_nor_lock_each_other_out(
    desk: Desk, open_database: Callable[[str], Database]
) -> None:
    truth, arrivals = history_with_faults(400, random.Random(5))
    workers = [Consumer(open_database("kpi"), HANDLERS, apply_batch, prepare=make_facts) for _ in range(3)]
    batches = [recorded(arrivals[start : start + 40]) for start in range(0, len(arrivals), 40)]

    async def work(number: int) -> set[Outcome]:
        mine = random.Random(number).sample(batches, len(batches))
        return {outcome for batch in mine for outcome in await workers[number].process(batch)}

    assert set.union(*await asyncio.gather(*map(work, range(3)))) == {Outcome.DONE}
    point = await desk.point("answer_rate")
    assert (point["numerator"], point["denominator"]) == (sum(told.answered for told in truth), 400)
    assert await desk.is_consistent()


@pytest.mark.parametrize(
    "table", ["contact_facts", "contact_quarters", "contact_days", "contact_months", "contact_bins"]
)
async def test_inbox_fact_and_rollup_change_together_or_not_at_all(desk: Desk, table: str) -> None:
    [told] = recorded([contact(1)])
    async with desk.database.reading() as conn:
        driver = await driver_of(conn)
        await driver.execute(f"ALTER TABLE {table} ADD CONSTRAINT full_up CHECK (false) NOT VALID")
        try:
            assert await desk.consumer.process([told]) == [Outcome.RETRY]
            assert await driver.fetchval("SELECT count(*) FROM inbox") == 0
        finally:
            await driver.execute(f"ALTER TABLE {table} DROP CONSTRAINT full_up")
        assert (await desk.point("contacts_handled"))["value"] is None
        assert await desk.facts("contacts_handled") == []
        assert await desk.is_consistent()
        for _ in range(2):
            await desk.hears([told])
            assert await driver.fetchval("SELECT count(*) FROM inbox") == 1
            assert (await desk.point("contacts_handled"))["value"] == len(await desk.facts("contacts_handled")) == 1


async def test_an_event_that_fails_leaves_nothing_and_holds_up_nobody(desk: Desk) -> None:
    broken = recorded([contact(1)])[0]
    broken = replace(broken, body=broken.body.replace(b'"version":1', b'"version":null'))
    assert await desk.consumer.process([broken, *recorded([contact(2)])]) == [Outcome.PARKED, Outcome.DONE]
    assert (await desk.point("contacts_handled"))["value"] == 1
    [parked] = (await desk.manager.get("/kpi/v1/parked")).json()["items"]
    assert parked["reason"].startswith("malformed: ")


async def test_an_impossible_value_does_not_cost_the_contacts_beside_it(desk: Desk) -> None:
    await desk.hears(recorded([contact(1, wait=-5), contact(2, rating=99, talk_seconds=1e30), contact(3)]))
    assert (await desk.point("contacts_handled"))["value"] == 3
    assert (await desk.point("rating_mean"))["value"] is None
    assert await desk.is_consistent()


async def test_consistency_shows_where_a_rollup_was_tampered_with(desk: Desk) -> None:
    await desk.hears(recorded([contact(1), contact(2)]))
    async with desk.database.reading() as conn:
        await (await driver_of(conn)).execute("UPDATE contact_days SET answered = answered + 3")
    found = (await desk.manager.get("/kpi/v1/consistency")).json()
    assert (found["consistent"], found["difference_count"], found["fact_count"]) == (False, 4, 2)
    for difference in found["differences"]:
        assert (difference["rollup"], difference["too_high"]) == ("contact_days", {"answered": 3})


async def test_as_of_is_the_time_of_the_newest_event_and_never_goes_back(desk: Desk) -> None:
    assert (await desk.point("asa"))["as_of"] is None
    for hours, as_of in ((2, "2026-03-02T06:00:00Z"), (1, "2026-03-02T06:00:00Z"), (3, "2026-03-02T07:00:00Z")):
        await desk.hears([delivery_of(announced(), sequence=hours, at=NOON + hours * HOUR)])
        assert (await desk.point("asa"))["as_of"] == as_of
