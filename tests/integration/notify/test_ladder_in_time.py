"""A ladder in time: each rung once, at its moment, whatever is replayed or late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from services.notify import tables
from services.notify.commands import ladder
from shared.contracts.notify import AcknowledgementLapsed, EscalationRaised, MessageDelivered
from shared.contracts.roster import ShiftChangeExpired
from tests.conftest import START
from tests.integration.notify.conftest import DEADLINE, LEAD, SUPERVISOR, Centre, a_change, then

HALF, THREE_QUARTERS = START + timedelta(hours=4), START + timedelta(hours=6)
A_MOMENT = timedelta(seconds=1)


async def test_silence_is_reminded_escalated_and_lapses(centre: Centre) -> None:
    change = a_change()
    await centre.hear(change)
    await centre.settle()
    assert await centre.templates("A001") == ["asked"]
    for rung, at in ((1, HALF), (2, THREE_QUARTERS), (3, DEADLINE)):
        await centre.move_to(at - A_MOMENT)
        assert [r["state"] for r in (await centre.question(change))["rungs"]].count("sent") == rung
        await centre.move_to(at)
        assert [r["state"] for r in (await centre.question(change))["rungs"]].count("sent") == rung + 1
    assert await centre.templates("A001") == ["asked", "reminder"]
    assert await centre.templates(LEAD) == ["silent"]
    assert await centre.templates(SUPERVISOR) == ["overdue"]
    await centre.hear(then(change, ShiftChangeExpired, expired_at=DEADLINE), 2)
    await centre.move_to(DEADLINE + timedelta(days=2))
    assert (await centre.question(change))["state"] == "lapsed"
    assert await centre.templates(SUPERVISOR) == ["overdue"]
    raised = [(e.rung, e.target_staff_no) for e in await centre.published() if isinstance(e, EscalationRaised)]
    assert raised == [(2, LEAD), (3, SUPERVISOR)]


async def test_the_same_event_five_times_says_everything_once(centre: Centre) -> None:
    await centre.vouch("A001")
    change = a_change()
    await centre.hear(change, times=5)
    await centre.hear(change)
    await centre.settle()
    assert [m["channel"] for m in await centre.messages("A001")] == ["inbox", "sms"]
    assert len([e for e in await centre.published() if isinstance(e, MessageDelivered)]) == 2


async def test_a_timer_rolled_back_after_sending_sends_once(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    change = a_change()
    await centre.hear(change)
    real, crashes = ladder.store.save_questions, [True] * 4

    async def crash_each_time(*arguments: object) -> None:
        if crashes and crashes.pop():
            raise RuntimeError("the machine stops here")
        await real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(ladder.store, "save_questions", crash_each_time)
    await centre.move_to(HALF)
    assert await centre.templates("A001") == ["asked"]
    await centre.move_to(HALF + timedelta(seconds=5))
    assert await centre.templates("A001") == ["asked", "reminder"]


async def test_expiry_heard_before_the_timer_fires_the_last_rung_once(centre: Centre) -> None:
    change = a_change()
    await centre.hear(change)
    await centre.move_to(THREE_QUARTERS)
    centre.clock.move_to(DEADLINE)
    await centre.hear(then(change, ShiftChangeExpired, expired_at=DEADLINE), 2)
    await centre.move_to(DEADLINE + timedelta(hours=3))
    assert await centre.templates(SUPERVISOR) == ["overdue"]
    assert (await centre.question(change))["state"] == "lapsed"
    assert len([e for e in await centre.published() if isinstance(e, AcknowledgementLapsed)]) == 1


async def test_a_question_whose_owner_stays_silent_lapses_by_itself(centre: Centre) -> None:
    change = a_change()
    await centre.hear(change)
    await centre.move_to(DEADLINE)
    asked = await centre.question(change)
    assert asked["state"] == "open"
    assert asked["next"]["rung"] is None
    await centre.move_to(DEADLINE + timedelta(minutes=10))
    assert (await centre.question(change))["state"] == "lapsed"


async def test_an_outage_compresses_what_was_missed(centre: Centre) -> None:
    """Nothing ran from the announcement until shortly before the deadline."""
    change = a_change()
    centre.clock.move_to(THREE_QUARTERS + timedelta(minutes=30))
    await centre.hear(change)
    await centre.settle()
    assert await centre.templates("A001") == ["asked"]
    assert await centre.templates(LEAD) == ["silent"]
    assert await centre.templates(SUPERVISOR) == []
    states = [(r["state"], r["outcome"]) for r in (await centre.question(change))["rungs"]]
    assert states[1] == ("compressed", "said-with-rung-0")
    await centre.move_to(DEADLINE)
    assert await centre.templates(SUPERVISOR) == ["overdue"]


async def test_short_notice_still_asks_at_once_and_tells_the_supervisor(centre: Centre) -> None:
    change = a_change(confirm_by=START + timedelta(minutes=20), late_notice=True)
    await centre.hear(change)
    await centre.settle()
    assert await centre.templates("A001") == ["asked"]
    assert await centre.templates(SUPERVISOR) == ["late_notice"]
    await centre.move_to(START + timedelta(minutes=20))
    assert await centre.templates("A001") == ["asked", "reminder"]
    assert await centre.templates(LEAD) == ["silent"]
    assert await centre.templates(SUPERVISOR) == ["late_notice", "overdue"]


async def test_the_next_step_says_why(centre: Centre) -> None:
    change = a_change()
    await centre.hear(change)
    asked = await centre.question(change)
    assert asked["next"]["rung"] == 1
    assert asked["next"]["at"] == HALF.isoformat().replace("+00:00", "Z")
    assert asked["next"]["why"] == "第 1 级将于 3月2日 周一 13:00 通知本人：从通知到期限时间的 50%。"


async def test_a_question_that_cannot_be_told_holds_up_nobody_elses(centre: Centre) -> None:
    broken, fine = a_change("A001"), a_change("A002")
    await centre.hear(broken)
    await centre.hear(fine)
    async with centre.database.work() as work:
        table = tables.acknowledgements
        spoilt = {**(await centre.question(broken))["content"], "announced_at": "never"}
        await work.conn.execute(update(table).where(table.c.staff_no == "A001").values(content=spoilt))
    await centre.move_to(HALF)
    assert await centre.templates("A002") == ["asked", "reminder"]
    assert await centre.templates("A001") == ["asked"]
    async with centre.database.work() as work:
        spoilt["announced_at"] = START.isoformat()
        await work.conn.execute(update(table).where(table.c.staff_no == "A001").values(content=spoilt))
    await centre.move_to(HALF + timedelta(seconds=5))
    assert await centre.templates("A001") == ["asked", "reminder"]
