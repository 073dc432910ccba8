"""Hand-offs over HTTP."""

from __future__ import annotations

import pytest

from shared.contracts.cases import (
    HandoffAccepted,
    HandoffAnswered,
    HandoffClosed,
    HandoffOverdue,
    HandoffRequested,
    HandoffReturned,
    PromiseKept,
    PromiseMade,
)
from shared.platform.work import Database
from tests.conftest import Api, ManualClock
from tests.integration.cases.handoff_floor import Floor


@pytest.fixture
async def floor(api: Api, database: Database, clock: ManualClock) -> Floor:
    floor = Floor(api, database, clock)
    await floor.open()
    return floor


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

    await floor.after(minutes=20)
    accepted = await floor.act("B1", f"/handoffs/{handoff['handoff_id']}/accept")
    assert (accepted["state"], accepted["receiver"]) == ("accepted", "B1")
    assert (await floor.read(f"/cases/{case['case_id']}"))["owner"] == "A1", "the sender keeps the case"

    await floor.after(hours=2)
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

    [accepted_event] = await floor.told(HandoffAccepted)
    assert (accepted_event.in_time, accepted_event.ack_seconds) == (True, 1200)
    [answered_event] = await floor.told(HandoffAnswered)
    assert (answered_event.in_time, answered_event.work_seconds) == (True, 7200)
    [over] = await floor.told(HandoffClosed)
    assert over.closed_loop is True
    [promise] = await floor.told(PromiseMade)
    assert (promise.promised_by, promise.handoff_id) == ("A1", over.handoff_id)
    assert [kept.in_time for kept in await floor.told(PromiseKept)] == [True]


async def test_a_silent_team_is_reminded_then_its_lead_and_the_duty_manager_then_it_goes_back(floor: Floor) -> None:
    case = await floor.case()
    handoff = await floor.handoff(case)
    await floor.at("2026-03-02T09:59:59")
    assert await floor.told(HandoffOverdue) == []
    await floor.at("2026-03-02T12:00:00")
    steps = await floor.told(HandoffOverdue)
    assert [(step.clock, step.step, step.told) for step in steps] == [
        ("acknowledgement", 1, ("receiver",)),
        ("acknowledgement", 2, ("lead", "duty_manager")),
    ]
    assert [step.overdue_at.isoformat()[11:16] for step in steps] == ["02:00", "02:30"]
    [back] = await floor.told(HandoffReturned)
    assert (back.why, back.returned_at.isoformat()[11:16]) == ("not_accepted", "03:00")
    found = await floor.read(f"/handoffs/{handoff['handoff_id']}")
    assert (found["state"], found["outcome"]) == ("returned", "returned")
    assert (await floor.read(f"/cases/{case['case_id']}"))["state"] == "in_progress"
    again = await floor.handoff(case)
    assert (again["hop"], again["previous_handoff_id"]) == (2, handoff["handoff_id"])
    assert len(await floor.told(HandoffRequested)) == 2
