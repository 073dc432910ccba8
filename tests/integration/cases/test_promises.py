"""Promises and progress requests over HTTP."""

from __future__ import annotations

from shared.contracts.cases import (
    HandoffOverdue,
    ProgressAnswered,
    ProgressRequested,
    PromiseBroken,
    PromiseKept,
    PromiseMade,
)
from tests.integration.cases.handoff_floor import Floor, said


async def test_a_promise_is_kept_with_the_contact_that_kept_it(floor: Floor) -> None:
    case = await floor.case()
    promise = await floor.act(
        "A1", f"/cases/{case['case_id']}/promises", 201, due_at="2026-03-02T15:00:00+08:00", text="15点前回电"
    )
    assert (promise["promised_by"], promise["state"]) == ("A1", "open")
    contact = said(
        await floor.manager.post(
            "/cases/v1/contacts", json={"channel": "phone", "queued_at": "2026-03-02T14:00:00+08:00"}
        ),
        201,
    )["contact"]
    await floor.at("2026-03-02T14:10:00")
    kept = await floor.act("A1", f"/promises/{promise['promise_id']}/keep", contact_id=contact["contact_id"])
    assert (kept["state"], kept["contact_id"]) == ("kept", contact["contact_id"])
    [event] = await floor.events(PromiseKept)
    assert event.in_time is True
    again = await floor.act("A1", f"/promises/{promise['promise_id']}/keep")
    assert again["version"] == kept["version"]
    await floor.act("A1", f"/promises/{promise['promise_id']}/cancel", 409, reason="不必了")


async def test_a_promise_warns_breaks_by_time_and_blocks_closing_while_it_is_open(floor: Floor) -> None:
    case = await floor.case()
    promise = await floor.act(
        "A1", f"/cases/{case['case_id']}/promises", 201, due_at="2026-03-02T13:00:00+08:00", text="回电"
    )
    await floor.act("A1", f"/cases/{case['case_id']}/resolve", resolution="好了")
    await floor.act("A1", f"/cases/{case['case_id']}/customer-notices", 201, channel="phone", text="好了")
    blocked = await floor.act("A1", f"/cases/{case['case_id']}/close", 409, confirmed=True)
    assert blocked["open_loops"] == {"promises": 1}
    await floor.at("2026-03-02T12:00:00")
    assert (await floor.read(f"/promises/{promise['promise_id']}"))["warned_at"] == "2026-03-02T04:00:00Z"
    assert await floor.events(PromiseBroken) == []
    await floor.at("2026-03-02T13:00:00")
    [broken] = await floor.events(PromiseBroken)
    assert broken.due_at == broken.broken_at
    await floor.act("A1", f"/cases/{case['case_id']}/close", confirmed=True)


async def test_a_promise_in_the_past_is_refused_and_one_can_be_taken_back_with_a_reason(floor: Floor) -> None:
    case = await floor.case()
    path = f"/cases/{case['case_id']}/promises"
    past = await floor.act("A1", path, 422, due_at="2026-03-02T08:59:00+08:00", text="回电")
    assert past["code"] == "promise-in-the-past"
    await floor.act("A1", path, 422, due_at="2026-03-02T15:00:00", text="没有时区")
    made = await floor.act("A1", path, 201, due_at="2026-03-03T15:00:00+08:00", text="回电", owner="A2")
    assert made["promised_by_name"] == "周启明"
    await floor.act("A1", f"/promises/{made['promise_id']}/cancel", 422)
    cancelled = await floor.act("A1", f"/promises/{made['promise_id']}/cancel", reason="客户已来电")
    assert (cancelled["state"], cancelled["why"]) == ("cancelled", "客户已来电")
    await floor.act("C1", f"/promises/{made['promise_id']}/keep", 404)


