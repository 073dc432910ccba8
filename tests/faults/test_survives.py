"""Under steady writes things are killed, cut off and frozen; afterwards accepted = applied, exactly once, in order."""

from __future__ import annotations

import asyncio
from itertools import groupby

import httpx

from deploy.postgres import PrivatePostgres
from deploy.rabbit import PrivateRabbit
from tests.faults.conftest import Site
from tests.faults.worker import BEFORE_ACK, BEFORE_MARK, MID_BATCH

ENOUGH = 100
"""Writes to judge by."""


async def assert_kept_its_promise(site: Site) -> None:
    """Every accepted write was applied once, in its aggregate's order, and the projection is what it would be anew."""
    await site.settle()
    written = await site.rows("SELECT team_id, sequence FROM roster.written ORDER BY team_id, position")
    applied = await site.rows("SELECT team_id, sequence FROM notify.applied ORDER BY team_id, position")
    assert len(written) >= ENOUGH
    assert [tuple(row) for row in applied] == [tuple(row) for row in written]
    for _, rows in groupby(applied, key=lambda row: row["team_id"]):
        sequences = [row["sequence"] for row in rows]
        assert sequences == list(range(1, len(sequences) + 1))
    recomputed = "SELECT team_id, count(*), sum(sequence) FROM notify.applied GROUP BY team_id ORDER BY team_id"
    assert await site.rows("SELECT * FROM notify.totals ORDER BY team_id") == await site.rows(recomputed)
    assert await site.count("roster.outbox WHERE sent_at IS NULL") == 0
    assert await site.count("notify.parked") == 0


async def test_a_relay_killed_mid_batch_ten_times(site: Site) -> None:
    await site.begin()
    await site.doom("roster", MID_BATCH, times=5)
    await site.doom("roster", BEFORE_MARK, times=5)
    await site.until_applied(ENOUGH)
    await assert_kept_its_promise(site)


async def test_a_consumer_killed_between_commit_and_acknowledgement(site: Site) -> None:
    await site.begin()
    await site.doom("notify", BEFORE_ACK, times=5)
    await site.until_applied(ENOUGH)
    await assert_kept_its_promise(site)


async def test_a_broker_killed_and_restarted(site: Site, node: PrivateRabbit) -> None:
    await site.begin()
    await site.until_applied(100)
    node.kill()
    await asyncio.to_thread(node.start)
    await site.until_applied(50)
    await assert_kept_its_promise(site)


async def test_all_connections_to_the_broker_closed(site: Site, node: PrivateRabbit) -> None:
    await site.begin()
    for _ in range(3):
        await site.until_applied(50)
        await close_connections(node)
    await site.until_applied(50)
    await assert_kept_its_promise(site)


async def test_the_database_killed_and_restarted(site: Site, postgres: PrivatePostgres) -> None:
    await site.begin()
    for _ in range(2):
        await site.until_applied(100)
        postgres.kill()
        await asyncio.to_thread(postgres.start)
    await site.until_applied(50)
    await assert_kept_its_promise(site)


async def test_a_broker_frozen_for_twenty_seconds(site: Site, node: PrivateRabbit) -> None:
    await site.begin()
    await site.until_applied(100)
    node.freeze()
    await asyncio.sleep(20)
    node.thaw()
    await site.until_applied(50)
    await assert_kept_its_promise(site)


async def close_connections(node: PrivateRabbit) -> None:
    """Close every connection from the broker's side, once its statistics show those of both workers."""
    async with httpx.AsyncClient(base_url=node.management_url, timeout=30) as client:
        async with asyncio.timeout(60):
            while len(found := (await client.get("/api/connections")).json()) < 2:
                await asyncio.sleep(0.2)
        for connection in found:
            await client.delete(f"/api/connections/{connection['name']}")
