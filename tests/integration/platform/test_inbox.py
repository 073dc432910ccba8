"""On arrival: once and no more, in one transaction with what the handler did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from shared.contracts.cases import ContactRecorded
from shared.contracts.event import Envelope
from shared.contracts.roster import TeamChanged
from shared.platform import upkeep
from shared.platform.codec import encode
from shared.platform.consumer import Consumer, Retrier, keep_for_retry, replay
from shared.platform.ids import new_id
from shared.platform.transport import Delivery, Outcome
from shared.platform.work import Database, Work
from tests.conftest import START, ManualClock


def delivery(attempt: int = 0) -> Delivery:
    team_id = new_id()
    event = TeamChanged(team_id=team_id, code="A", name="A", zone="Asia/Shanghai")
    envelope = Envelope(
        id=new_id(),
        source="/roster",
        type=event.type,
        subject=team_id,
        time=START,
        sequence=1,
        data=event,
        correlation_id="test",
    )
    return Delivery(str(envelope.id), encode(envelope), attempt)


class Ear:
    """notify with a handler that counts in the database, and fails when told to."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.failing = False
        self.consumer = Consumer(database, {TeamChanged: self.hear})

    async def hear(self, work: Work, event: TeamChanged) -> None:
        await work.conn.execute(text("INSERT INTO notify.heard VALUES (:id)"), {"id": event.team_id})
        if self.failing:
            raise RuntimeError("not now")

    async def count(self, table: str = "heard") -> int:
        async with self.database.reading() as conn:
            return int((await conn.execute(text(f"SELECT count(*) FROM notify.{table}"))).scalar_one())


@pytest.fixture
async def ear(open_database: Callable[[str], Database]) -> Ear:
    notify = open_database("notify")
    async with notify.reading() as conn:
        await conn.execute(text("CREATE TABLE notify.heard (id uuid)"))
    return Ear(notify)


async def test_the_same_event_is_applied_once_however_often_it_comes(ear: Ear) -> None:
    one, other = delivery(), delivery()
    assert await ear.consumer.process([one, other, one]) == [Outcome.DONE] * 3
    assert await ear.consumer.process([one]) == [Outcome.DONE]
    assert await ear.count() == 2


async def test_a_failed_handler_leaves_neither_effect_nor_inbox_row(ear: Ear) -> None:
    ear.failing = True
    one = delivery()
    assert await ear.consumer.process([one]) == [Outcome.RETRY]
    assert (await ear.count(), await ear.count("inbox")) == (0, 0)
    ear.failing = False
    assert await ear.consumer.process([one]) == [Outcome.DONE]
    assert (await ear.count(), await ear.count("inbox")) == (1, 1)


async def test_what_fails_before_its_transaction_is_tried_again_and_the_others_are_applied(ear: Ear) -> None:
    bad, good = delivery(), delivery()

    def prepare(envelope: Envelope) -> Envelope:
        if str(envelope.id) == bad.message_id:
            raise RuntimeError("no sense in it")
        return envelope

    async def apply(work: Work, envelopes: Sequence[Envelope]) -> None:
        for envelope in map(prepare, envelopes):
            await work.conn.execute(text("INSERT INTO notify.heard VALUES (:id)"), {"id": envelope.id})

    consumer = Consumer(ear.database, {TeamChanged: ear.hear}, apply, prepare=prepare)
    assert await consumer.process([bad, good]) == [Outcome.RETRY, Outcome.DONE]
    assert (await ear.count(), await ear.count("inbox")) == (1, 1)


async def test_an_event_that_nobody_here_handles_is_parked(ear: Ear) -> None:
    deaf = Consumer(ear.database, {ContactRecorded: ear.hear})
    assert await deaf.process([delivery()]) == [Outcome.PARKED]
    async with ear.database.reading() as conn:
        reason = (await conn.execute(select(ear.database.kernel.parked.c.reason))).scalar_one()
    assert reason == "malformed: nobody here handles roster.team.changed.v1"


async def test_a_message_with_unstorable_characters_is_parked_all_the_same(ear: Ear) -> None:
    strange = Delivery("a\x00b\ud800", b'{"specversion": "\\u0000\\ud800"}')
    assert await ear.consumer.process([strange]) == [Outcome.PARKED]


async def test_a_replay_starts_again_from_the_first_attempt(ear: Ear, clock: ManualClock) -> None:
    ear.failing = True
    one = delivery(attempt=5)
    assert await ear.consumer.process([one]) == [Outcome.PARKED]
    parked = ear.database.kernel.parked
    async with ear.database.reading() as conn:
        parked_id = (await conn.execute(select(parked.c.parked_id))).scalar_one()
    async with ear.database.work() as work:
        await replay(work, parked_id)
    retrier = Retrier(ear.database, ear.consumer)
    assert await retrier.drain() == 1
    assert await retrier.drain() == 0, "the next attempt is not due yet"
    ear.failing = False
    clock.move_to(clock.now() + timedelta(seconds=5))
    assert await retrier.drain() == 1
    assert (await ear.count(), await ear.count("retries")) == (1, 0)


async def test_retries_climb_their_ladder_and_end_parked(ear: Ear, clock: ManualClock) -> None:
    ear.failing = True
    async with ear.database.work() as work:
        await keep_for_retry(work, delivery(), due_in_seconds=0)
    retrier = Retrier(ear.database, ear.consumer)
    waited = []
    begun = clock.now()
    while not await ear.count("parked"):
        if await retrier.drain():
            waited.append((clock.now() - begun).total_seconds())
        clock.move_to(clock.now() + timedelta(seconds=5))
    assert waited == [0, 5, 35, 155, 755, 4355]


async def test_old_inbox_rows_and_idempotent_answers_are_forgotten(ear: Ear, clock: ManualClock) -> None:
    await ear.consumer.process([delivery()])
    answers = ear.database.kernel.idempotency
    row = {"caller": "a", "key": "k", "request_hash": b"", "status": 200, "headers": "{}", "body": b""}
    async with ear.database.work() as work:
        await work.conn.execute(answers.insert().values(**row, answered_at=work.now))
    clock.move_to(clock.now() + timedelta(hours=25))
    await ear.consumer.process([delivery()])
    await upkeep.tidy(ear.database)
    assert (await ear.count("inbox"), await ear.count("idempotency")) == (2, 0)
    clock.move_to(clock.now() + timedelta(days=29))
    await upkeep.tidy(ear.database)
    assert await ear.count("inbox") == 1


async def test_a_batch_is_one_transaction(ear: Ear) -> None:
    await ear.consumer.process([delivery() for _ in range(50)])
    async with ear.database.reading() as conn:
        transactions = await conn.execute(text("SELECT count(DISTINCT xmin::text) FROM notify.heard"))
    assert transactions.scalar_one() == 1
    assert await ear.count() == 50
    inbox = ear.database.kernel.inbox
    async with ear.database.reading() as conn:
        assert (await conn.execute(select(func.count()).select_from(inbox))).scalar_one() == 50
