"""Everything that goes wrong in a server room, one thing at a time, to real processes under steady load.

`make faults` runs these. After each: accepted = applied exactly once, order kept, nothing
silent, projections equal recomputation.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest

from deploy.postgres import PrivatePostgres
from deploy.rabbit import PrivateRabbit
from shared.contracts.routes import HEARS, SERVICES
from shared.platform.transport import RETRY_DELAYS_SECONDS
from tests.faults.fleet.conftest import PARTS, Fleet

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600), pytest.mark.asyncio(loop_scope="module")]


async def test_a_relay_is_killed_three_times(fleet: Fleet) -> None:
    for _ in range(3):
        fleet.processes.kill("roster-worker")
        await fleet.load.until(60)
    await fleet.check_promise()


async def test_consumers_are_killed_three_times(fleet: Fleet) -> None:
    for _ in range(3):
        for service in ("notify", "kpi", "cases"):
            fleet.processes.kill(f"{service}-worker")
        await fleet.load.until(60)
    await fleet.check_promise()


async def test_an_api_is_killed_three_times(fleet: Fleet) -> None:
    for _ in range(3):
        fleet.processes.kill("roster-api")
        fleet.processes.kill("cases-api")
        await fleet.load.until(60)
    await fleet.check_promise()


async def test_the_broker_is_killed(fleet: Fleet) -> None:
    fleet.node.kill()
    await fleet.load.until(40)
    await asyncio.to_thread(fleet.node.start)
    await fleet.load.until(40)
    await fleet.check_promise()


async def test_the_database_is_killed_twice(fleet: Fleet) -> None:
    for _ in range(2):
        fleet.postgres.kill()
        await asyncio.to_thread(fleet.postgres.start)
        await fleet.load.until(60)
    await fleet.check_promise()


async def test_the_broker_freezes(fleet: Fleet) -> None:
    fleet.node.freeze()
    await asyncio.sleep(20)
    fleet.node.thaw()
    await fleet.load.until(40)
    await fleet.check_promise()


async def test_every_connection_to_the_broker_is_closed(fleet: Fleet) -> None:
    for _ in range(3):
        fleet.broker_proxy.cut()
        await fleet.load.until(40)
    await fleet.check_promise()


async def test_every_connection_to_the_database_is_closed(fleet: Fleet) -> None:
    for _ in range(3):
        fleet.database_proxy.cut()
        await fleet.load.until(40)
    await fleet.check_promise()


@pytest.mark.parametrize("mood", ["blackhole", "deaf"])
async def test_the_way_to_the_broker_swallows_what_is_sent(fleet: Fleet, mood: str) -> None:
    fleet.broker_proxy.be(mood)  # type: ignore[arg-type]
    await fleet.load.until(60)
    await asyncio.sleep(15)
    fleet.broker_proxy.be("pass")
    await fleet.load.until(40)
    await fleet.check_promise()


async def test_the_broker_raises_its_disk_alarm(fleet: Fleet) -> None:
    fleet.node.control("set_disk_free_limit", "900GB")
    await fleet.load.until(60)
    await asyncio.sleep(5)
    fleet.node.control("set_disk_free_limit", "50MB")
    await fleet.check_promise()


async def test_a_queue_is_deleted_with_what_was_in_it_and_made_again(fleet: Fleet) -> None:
    """What waited in the queue is gone from there; the outboxes still have it and send it again when they are told."""
    started = datetime.now(UTC)
    fleet.processes.freeze("notify-worker")
    await fleet.load.until(40)
    async with httpx.AsyncClient(base_url=fleet.node.management_url, timeout=30) as client:
        (await client.delete(f"/api/queues/{fleet.name}/svc.notify")).raise_for_status()
    await fleet.load.until(40)
    await fleet.provision_broker()
    fleet.processes.thaw("notify-worker")
    await fleet.load.until(40)
    for service in ("roster", "cases"):
        await fleet.operate(service, "outbox/resend", {"since": (started - timedelta(seconds=10)).isoformat()})
    await fleet.check_promise()


async def test_a_frozen_leader_loses_its_place_and_comes_back_late(fleet: Fleet) -> None:
    fleet.processes.start("roster-worker-2")
    fleet.processes.start("notify-worker-2")
    await fleet.processes.ready("roster-worker-2", "notify-worker-2")
    for name in ("roster-worker", "notify-worker"):
        fleet.processes.freeze(name)
    await asyncio.sleep(45)
    for name in ("roster-worker", "notify-worker"):
        fleet.processes.thaw(name)
    await fleet.load.until(60)
    await fleet.check_promise()
    for name in ("roster-worker-2", "notify-worker-2"):
        assert await fleet.processes.end(name) == 0


async def test_poison_is_parked_and_stops_nobody(fleet: Fleet) -> None:
    poison = [b"not json", b"{}", b'{"specversion": "1.0", "type": "roster.agent.joined.v1"}']
    for number, body in enumerate(poison):
        await publish(fleet, "svc.notify", body, f"poison-{number}")
    fleet.parked_expected += len(poison)
    await fleet.load.until(60)
    await fleet.check_promise()


async def test_a_handler_fails_longer_than_the_whole_retry_ladder(fleet: Fleet) -> None:
    """Its events end parked, visible, and are applied once it is mended and they are replayed."""
    await fleet.execute("ALTER TABLE notify.recipients RENAME TO recipients_away")
    await fleet.load.until(40)
    async with asyncio.timeout(150):
        while await fleet.count(f"notify.parked WHERE {FAILED}") == 0:
            await asyncio.sleep(0.5)
    await fleet.execute("ALTER TABLE notify.recipients_away RENAME TO recipients")
    await replay_everything(fleet, "notify")
    await fleet.check_promise()


async def test_a_handler_is_broken_for_ten_minutes(fleet: Fleet) -> None:
    """Time runs sixty times as fast: an outage of ten seconds on the real ladder of retries, each a sixtieth."""
    await fleet.provision_broker([seconds / 60 for seconds in RETRY_DELAYS_SECONDS])
    await fleet.execute("ALTER TABLE notify.recipients RENAME TO recipients_away")
    await asyncio.sleep(10)
    await fleet.execute("ALTER TABLE notify.recipients_away RENAME TO recipients")
    await fleet.load.until(20)
    await fleet.check_promise()
    await fleet.provision_broker()


async def test_everything_is_delivered_again_in_any_order(fleet: Fleet) -> None:
    rows = [row for service in SERVICES for row in await fleet.rows(f"SELECT type, body FROM {service}.outbox")]
    again = [(f"svc.{service}", row["body"]) for service in SERVICES for row in rows if row["type"] in HEARS[service]]
    random.Random(7).shuffle(again)
    for queue, body in again[:400]:
        await publish(fleet, queue, bytes(body), json.loads(body)["id"])
    await fleet.load.until(20)
    await fleet.check_promise()


@pytest.mark.parametrize("hours_ahead", [2, -2])
async def test_a_machines_clock_is_two_hours_off(fleet: Fleet, hours_ahead: float) -> None:
    workers = ("notify-worker", "roster-worker", "kpi-worker")
    await restart(fleet, workers, hours_ahead)
    await fleet.load.until(80)
    await fleet.check_promise()
    await restart(fleet, workers)


async def test_a_long_transaction_holds_back_the_vacuum(fleet: Fleet) -> None:
    conn = await asyncpg.connect(fleet.postgres.url(fleet.name))
    try:
        async with conn.transaction(isolation="repeatable_read"):
            await conn.fetchval("SELECT count(*) FROM roster.outbox")
            await fleet.load.until(400, seconds=120)
    finally:
        await conn.close()
    await fleet.check_promise()


async def test_every_process_is_replaced_one_after_another(fleet: Fleet) -> None:
    """A rolling restart: the new one is ready before the old one is told to end, and ends in order."""
    for name in PARTS:
        old, successor = fleet.processes.running[name], f"{name}-next"
        fleet.processes.start(successor)
        await fleet.processes.ready(successor)
        fleet.processes.running[name] = fleet.processes.running.pop(successor)
        old.process.terminate()
        assert await asyncio.to_thread(old.process.wait, 40) == 0
        await fleet.load.until(10)
    await fleet.check_promise()


async def test_the_databases_disk_is_full(
    tmp_path: Path, node: PrivateRabbit, record_property: Callable[[str, object], None]
) -> None:
    async with small_disk(tmp_path / "disk") as disk:
        server = PrivatePostgres(disk / "data")
        server.start()
        fleet = Fleet(server, node, tmp_path)
        try:
            await fleet.begin()
            await fleet.resume()
            ballast = disk / "ballast"
            fill(ballast)
            await asyncio.sleep(10)
            ballast.unlink()
            await asyncio.to_thread(restarted_if_down, server)
            await fleet.load.until(60)
            await fleet.check_promise()
            record_property("figures", fleet.figures)
        finally:
            await fleet.end()
            server.stop()


FAILED = "replayed_at IS NULL AND type IS NOT NULL"
"""Parked because a handler failed, not because nobody could read it."""


def fill(file: Path) -> None:
    """Write until nothing more fits."""
    with file.open("wb", buffering=0) as out, contextlib.suppress(OSError):
        while True:
            out.write(bytes(1 << 16))


def restarted_if_down(server: PrivatePostgres) -> None:
    """PostgreSQL stops itself when it cannot write its log; its supervisor starts it again."""
    if not server.running_url():
        server.start()


@asynccontextmanager
async def small_disk(folder: Path) -> AsyncIterator[Path]:
    """A file system of 400 MB of its own."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400m,mode=755", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


