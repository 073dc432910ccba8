"""A publication asks many at once: in one batch, with the same result as one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from shared.contracts.event import Envelope, Event
from shared.contracts.roster import ShiftChangeSuperseded, ShiftChangeWithdrawn
from shared.platform.codec import encode
from shared.platform.ids import new_id
from shared.platform.transport import Delivery, Outcome
from tests.conftest import START
from tests.integration.notify.conftest import Centre, a_change, an_agent, then


async def arrive_together(centre: Centre, events: Sequence[tuple[Event, int]]) -> None:
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
