"""Hand-offs over HTTP."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from shared.contracts.cases import (
    HandoffAccepted,
    HandoffAnswered,
    HandoffClosed,
    HandoffOverdue,
    HandoffRefused,
    HandoffRequested,
    HandoffReturned,
    PromiseBroken,
    PromiseKept,
    PromiseMade,
)
from shared.contracts.notify import AcknowledgementGiven, AcknowledgementOpened, AcknowledgementRefused
from shared.platform.ids import new_id
from tests.integration.cases.handoff_floor import Floor, said


async def test_a_handoff_is_asked_accepted_answered_and_closed_when_the_customer_was_told(floor: Floor) -> None:
    case = await floor.case()
    handoff = await floor.handoff(case)
    assert (handoff["state"], handoff["hop"], handoff["sender"], handoff["to_team_name"]) == (
        "requested",
        1,
        "A1",
        "物流部",
    )
    assert handoff["ack_due_at"] == "2026-03-02T02:00:00Z", "an hour from nine"
    assert handoff["due_at"] == "2026-03-04T10:00:00Z", "the end of the third working day"
    assert (await floor.read(f"/cases/{case['case_id']}"))["state"] == "waiting_team"

    await floor.wait(minutes=20)
    accepted = await floor.act("B1", f"/handoffs/{handoff['handoff_id']}/accept")
    assert (accepted["state"], accepted["receiver"]) == ("accepted", "B1")
    assert (await floor.read(f"/cases/{case['case_id']}"))["owner"] == "A1", "the sender keeps the case"

    await floor.wait(hours=2)
    answered = await floor.act("B1", f"/handoffs/{handoff['handoff_id']}/answer", answer="包裹在浦东分拨中心，明早派送")
    assert answered["state"] == "answered"
    await floor.act("A1", f"/handoffs/{handoff['handoff_id']}/close", 409)
    await floor.act("A1", f"/cases/{case['case_id']}/resolve", resolution="明早派送")
    refused = await floor.act("A1", f"/cases/{case['case_id']}/close", 409, confirmed=True)
    assert refused["code"] == "case-has-open-loops"
    await floor.act("A1", f"/cases/{case['case_id']}/customer-notices", 201, channel="phone", text="明早派送")
    closed = await floor.read(f"/handoffs/{handoff['handoff_id']}")
    assert (closed["state"], closed["outcome"]) == ("closed", "answered")
    await floor.act("A1", f"/cases/{case['case_id']}/close", confirmed=True)

    [accepted_event] = await floor.events(HandoffAccepted)
    assert (accepted_event.in_time, accepted_event.ack_seconds) == (True, 1200)
    [answered_event] = await floor.events(HandoffAnswered)
    assert (answered_event.in_time, answered_event.work_seconds) == (True, 7200)
    [over] = await floor.events(HandoffClosed)
    assert over.closed_loop is True
    [promise] = await floor.events(PromiseMade)
    assert (promise.promised_by, promise.handoff_id) == ("A1", over.handoff_id)
    assert [kept.in_time for kept in await floor.events(PromiseKept)] == [True]


async def test_a_silent_team_is_reminded_then_its_lead_and_the_duty_manager_then_it_goes_back(floor: Floor) -> None:
    case = await floor.case()
    handoff = await floor.handoff(case)
    await floor.at("2026-03-02T09:59:59")
    assert await floor.events(HandoffOverdue) == []
    await floor.at("2026-03-02T12:00:00")
    steps = await floor.events(HandoffOverdue)
    assert [(step.clock, step.step, step.told) for step in steps] == [
        ("acknowledgement", 1, ("receiver",)),
        ("acknowledgement", 2, ("lead", "duty_manager")),
    ]
    assert [step.overdue_at.isoformat()[11:16] for step in steps] == ["02:00", "02:30"]
    [back] = await floor.events(HandoffReturned)
    assert (back.why, back.returned_at.isoformat()[11:16]) == ("not_accepted", "03:00")
    found = await floor.read(f"/handoffs/{handoff['handoff_id']}")
    assert (found["state"], found["outcome"]) == ("returned", "returned")
    assert (await floor.read(f"/cases/{case['case_id']}"))["state"] == "in_progress"
    again = await floor.handoff(case)
    assert (again["hop"], again["previous_handoff_id"]) == (2, handoff["handoff_id"])
    assert len(await floor.events(HandoffRequested)) == 2


async def test_an_overdue_work_is_chased_and_escalated_until_it_is_answered(floor: Floor) -> None:
    case = await floor.case()
    handoff = await floor.handoff(case, work_days=1)
    await floor.act("B1", f"/handoffs/{handoff['handoff_id']}/accept")
    await floor.at("2026-03-04T09:00:00")
    steps = await floor.events(HandoffOverdue)
    assert [(step.clock, step.step, step.told) for step in steps] == [
        ("work", 1, ("receiver",)),
        ("work", 2, ("lead", "duty_manager")),
        ("work", 3, ("receiver", "lead", "duty_manager", "supervisor")),
    ]
    await floor.act("B1", f"/handoffs/{handoff['handoff_id']}/answer", answer="已找到包裹，今天派送")
    await floor.act("A1", f"/cases/{case['case_id']}/customer-notices", 201, channel="phone", text="今天派送")
    await floor.at("2026-03-09T18:00:00")
    assert len(await floor.events(HandoffOverdue)) == 3, "an answered hop is chased no more"
    [over] = await floor.events(HandoffClosed)
    assert (over.answered_in_time, over.closed_loop) == (False, False)


async def test_a_word_that_is_owed_is_chased_until_the_customer_was_told(floor: Floor) -> None:
    case = await floor.case()
    handoff = await floor.handoff(case)
    await floor.act("B1", f"/handoffs/{handoff['handoff_id']}/accept")
    await floor.act("B1", f"/handoffs/{handoff['handoff_id']}/answer", answer="已找到包裹")
    await floor.at("2026-03-02T15:00:00")
    [broken] = await floor.events(PromiseBroken)
    assert (broken.promised_by, broken.broken_at.isoformat()[11:16]) == ("A1", "03:00")
    [step, *_] = await floor.events(HandoffOverdue)
    assert (step.clock, step.told) == ("word", ("sender",))
    missed = (await floor.read(f"/cases/{case['case_id']}/missed-steps"))["steps"]
    assert {(one["step"], one["holder"]) for one in missed} == {("customer_not_told", "A1"), ("promise_not_kept", "A1")}
    await floor.act("A1", f"/cases/{case['case_id']}/customer-notices", 201, channel="phone", text="已找到")
    assert [kept.in_time for kept in await floor.events(PromiseKept)] == [False], "kept late is kept late"


async def test_to_be_named_is_not_to_have_accepted(floor: Floor) -> None:
    """Acceptance counted when merely assigned."""
    case = await floor.case()
    handoff = await floor.handoff(case, receiver="B1")
    assert (handoff["receiver"], handoff["state"], handoff["accepted_at"]) == ("B1", "requested", None)
    await floor.act("B1", f"/handoffs/{handoff['handoff_id']}/answer", 409, answer="做完了")
    await floor.at("2026-03-02T10:00:00")
    assert [step.clock for step in await floor.events(HandoffOverdue)] == ["acknowledgement"]
    assert await floor.events(HandoffAccepted) == []
    accepted = await floor.act("B2", f"/handoffs/{handoff['handoff_id']}/accept")
    assert accepted["receiver"] == "B2", "whoever takes it has it"


async def test_what_was_said_of_a_hop_is_never_rewritten(floor: Floor) -> None:
    """Hand-off time overwritten by a later save."""
    case = await floor.case()
    handoff = await floor.handoff(case)
    path = f"/handoffs/{handoff['handoff_id']}"
    await floor.wait(minutes=10)
    await floor.act("B1", f"{path}/accept")
    await floor.wait(minutes=10)
    again = await floor.act("B1", f"{path}/accept")
    await floor.act("B2", f"{path}/accept", 409)
    await floor.act("B1", f"{path}/progress", note="仓库已在找")
    found = await floor.read(path)
    assert found["accepted_at"] == again["accepted_at"] == "2026-03-02T01:10:00Z"
    assert (found["requested_at"], found["ack_due_at"]) == (handoff["requested_at"], handoff["ack_due_at"])
    assert [step["what"] for step in found["history"]] == ["requested", "accepted", "progressed"]
    for change in ("accepted_at = now()", "requested_at = now()", "history = '[]'", "request = 'x'"):
        async with floor.database.work() as work:
            with pytest.raises(DBAPIError, match="stays as it was said"):
                await work.conn.execute(text(f"UPDATE cases.handoffs SET {change}"))


async def test_a_team_that_was_asked_before_is_asked_anew_with_clocks_of_its_own(floor: Floor) -> None:
    """The same team handed back to."""
    case = await floor.case()
    first = await floor.handoff(case)
    await floor.act("B1", f"/handoffs/{first['handoff_id']}/accept")
    await floor.wait(hours=1)
    await floor.act("B1", f"/handoffs/{first['handoff_id']}/return", note="单号不对，请核实")
    await floor.wait(hours=1)
    other = await floor.handoff(case, "T3")
    await floor.act("C1", f"/handoffs/{other['handoff_id']}/refuse", reason="不归财务管")
    await floor.wait(hours=1)
    again = await floor.handoff(case)
    assert (again["hop"], again["requested_at"], again["ack_due_at"]) == (
        3,
        "2026-03-02T04:00:00Z",
        "2026-03-02T05:00:00Z",
    )
    await floor.act("B1", f"/handoffs/{again['handoff_id']}/accept")
    await floor.wait(hours=1)
    hops = await floor.read(f"/cases/{case['case_id']}/hops")
    told = [(one["what"], one["hop"], one["seconds"] / 3600) for one in hops["stretches"]]
    assert told == [("worked", 1, 1), ("own", None, 2), ("worked", 3, 1)]
    assert sum(one["seconds"] for one in hops["stretches"]) == hops["age_seconds"]
    back = [(one.outcome, one.hop) for one in await floor.events(HandoffClosed)]
    assert back == [("returned", 1), ("refused", 2)]


async def test_who_may_say_what(floor: Floor) -> None:
    case = await floor.case()
    own = await floor.handoff(case, "T1", status=422)
    assert own["errors"][0]["code"] == "handoff-to-own-team"
    unknown = await floor.handoff(case, "T9", status=422)
    assert unknown["errors"][0]["code"] == "team-unknown"
    handoff = await floor.handoff(case)
    twice = await floor.handoff(case, "T3", status=409)
    assert (twice["code"], twice["handoff_id"]) == ("handoff-open", handoff["handoff_id"])
    path = f"/handoffs/{handoff['handoff_id']}"
    assert (await floor.act("A1", f"{path}/accept", 403))["code"] == "handoff-not-for-you"
    await floor.act("C1", f"{path}/accept", 404)
    await floor.act("B1", f"{path}/withdraw", 403)
    await floor.act("B1", f"/cases/{case['case_id']}/resolve", 403, resolution="不是我的")
    seen = said(await floor.person("B1").get(f"/cases/v1/cases/{case['case_id']}"))
    assert seen["owner"] == "A1", "the asked team sees the case"
    assert said(await floor.person("C1").get("/cases/v1/handoffs"))["items"] == []
    [mine] = said(await floor.person("B1").get("/cases/v1/handoffs?state=requested&team=T2"))["items"]
    assert mine["handoff_id"] == handoff["handoff_id"]
    withdrawn = await floor.act("A1", f"{path}/withdraw", reason="客户自己找到了")
    assert withdrawn["state"] == "withdrawn"
    assert (await floor.act("B1", f"{path}/accept", 409))["code"] == "handoff-withdrawn"
    [over] = await floor.events(HandoffClosed)
    assert (over.outcome, over.closed_loop) == ("withdrawn", None)


@pytest.mark.parametrize("channel", ["phone", "chat", "email"])
async def test_a_partner_outside_the_system_is_chased_alike_and_its_replies_are_recorded(
    floor: Floor, channel: str
) -> None:
    partner = {"code": "EXPRESS", "name": "顺达快递", "channel": "phone", "contact": "调度王工"}
    said(await floor.manager.post("/cases/v1/partners", json=partner), 201)
    taken = await floor.manager.post("/cases/v1/partners", json=partner | {"code": "T2"})
    assert said(taken, 409)["code"] == "partner-code-taken"
    case = await floor.case()
    wrong = await floor.handoff(case, "EXPRESS", status=422, channel="system")
    assert wrong["errors"][0]["code"] == "partner-outside-system"
    handoff = await floor.handoff(case, "EXPRESS", channel=channel)
    assert (handoff["external"], handoff["channel"]) == (True, channel)
    path = f"/handoffs/{handoff['handoff_id']}"
    await floor.at("2026-03-02T10:05:00")
    assert [(step.clock, step.told) for step in await floor.events(HandoffOverdue)] == [
        ("acknowledgement", ("sender",))
    ]
    assert (await floor.act("A1", f"{path}/accept", 422))["errors"][0]["code"] == "reply-needs-who"
    early = await floor.act("A1", f"{path}/accept", 422, by="王工", at="2026-03-01T10:00:00+08:00")
    assert early["errors"][0]["code"] == "reply-time-impossible"
    accepted = await floor.act("A1", f"{path}/accept", by="王工", at="2026-03-02T10:01:00+08:00", note="下午去找")
    assert (accepted["receiver"], accepted["accepted_at"]) == ("王工", "2026-03-02T02:01:00Z")
    assert accepted["history"][-1]["details"]["recorded_by"] == "A1"
    answered = await floor.act("A1", f"{path}/answer", by="王工", answer="包裹在站点，明早送")
    assert (answered["state"], answered["answer"]) == ("answered", "包裹在站点，明早送")


async def test_confirming_on_notifys_link_accepts_and_opening_does_not(floor: Floor) -> None:
    case = await floor.case()
    handoff = await floor.handoff(case)
    about = {
        "acknowledgement_id": new_id(),
        "subject_type": "cases.handoff",
        "subject_id": UUID(handoff["handoff_id"]),
        "staff_no": "L2",
        "channel": "link",
    }
    await floor.hear(AcknowledgementOpened(**about, opened_at=floor.clock.now()))
    assert (await floor.read(f"/handoffs/{handoff['handoff_id']}"))["state"] == "requested"
    await floor.wait(minutes=5)
    given = AcknowledgementGiven(**about, shown="…", answered_at=floor.clock.now())
    await floor.hear(given)
    await floor.hear(given)
    found = await floor.read(f"/handoffs/{handoff['handoff_id']}")
    assert (found["state"], found["receiver"], found["receiver_name"]) == ("accepted", "L2", "罗主任")
    assert [step["what"] for step in found["history"]] == ["requested", "opened", "accepted", "answered_too_late"]


async def test_refusing_on_notifys_link_refuses_with_the_reason(floor: Floor) -> None:
    case = await floor.case()
    handoff = await floor.handoff(case)
    await floor.hear(
        AcknowledgementRefused(
            acknowledgement_id=new_id(),
            subject_type="cases.handoff",
            subject_id=UUID(handoff["handoff_id"]),
            staff_no="L2",
            channel="link",
            reason="不是我们的件",
            shown="…",
            answered_at=floor.clock.now(),
        )
    )
    [no] = await floor.events(HandoffRefused)
    assert (no.refused_by, no.refusal) == ("L2", "不是我们的件")
    assert (await floor.read(f"/cases/{case['case_id']}"))["state"] == "in_progress"


async def test_no_phone_number_of_a_customer_leaves_in_an_event(floor: Floor) -> None:
    case = await floor.case()
    handoff = await floor.handoff(case, reason="客户 13800138000 催", request="请联系 13800138000")
    path = f"/handoffs/{handoff['handoff_id']}"
    await floor.act("B1", f"{path}/accept")
    await floor.act("B1", f"{path}/progress", note="已打 13800138000")
    await floor.act("B1", f"{path}/answer", answer="13800138000 已接通")
    outbox = floor.database.kernel.outbox
    async with floor.database.reading() as conn:
        bodies = [body for (body,) in await conn.execute(select(outbox.c.body))]
    assert bodies
    assert not [body for body in bodies if b"13800138000" in body]
    assert (await floor.read(path))["request"] == "请联系 13800138000", "whoever acts on it sees it"


async def test_whoever_has_the_case_now_hears_of_a_return(floor: Floor) -> None:
    case = await floor.case()
    await floor.handoff(case)
    said(
        await floor.person("L1").post(
            f"/cases/v1/cases/{case['case_id']}/transfer", json={"to": "A2", "reason_code": "shift_end"}
        )
    )
    await floor.at("2026-03-02T12:00:00")
    [back] = await floor.events(HandoffReturned)
    assert (back.sender, back.sender_name, back.owner) == ("A2", "周启明", "A2")