async def restart(fleet: Fleet, names: Sequence[str], hours_ahead: float = 0) -> None:
    """In order, on a machine with that clock."""
    for name in names:
        assert await fleet.processes.end(name) == 0
        fleet.processes.start(name, hours_ahead=hours_ahead)
    await fleet.processes.ready(*names)


async def publish(fleet: Fleet, queue: str, body: bytes, message_id: str) -> None:
    """Put a message straight into a queue."""
    message = {
        "properties": {"message_id": message_id, "delivery_mode": 2},
        "routing_key": queue,
        "payload": body.decode(),
        "payload_encoding": "string",
    }
    async with httpx.AsyncClient(base_url=fleet.node.management_url, timeout=30) as client:
        answer = await client.post(f"/api/exchanges/{fleet.name}/amq.default/publish", json=message)
    assert answer.json() == {"routed": True}


async def replay_everything(fleet: Fleet, service: str) -> None:
    """What `ringback parked replay` does, until nothing is parked any more."""
    for _ in range(60):
        parked = await fleet.rows(f"SELECT parked_id FROM {service}.parked WHERE {FAILED}")
        for row in parked:
            await fleet.operate(service, f"parked/{row['parked_id']}/replay")
        if not parked and not await fleet.unapplied(service):
            return
        await asyncio.sleep(1)
