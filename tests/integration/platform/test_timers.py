"""Durable timers: each fires once, in due order, and one that fails is postponed and seen, never lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from shared.contracts.roster import TeamChanged
from shared.platform.ids import new_id
from shared.platform.timers import BATCH, Timekeeper, Timer, Together, cancel_timers, set_timers
from shared.platform.work import Database, Work
from tests.conftest import START, ManualClock

MINUTE = timedelta(minutes=1)


def timer(minutes: float = 0, kind: str = "ping", version: int = 0) -> Timer:
    return Timer(kind=kind, subject_id=new_id(), due_at=START + minutes * MINUTE, version=version)


class Wrist:
    """roster's timers, and what fired."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.fired: list[Timer] = []
        self.keeper = Timekeeper(database, {"ping": self.fire, "pong": self.fire})

    async def set(self, *timers: Timer) -> None:
        async with self.database.work() as work:
            await set_timers(work, timers)

    async def fire(self, work: Work, timer: Timer) -> None:
        self.fired.append(timer)


@pytest.fixture
def wrist(open_database: Callable[[str], Database]) -> Wrist:
    return Wrist(open_database("roster"))


async def test_timers_fire_in_due_order_and_only_when_due(wrist: Wrist, clock: ManualClock) -> None:
    timers = [timer(minutes) for minutes in (30, 10, 20, 40)]
    await wrist.set(*timers)
    clock.move_to(START + 30 * MINUTE)
    assert await wrist.keeper.fire_due() == 3
    assert wrist.fired == sorted(timers, key=lambda one: one.due_at)[:3]
    assert await wrist.keeper.next_due() == START + 40 * MINUTE


async def test_a_rolled_back_command_sets_no_timer(wrist: Wrist) -> None:
    async def set_and_fail() -> None:
        async with wrist.database.work() as work:
            await set_timers(work, [timer()])
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await set_and_fail()
    assert await wrist.keeper.fire_due() == 0


async def test_setting_a_timer_again_moves_it(wrist: Wrist, clock: ManualClock) -> None:
    first = timer(10)
    moved = replace(first, due_at=START + 20 * MINUTE, version=1)
    await wrist.set(first)
    await wrist.set(moved)
    clock.move_to(START + 15 * MINUTE)
    assert await wrist.keeper.fire_due() == 0
    clock.move_to(START + 20 * MINUTE)
    assert await wrist.keeper.fire_due() == 1
    assert wrist.fired == [moved]


async def test_what_a_handler_sets_or_cancels_counts_for_the_very_next_timer(
    open_database: Callable[[str], Database], clock: ManualClock
) -> None:
    """After a pause everything is due at once, and must still happen as it would have."""
    roster = open_database("roster")
    first, cancelled, last = timer(1), timer(3), timer(4)
    between = replace(timer(2), kind="pong")
    fired: list[Timer] = []

    async def fire(work: Work, due: Timer) -> None:
        fired.append(due)
        if due == first:
            await set_timers(work, [between])
            await cancel_timers(work, "ping", [cancelled.subject_id])

    async with roster.work() as work:
        await set_timers(work, [first, cancelled, last])
    clock.move_to(START + 60 * MINUTE)
    assert await Timekeeper(roster, {"ping": fire, "pong": fire}).fire_due() == 3
    assert fired == [first, between, last]