async def test_a_customer_who_asks_again_gets_to_know_where_it_stands(floor: Floor) -> None:
    case = await floor.case()
    handoff = await floor.handoff(case)
    await floor.act("B1", f"/handoffs/{handoff['handoff_id']}/accept")
    await floor.at("2026-03-03T10:00:00")
    asked = await floor.act("A1", f"/cases/{case['case_id']}/progress-requests", 201, request="客户又来问了")
    assert (asked["nth"], asked["handler"], asked["due_at"]) == (1, "B1", "2026-03-03T04:00:00Z")
    path = f"/progress-requests/{asked['progress_id']}/answer"
    eta = "2026-03-04T15:00:00+08:00"
    for empty in ("请耐心等待", "正在处理中，请稍等，谢谢！", "Please wait, we are working on it."):
        problem = await floor.act("B1", path, 422, standing=empty, eta_at=eta)
        assert problem["code"] == "please-wait-is-no-answer"
        assert problem["errors"][0]["field"] == "standing"
    late = await floor.act("B1", path, 422, standing="已定位到浦东站点", eta_at="2026-03-03T09:00:00+08:00")
    assert late["errors"][0]["code"] == "eta-in-the-past"
    assert (await floor.act("A1", path, 403, standing="已定位到浦东站点", eta_at=eta))["code"] == "handoff-not-for-you"
    answered = await floor.act("B1", path, standing="已定位到浦东站点", eta_at=eta)
    assert answered["state"] == "answered"
    [told] = await floor.events(ProgressAnswered)
    assert told.in_time is True
    [promise] = await floor.events(PromiseMade)
    assert (promise.promise_id, promise.promised_by, promise.text) == (told.promise_id, "A1", "已定位到浦东站点")
    await floor.act("A1", f"/promises/{promise.promise_id}/cancel", 409, reason="算了")
    await floor.act("A1", f"/cases/{case['case_id']}/customer-notices", 201, channel="phone", text="明天下午到")
    assert (await floor.read(f"/promises/{promise.promise_id}"))["state"] == "kept"
    assert (await floor.read(f"/handoffs/{handoff['handoff_id']}"))["state"] == "accepted", "the work goes on"


async def test_silence_on_a_progress_request_escalates_again_and_again(floor: Floor) -> None:
    case = await floor.case()
    handoff = await floor.handoff(case)
    await floor.act("B1", f"/handoffs/{handoff['handoff_id']}/accept")
    await floor.act("A1", f"/cases/{case['case_id']}/progress-requests", 201, request="客户催")
    await floor.at("2026-03-02T13:30:00")
    steps = [(step.clock, step.step, step.told) for step in await floor.events(HandoffOverdue)]
    assert steps == [("progress", 1, ("receiver", "lead")), ("progress", 2, ("lead", "duty_manager"))]
    missed = (await floor.read(f"/cases/{case['case_id']}/missed-steps"))["steps"]
    assert [(one["step"], one["holder"], one["team_name"]) for one in missed] == [
        ("progress_not_answered", "B1", "物流部")
    ]
    await floor.act("B1", f"/handoffs/{handoff['handoff_id']}/answer", answer="已找到包裹，明早送")
    [overtaken] = (await floor.read(f"/progress-requests?case_id={case['case_id']}"))["items"]
    assert overtaken["state"] == "overtaken"


async def test_nobody_is_asked_where_it_stands_while_no_team_is_at_work(floor: Floor) -> None:
    case = await floor.case()
    answer = await floor.act("A1", f"/cases/{case['case_id']}/progress-requests", 409, request="?")
    assert answer["code"] == "progress-nobody-asked"


async def test_the_same_matter_again_during_a_handoff_asks_the_handler_by_itself(floor: Floor) -> None:
    said(await floor.manager.post("/cases/v1/topics", json={"code": "parcel", "name": "包裹"}), 201)
    case = await floor.case(topic="parcel")
    handoff = await floor.handoff(case)
    body = {"type": "consult", "topic": "parcel", "customer_id": case["customer_id"], "subject": "还没到"}
    again = await floor.act("A2", "/cases", 201, **body)
    assert (again["outcome"], again["case_id"]) == ("linked", case["case_id"])
    [asked] = await floor.events(ProgressRequested)
    assert (str(asked.handoff_id), asked.nth) == (handoff["handoff_id"], 1)
    assert (await floor.read(f"/cases/{case['case_id']}/missed-steps"))["steps"] == []
