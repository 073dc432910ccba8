"""State and event commit together or not at all; the relay sends each once and never loses its place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import func, select, text

from shared.contracts.roster import TeamChanged
from shared.platform import outbox, upkeep
from shared.platform.db import driver_of
from shared.platform.ids import new_id
from shared.platform.relay import Held, Relay
from shared.platform.transport import Message, OutOfReach
from shared.platform.work import Database


class Post:
    """A transport that keeps what it is given; `refused_types` are never safe."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.refused_types: set[str] = set()
        self.away = False

    async def publish(self, messages: Sequence[Message]) -> frozenset[UUID]:
        if self.away:
            raise OutOfReach("away")
        fine = [message for message in messages if message.type not in self.refused_types]
        self.taken += fine
        return frozenset(message.id for message in fine)

    async def consume(self, receiver: object) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing to close."""


def team(team_id: UUID | None = None) -> TeamChanged:
    return TeamChanged(team_id=team_id or new_id(), code="A", name="A", zone="Asia/Shanghai")


async def record(database: Database, count: int) -> None:
    async with database.work() as work:
        for _ in range(count):
            work.record(team(), sequence=1)


async def first_drained(relay: Relay) -> int:
    """How many events the relay sends when at last it sends any."""
    async with asyncio.timeout(60):
        while not (sent := await relay.drain()):
            await asyncio.sleep(0.05)
    return sent


async def one_day() -> date:
    """The day (UTC) that lasts while a test runs: what is left of one that ends within a minute is waited for."""
    now = datetime.now(UTC)
    if now.hour == 23 and now.minute == 59:
        await asyncio.sleep(61 - now.second)
    return datetime.now(UTC).date()


async def unsent(database: Database) -> int:
    table = database.kernel.outbox
    async with database.reading() as conn:
        found = await conn.execute(select(func.count()).select_from(table).where(table.c.sent_at.is_(None)))
    return int(found.scalar_one())


async def test_what_is_rolled_back_is_never_sent(open_database: Callable[[str], Database]) -> None:
    roster, post = open_database("roster"), Post()

    async def change_ones_mind() -> None:
        async with roster.work() as work:
            work.record(team(), sequence=1)
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError, match="changed my mind"):
        await change_ones_mind()
    assert await unsent(roster) == 0
    assert await Relay(roster, post).drain() == 0


async def test_state_and_event_fail_together(open_database: Callable[[str], Database]) -> None:
    """The event cannot be stored (its position is taken away), so the state is not stored either."""
    roster = open_database("roster")
    async with roster.reading() as conn:
        await conn.execute(text("CREATE TABLE roster.state (id int)"))
        await conn.execute(text("ALTER TABLE roster.outbox ADD CONSTRAINT nothing_goes CHECK (false) NOT VALID"))

    async def change_state() -> None:
        async with roster.work() as work:
            await work.conn.execute(text("INSERT INTO roster.state VALUES (1)"))
            work.record(team(), sequence=1)

    with pytest.raises(asyncpg.CheckViolationError):
        await change_state()
    async with roster.reading() as conn:
        assert (await conn.execute(text("SELECT count(*) FROM roster.state"))).scalar_one() == 0


async def test_events_leave_in_the_order_they_were_recorded(open_database: Callable[[str], Database]) -> None:
    roster, post = open_database("roster"), Post()
    for _ in range(3):
        await record(roster, 400)
    assert await Relay(roster, post).drain() == 1200
    table = roster.kernel.outbox
    async with roster.reading() as conn:
        ids = (await conn.execute(select(table.c.event_id).order_by(table.c.position))).scalars().all()
    assert [message.id for message in post.taken] == list(ids)


async def test_an_event_that_commits_late_is_not_overtaken_for_good(open_database: Callable[[str], Database]) -> None:
    """A lower position may become visible after a higher one was sent: no watermark may pass it by."""
    roster, post = open_database("roster"), Post()
    relay = Relay(roster, post)
    async with roster.work() as slow:
        slow.record(team(), sequence=1)
        await outbox.add(slow.conn, slow.kernel, slow.recorded)
        slow.recorded.clear()
        await record(roster, 1)
        assert await relay.drain() == 1
    assert await relay.drain() == 1
    assert await unsent(roster) == 0


async def test_only_one_relay_of_a_service_works_at_a_time(open_database: Callable[[str], Database]) -> None:
    roster, post = open_database("roster"), Post()
    first, second = Relay(roster, post), Relay(roster, post)
    await record(roster, 10)
    async with first.holding() as ours:
        assert ours
        assert await second.drain() == 0
        async with second.holding() as theirs:
            assert not theirs
        assert await first.drain() == 10
    await record(roster, 1)
    assert await second.drain() == 1


async def test_a_frozen_relay_loses_its_session_and_another_takes_over(
    open_database: Callable[[str], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.platform.relay.SESSION", "SET idle_session_timeout = '300ms'")
    roster, post = open_database("roster"), Post()
    frozen, other = Relay(roster, post), Relay(roster, post)
    await record(roster, 5)
    async with frozen.holding():
        assert await first_drained(other) == 5


async def test_a_transport_out_of_reach_leaves_everything_unsent(open_database: Callable[[str], Database]) -> None:
    roster, post = open_database("roster"), Post()
    post.away = True
    await record(roster, 3)
    relay = Relay(roster, post)
    with pytest.raises(OutOfReach):
        await relay.drain()
    post.away = False
    assert await relay.drain() == 3


async def test_a_held_type_is_tried_with_one_event_before_the_rest(open_database: Callable[[str], Database]) -> None:
    roster, post = open_database("roster"), Post()
    post.refused_types = {TeamChanged.type}
    await record(roster, 5)
    relay = Relay(roster, post)
    assert await relay.drain() == 0
    assert await relay.drain() == 0
    post.refused_types = set()
    assert await first_drained(relay) == 5


def test_a_type_that_keeps_failing_is_tried_ever_more_seldom() -> None:
    clock = 0.0
    held = Held(lambda: clock)
    waits = []
    for _ in range(8):
        held.note(offered={"a"}, failed={"a"})
        begun = clock
        while not held.due():
            clock += 0.25
        waits.append(clock - begun)
    assert waits == [0.5, 1, 2, 4, 8, 15, 15, 15]
    held.note(offered={"a"}, failed=set())
    assert not held.types


async def partitions(database: Database) -> set[str]:
    async with database.reading() as conn:
        return await upkeep._partitions(await driver_of(conn), database.service)


async def test_partitions_are_made_ahead(open_database: Callable[[str], Database]) -> None:
    roster = open_database("roster")
    today = await one_day()
    for _ in range(2):
        await upkeep.tidy(roster)
    ahead = {f"outbox_{today + timedelta(days=day):%Y%m%d}" for day in range(upkeep.DAYS_AHEAD + 1)}
    assert await partitions(roster) == ahead
    await record(roster, 2)
    async with roster.reading() as conn:
        kept = await conn.execute(text(f"SELECT count(*) FROM roster.outbox_{today:%Y%m%d}"))
        assert kept.scalar_one() == 2


async def test_a_day_that_began_before_any_worker_ran_stays_in_the_default_partition(
    open_database: Callable[[str], Database],
) -> None:
    roster, post = open_database("roster"), Post()
    today = await one_day()
    await record(roster, 1)
    await upkeep.tidy(roster)
    await record(roster, 1)
    assert f"outbox_{today:%Y%m%d}" not in await partitions(roster)
    assert f"outbox_{today + timedelta(days=1):%Y%m%d}" in await partitions(roster)
    assert await Relay(roster, post).drain() == 2


async def tidy_as_of(database: Database, today: date) -> None:
    async with database.reading() as conn:
        await upkeep.tidy_outbox(await driver_of(conn), database.service, today)


async def test_old_partitions_go_once_everything_in_them_was_sent(open_database: Callable[[str], Database]) -> None:
    roster, post = open_database("roster"), Post()
    today = await one_day()
    await tidy_as_of(roster, today)
    await record(roster, 3)
    later = today + upkeep.OUTBOX_RETENTION + timedelta(days=1)
    await tidy_as_of(roster, later)
    assert f"outbox_{today:%Y%m%d}" in await partitions(roster), "an unsent event is never dropped"
    assert await Relay(roster, post).drain() == 3
    await tidy_as_of(roster, later)
    assert f"outbox_{today:%Y%m%d}" not in await partitions(roster)
    assert await unsent(roster) == 0


async def test_what_the_default_partition_sent_long_ago_goes_too(open_database: Callable[[str], Database]) -> None:
    roster, post = open_database("roster"), Post()
    await record(roster, 3)
    later = datetime.now(UTC).date() + upkeep.OUTBOX_RETENTION + timedelta(days=1)
    await Relay(roster, post).drain()
    await record(roster, 1)
    await tidy_as_of(roster, later)
    async with roster.reading() as conn:
        assert (await conn.execute(text("SELECT count(*) FROM roster.outbox_default"))).scalar_one() == 1


async def test_tidying_gives_up_rather_than_make_writers_wait(open_database: Callable[[str], Database]) -> None:
    roster = open_database("roster")
    async with roster.work() as work:
        await work.conn.execute(text("LOCK TABLE roster.outbox IN ROW EXCLUSIVE MODE"))
        await asyncio.wait_for(upkeep.tidy(roster), 10)
    assert await partitions(roster) == set()
    await upkeep.tidy(roster)
    assert await partitions(roster)