async def test_a_failing_timer_is_postponed_and_seen_while_the_others_fire(
    open_database: Callable[[str], Database], clock: ManualClock
) -> None:
    roster = open_database("roster")
    bad = timer(1)
    good = [timer(minutes) for minutes in (0, 2, 3)]
    failing = True

    async def fire(work: Work, due: Timer) -> None:
        await work.conn.execute(text("INSERT INTO roster.fired VALUES (:id)"), {"id": due.subject_id})
        work.record(TeamChanged(team_id=due.subject_id, code="A", name="A", zone="Asia/Shanghai"), sequence=1)
        if failing and due.subject_id == bad.subject_id:
            raise RuntimeError("the mail server is away")

    async with roster.work() as work:
        await work.conn.execute(text("CREATE TABLE roster.fired (id uuid)"))
        await set_timers(work, [bad, *good])
    keeper = Timekeeper(roster, {"ping": fire})
    clock.move_to(START + 5 * MINUTE)
    assert await keeper.fire_due() == 4
    timers = roster.kernel.timers
    async with roster.reading() as conn:
        assert (await conn.execute(text("SELECT count(*) FROM roster.fired"))).scalar_one() == 3
        row = (await conn.execute(select(timers))).one()
    assert (row.subject_id, row.attempt) == (bad.subject_id, 1)
    assert row.failure == "RuntimeError: the mail server is away"
    assert row.due_at == clock.now() + timedelta(seconds=5)
    clock.move_to(row.due_at)
    await keeper.fire_due()
    async with roster.reading() as conn:
        assert (await conn.execute(select(timers.c.attempt))).scalar_one() == 2
    failing = False
    clock.move_to(clock.now() + timedelta(seconds=10))
    assert await keeper.fire_due() == 1
    async with roster.reading() as conn:
        assert (await conn.execute(text("SELECT count(*) FROM roster.fired"))).scalar_one() == 4


async def test_two_workers_share_the_timers_and_fire_each_once(
    open_database: Callable[[str], Database], clock: ManualClock
) -> None:
    wrists = [Wrist(open_database("roster")) for _ in range(2)]
    timers = [timer(minutes / 100) for minutes in range(3 * BATCH)]
    await wrists[0].set(*timers)
    clock.move_to(START + 60 * MINUTE)
    counts = await asyncio.gather(*(wrist.keeper.fire_due() for wrist in wrists))
    assert sum(counts) == len(timers)
    assert {one.subject_id for wrist in wrists for one in wrist.fired} == {one.subject_id for one in timers}


async def test_timers_of_a_kind_that_nobody_here_knows_are_left_alone(wrist: Wrist, clock: ManualClock) -> None:
    await wrist.set(replace(timer(1), kind="another worker's"), timer(2))
    clock.move_to(START + 5 * MINUTE)
    assert await wrist.keeper.fire_due() == 1
    async with wrist.database.reading() as conn:
        kinds = (await conn.execute(select(wrist.database.kernel.timers.c.kind))).scalars().all()
    assert kinds == ["another worker's"]


async def test_timers_handled_together_come_in_due_order_and_never_past_one_of_another_kind(
    wrist: Wrist, clock: ManualClock
) -> None:
    batches: list[list[float]] = []

    async def together(work: Work, timers: Sequence[Timer]) -> None:
        batches.append([(one.due_at - START) / MINUTE for one in timers])

    async def alone(work: Work, one: Timer) -> None:
        batches.append([-(one.due_at - START) / MINUTE])

    await wrist.set(*(timer(minutes) for minutes in (4, 1, 2, 5, 9)), timer(3, kind="pong"), timer(1, kind="other"))
    clock.move_to(START + 6 * MINUTE)
    keeper = Timekeeper(wrist.database, {"ping": Together(together), "pong": alone})
    assert await keeper.fire_due() == 5
    assert batches == [[1, 2], [-3], [4, 5]]


async def test_one_that_fails_among_those_handled_together_is_postponed_alone(wrist: Wrist) -> None:
    good, bad = [timer() for _ in range(3)], timer()
    done: set[UUID] = set()

    async def together(work: Work, timers: Sequence[Timer]) -> None:
        if bad.subject_id in {one.subject_id for one in timers}:
            raise RuntimeError("bad")
        done.update(one.subject_id for one in timers)

    await wrist.set(bad, *good)
    await Timekeeper(wrist.database, {"ping": Together(together)}).fire_due()
    assert done == {one.subject_id for one in good}
    assert await wrist.keeper.next_due() == START + timedelta(seconds=5)
