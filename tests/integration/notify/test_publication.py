"""A publication asks many at once, and many answer at once: in one batch, with the same result as one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from shared.contracts.event import Envelope, Event
from shared.contracts.notify import AcknowledgementLapsed, AcknowledgementWithdrawn
from shared.contracts.roster import (
    ShiftChangeConfirmed,
    ShiftChangeExpired,
    ShiftChangeSuperseded,
    ShiftChangeWithdrawn,
)
from shared.platform.codec import decode, encode
from shared.platform.ids import new_id
from shared.platform.transport import Delivery, Outcome
from tests.conftest import START
from tests.integration.notify.conftest import DEADLINE, SUPERVISOR, Centre, a_change, an_agent, then


async def arrive_together(centre: Centre, events: Sequence[tuple[Event, int]]) -> list[Envelope]:
    envelopes = [
        Envelope(
            id=new_id(),
            source="/roster",
            type=event.type,
            subject=event.subject,
            time=START,
            sequence=sequence,
            data=event,
            correlation_id="test",
        )
        for event, sequence in events
    ]
    deliveries = [Delivery(str(one.id), encode(one)) for one in envelopes]
    assert await centre.worker.consumer.process(deliveries) == [Outcome.DONE] * len(deliveries)
    return envelopes


async def test_a_whole_publication_in_one_batch_asks_everybody_once(centre: Centre) -> None:
    staff = [f"B{number:03}" for number in range(60)]
    for staff_no in staff:
        await centre.hear(an_agent(staff_no))
    changes = [a_change(staff_no) for staff_no in staff]
    await arrive_together(centre, [(change, 1) for change in [*changes, *changes]])
    await centre.settle()
    told = await centre.messages(channel="inbox")
    assert sorted(message["staff_no"] for message in told) == staff
    watch = (await centre.manager.get("/notify/v1/watchdog")).json()
    assert (watch["open_count"], watch["without_timer_count"]) == (60, 0)
    await centre.move_to(START + timedelta(hours=4))
    told = await centre.messages(channel="inbox")
    assert sorted(message["staff_no"] for message in told) == sorted(staff * 2)


async def test_what_ends_and_what_follows_in_the_same_batch_counts(centre: Centre) -> None:
    first, second = a_change("A001"), a_change("A002")
    newer = a_change("A001", change_id=new_id(), number=3)
    superseded = then(first, ShiftChangeSuperseded, superseded_at=START, by_number=3, by_change_id=newer.change_id)
    withdrawn = then(second, ShiftChangeWithdrawn, withdrawn_at=START, reason="排错了")
    await arrive_together(
        centre, [(first, 1), (withdrawn, 2), (second, 1), (superseded, 2), (newer, 1), (first, 1), (newer, 3)]
    )
    states = [(await centre.question(change))["state"] for change in (first, second, newer)]
    assert states == ["withdrawn", "withdrawn", "open"]
    assert (await centre.question(newer))["subject_version"] == 3


async def caused(centre: Centre, kind: type[Event]) -> dict[str, str]:
    """What notify recorded of one kind: the matter, and the id of the event that caused it."""
    outbox = centre.database.kernel.outbox
    async with centre.database.reading() as conn:
        bodies = (await conn.execute(select(outbox.c.body).where(outbox.c.type == kind.type))).scalars()
        told = [decode(body) for body in bodies]
    return {str(one.data.subject_id): str(one.causation_id) for one in told}  # type: ignore[attr-defined]


async def test_an_answer_that_came_by_another_way_stops_the_ladder_also_when_many_come_at_once(centre: Centre) -> None:
    changes = [a_change(f"B{number:03}") for number in range(20)]
    await arrive_together(centre, [(change, 1) for change in changes])
    answers = [(then(change, ShiftChangeConfirmed, confirmed_at=START, channel="phone"), 2) for change in changes]
    heard = await arrive_together(centre, answers)
    for change in (changes[0], changes[-1]):
        question = await centre.question(change)
        assert (question["state"], question["reason"]) == ("withdrawn", "confirmed")
        assert {rung["state"] for rung in question["rungs"]} == {"sent", "cancelled"}
    assert await caused(centre, AcknowledgementWithdrawn) == {str(one.subject): str(one.id) for one in heard}
    async with centre.database.reading() as conn:
        assert (await conn.execute(select(centre.database.kernel.timers.c.kind))).scalars().all() == []
    await centre.move_to(DEADLINE)
    assert {message["state"] for message in await centre.messages(channel="inbox")} == {"failed"}, "nothing was sent"


async def test_many_that_expire_at_once_each_reach_the_supervisor(centre: Centre) -> None:
    changes = [a_change(f"B{number:03}") for number in range(12)]
    await arrive_together(centre, [(change, 1) for change in changes])
    await centre.settle()
    centre.clock.move_to(DEADLINE)
    heard = await arrive_together(centre, [(then(one, ShiftChangeExpired, expired_at=DEADLINE), 2) for one in changes])
    await centre.settle()
    overdue = [one for one in await centre.messages(SUPERVISOR, channel="inbox") if one["template"].endswith("overdue")]
    assert {one["subject_id"] for one in overdue} == {str(one.change_id) for one in changes}
    assert len(overdue) == 12
    assert await caused(centre, AcknowledgementLapsed) == {str(one.subject): str(one.id) for one in heard}
