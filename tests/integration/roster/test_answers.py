"""Answers to shift changes: over HTTP, through notify's events, by silence, and what supervisors decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from services.roster.consumers import HANDLERS
from shared.contracts.notify import (
    AcknowledgementGiven,
    AcknowledgementOpened,
    AcknowledgementRefused,
    MessageDelivered,
    MessageFailed,
)
from shared.contracts.routes import HEARS
from shared.platform.ids import new_id
from tests.conftest import START, ManualClock
from tests.integration.roster.centre import Centre, day

Change = dict[str, Any]


@pytest.fixture
async def roster_id(centre: Centre) -> str:
    """A published month that everybody confirmed: early from tomorrow on."""
    made = await centre.roster(5)
    await plan(centre, made)
    for change in (await centre.publish(made))["changes"].values():
        await centre.confirm(change)
    return made


@pytest.fixture
async def change(centre: Centre, roster_id: str) -> Change:
    """A001 is asked to work late tomorrow."""
    await plan(centre, roster_id, "晚")
    return dict((await centre.publish(roster_id))["changes"]["A001"])


async def plan(centre: Centre, roster_id: str, tomorrow: str = "早") -> None:
    lines = {staff_no: {day(number): "早" for number in range(1, 5)} for staff_no in ("A001", "A002")}
    lines["A001"][day(1)] = tomorrow
    await centre.draft(roster_id, lines)


async def answer(
    centre: Centre, change: Change, verb: str, *, status: int = 200, by: Any = None, **body: Any
) -> Change:
    path = f"/shift-changes/{change['change_id']}/{verb}"
    return await centre.ask("POST", path, status=status, by=by or centre.agent("A001"), json=body)


def about(change: Change, **more: Any) -> dict[str, Any]:
    return {
        "acknowledgement_id": new_id(),
        "subject_type": "roster.shift_change",
        "subject_id": UUID(change["change_id"]),
        "staff_no": change["staff_no"],
        **more,
    }


def given(change: Change, **more: Any) -> AcknowledgementGiven:
    return AcknowledgementGiven(**about(change, channel="link", shown="周二 晚班", answered_at=START, **more))


async def sides(centre: Centre) -> tuple[str, str]:
    shift = await centre.shift("A001", day(1))
    return shift["planned"]["code"], shift["accountable"]["code"]


async def test_what_is_heard_is_what_the_routes_say() -> None:
    assert {event.type for event in HANDLERS} == set(HEARS["roster"])


async def test_until_confirmed_the_agent_answers_for_what_they_had(centre: Centre, change: Change) -> None:
    assert await sides(centre) == ("晚", "早")
    why = (await centre.shift("A001", day(1)))["why"]
    assert (why["change_id"], why["state"]) == (change["change_id"], "pending")
    after = await answer(centre, change, "confirm", channel="link")
    assert (after["state"], after["answer"]["channel"]) == ("confirmed", "link")
    assert await sides(centre) == ("晚", "晚")
    assert (await centre.told())[-1][0] == "roster.shift_change.confirmed.v1"


async def test_the_same_answer_again_is_the_same_answer(centre: Centre, change: Change) -> None:
    first = await answer(centre, change, "confirm", channel="console")
    assert await answer(centre, change, "confirm", channel="console") == first
    assert [type_ for type_, _ in await centre.told()].count("roster.shift_change.confirmed.v1") == 3
    other = await answer(centre, change, "refuse", status=409, reason="不行")
    assert other["code"] == "change-already-answered"


async def test_a_refusal_needs_a_reason_and_moves_nothing(centre: Centre, change: Change) -> None:
    await answer(centre, change, "refuse", status=422)
    first = await answer(centre, change, "refuse", reason="孩子生病")
    assert (first["state"], first["answer"]["note"]) == ("refused", "孩子生病")
    assert await answer(centre, change, "refuse", reason="孩子生病") == first
    assert await sides(centre) == ("晚", "早")
    assert (await centre.told())[-1][1]["reason"] == "孩子生病"


async def test_silence_expires_at_the_deadline_and_not_before(
    centre: Centre, change: Change, clock: ManualClock
) -> None:
    worker = centre.worker()
    clock.move_to(START + timedelta(hours=11, minutes=59))
    await worker.fire_due()
    assert (await centre.change(change["change_id"]))["state"] == "pending"
    clock.move_to(START + timedelta(hours=12))
    await worker.fire_due()
    assert (await centre.change(change["change_id"]))["state"] == "expired"
    assert (await centre.told())[-1][0] == "roster.shift_change.expired.v1"
    assert (await answer(centre, change, "confirm", status=409, channel="link"))["code"] == "change-expired"


async def test_an_answered_change_does_not_expire(centre: Centre, change: Change, clock: ManualClock) -> None:
    await answer(centre, change, "confirm", channel="link")
    clock.move_to(START + timedelta(hours=13))
    await centre.worker().fire_due()
    assert (await centre.change(change["change_id"]))["state"] == "confirmed"


async def test_a_superseded_question_is_answered_with_what_holds_now(
    centre: Centre, roster_id: str, change: Change
) -> None:
    await plan(centre, roster_id, "休")
    newer = (await centre.publish(roster_id))["changes"]["A001"]
    for verb, body in (("confirm", {"channel": "link"}), ("refuse", {"reason": "x"})):
        problem = await answer(centre, change, verb, status=409, **body)
        assert problem["code"] == "change-superseded"
        assert problem["current_change"]["change_id"] == newer["change_id"]
        shifts = {shift["on"]: shift for shift in problem["shifts"]}
        assert shifts[day(1)]["planned"]["code"] == "休"
    assert await sides(centre) == ("休", "早")


async def test_an_agent_answers_only_for_themselves_and_a_lead_records_a_call(centre: Centre, change: Change) -> None:
    other = await answer(centre, change, "confirm", status=403, by=centre.agent("A002"), channel="link")
    assert other["code"] == "not-yours"
    lead = centre.api.as_("lead", staff_no="L001")
    for body, code in (
        ({"channel": "console"}, "answer-is-the-agents"),
        ({"channel": "phone"}, "phone-needs-a-note"),
    ):
        assert (await answer(centre, change, "confirm", status=422, by=lead, **body))["code"] == code
    own = await answer(centre, change, "confirm", status=422, channel="phone", note="x")
    assert own["code"] == "phone-needs-a-lead"
    done = await answer(centre, change, "confirm", by=lead, channel="phone", note="10:05 电话确认")
    assert (done["answer"]["by"], done["answer"]["note"]) == ("L001", "10:05 电话确认")


async def test_the_board_is_filtered_and_shows_each_their_own(centre: Centre, change: Change) -> None:
    open_ones = await centre.get("/shift-changes", state="pending", team="T1")
    assert [one["change_id"] for one in open_ones["items"]] == [change["change_id"]]
    both = await centre.ask("GET", "/shift-changes?state=pending&state=confirmed&agent=A001")
    assert len(both["items"]) == 2
    assert (await centre.get("/shift-changes", agent="A002"))["items"][0]["staff_no"] == "A002"
    mine = await centre.ask("GET", "/shift-changes", by=centre.agent("A002"))
    assert {one["staff_no"] for one in mine["items"]} == {"A002"}
    path = f"/shift-changes/{change['change_id']}"
    await centre.ask("GET", path, status=403, by=centre.agent("A002"))
    assert (await centre.ask("GET", path, by=centre.agent("A001")))["diff_hash"]


async def test_opened_in_notify_is_seen_and_is_no_answer(centre: Centre, change: Change) -> None:
    message = {"message_id": new_id(), "staff_no": "A001", "channel": "inbox", "template": "x"}
    subject = {"subject_type": "roster.shift_change", "subject_id": UUID(change["change_id"])}
    await centre.hear(MessageFailed(**message, **subject, reason="no such user", failed_at=START))
    assert (await centre.change(change["change_id"]))["state"] == "pending"
    await centre.hear(MessageDelivered(**message, **subject, level="delivered", delivered_at=START))
    assert (await centre.change(change["change_id"]))["state"] == "notified"
    await centre.hear(AcknowledgementOpened(**about(change, channel="link", opened_at=START)))
    opened = await centre.change(change["change_id"])
    assert (opened["state"], [step["what"] for step in opened["history"]]) == (
        "opened",
        ["failed", "delivered", "opened"],
    )
    assert await sides(centre) == ("晚", "早")


async def test_a_yes_given_in_notify_confirms_with_the_text_that_was_shown(centre: Centre, change: Change) -> None:
    await centre.hear(given(change))
    after = await centre.change(change["change_id"])
    assert (after["state"], after["answer"]["shown"]) == ("confirmed", "周二 晚班")
    assert await sides(centre) == ("晚", "晚")


async def test_a_no_given_in_notify_refuses(centre: Centre, change: Change) -> None:
    refused = about(change, channel="link", reason="不行", shown="x", answered_at=START)
    await centre.hear(AcknowledgementRefused(**refused))
    assert (await centre.change(change["change_id"]))["state"] == "refused"


async def test_an_answer_to_a_replaced_question_is_kept_and_changes_nothing(
    centre: Centre, roster_id: str, change: Change
) -> None:
    await plan(centre, roster_id, "休")
    await centre.publish(roster_id)
    told = len(await centre.told())
    await centre.hear(given(change))
    late = about(change, channel="link", reason="不行", shown="x", answered_at=START)
    await centre.hear(AcknowledgementRefused(**late))
    after = await centre.change(change["change_id"])
    assert after["state"] == "superseded"
    assert [step["details"]["said"] for step in after["history"][-2:]] == ["confirmed", "refused"]
    assert len(await centre.told()) == told
    assert await sides(centre) == ("休", "早")


async def test_somebody_elses_answer_and_other_subjects_are_not_taken(centre: Centre, change: Change) -> None:
    await centre.hear(given(change | {"staff_no": "A002"}))
    await centre.hear(given(change | {"change_id": str(new_id())}))
    await centre.hear(replace(given(change), subject_type="cases.handoff"))
    assert (await centre.change(change["change_id"]))["state"] == "pending"


async def test_insisting_keeps_the_plan_and_what_the_agent_answers_for(centre: Centre, change: Change) -> None:
    await answer(centre, change, "refuse", reason="不行")
    done = await answer(centre, change, "resolve", by=centre.supervisor, action="insist", reason="没有人手")
    assert (done["state"], done["resolution"]["action"]) == ("refused", "insist")
    assert await sides(centre) == ("晚", "早")
    assert (await answer(centre, change, "confirm", channel="console"))["state"] == "confirmed"
    assert await sides(centre) == ("晚", "晚")


@pytest.mark.parametrize(("action", "state"), [("withdraw", "withdrawn"), ("reassign", "refused")])
async def test_giving_way_plans_what_the_agent_had_and_mends_the_draft(
    centre: Centre, roster_id: str, change: Change, action: str, state: str
) -> None:
    await answer(centre, change, "refuse", reason="不行")
    done = await answer(centre, change, "resolve", by=centre.supervisor, action=action, reason="换人")
    assert (done["state"], done["resolution"]["action"]) == (state, action)
    assert await sides(centre) == ("早", "早")
    lines = (await centre.get(f"/rosters/{roster_id}/draft"))["lines"]
    assert lines[0]["cells"][day(1)] == "早"
    told = [type_ for type_, _ in await centre.told()]
    assert told[-2:] == [
        *(["roster.shift_change.resolved.v1", "roster.shift_change.withdrawn.v1"] if action == "withdraw" else []),
        *(["roster.shift_change.refused.v1", "roster.shift_change.resolved.v1"] if action == "reassign" else []),
    ]
    assert (await centre.publish(roster_id))["changes"] == {}
    again = await answer(centre, change, "resolve", status=409, by=centre.supervisor, action="insist", reason="x")
    assert again["code"] == "change-not-to-resolve"


@pytest.mark.parametrize("action", ["insist", "withdraw", "reassign"])
async def test_a_resolution_may_be_named_by_its_own_word(centre: Centre, change: Change, action: str) -> None:
    await answer(centre, change, "refuse", reason="不行")
    resolve = partial(answer, centre, change, "resolve", by=centre.supervisor, reason="换人")
    both = await resolve(status=422, insist=True, withdraw=True)
    assert {error["field"] for error in both["errors"]} == {"action", "insist", "withdraw"}
    assert (await resolve(status=409, reassign="A002"))["code"] == "substitute-unfit"
    assert (await resolve(**{action: True}))["resolution"]["action"] == action


async def test_an_open_question_can_be_withdrawn_but_not_insisted_on(centre: Centre, change: Change) -> None:
    early = await answer(centre, change, "resolve", status=409, by=centre.supervisor, action="insist", reason="x")
    assert early["code"] == "change-not-to-resolve"
    await answer(centre, change, "resolve", status=403, by=centre.agent("A001"), action="withdraw", reason="x")
    done = await answer(centre, change, "resolve", by=centre.supervisor, action="withdraw", reason="发错了")
    assert done["state"] == "withdrawn"
    assert (await answer(centre, change, "confirm", status=409, channel="link"))["code"] == "change-withdrawn"


async def test_a_refused_change_is_closed_by_asking_anew(centre: Centre, roster_id: str, change: Change) -> None:
    await answer(centre, change, "refuse", reason="不行")
    await plan(centre, roster_id, "休")
    await centre.publish(roster_id)
    after = await centre.change(change["change_id"])
    assert (after["state"], after["resolution"]["action"]) == ("refused", "republished")


async def test_a_confirmed_change_stays_confirmed_history_and_asks_again_when_republished_differently(
    centre: Centre, roster_id: str, change: Change
) -> None:
    await answer(centre, change, "confirm", channel="console")
    confirmed = await centre.change(change["change_id"])
    await plan(centre, roster_id, "夜")
    anew = (await centre.publish(roster_id))["changes"]["A001"]
    assert anew["change_id"] != change["change_id"]
    assert await centre.change(change["change_id"]) == confirmed
    [day_change] = (await centre.change(anew["change_id"]))["days"]
    assert (day_change["before"]["code"], day_change["after"]["code"]) == ("晚", "夜")
    assert await sides(centre) == ("夜", "晚")


@pytest.mark.parametrize("channel", ["link", "console", "chat"])
async def test_an_agent_answers_by_link_console_or_chat_and_the_channel_is_kept(
    centre: Centre, change: Change, channel: str
) -> None:
    await answer(centre, change, "confirm", channel=channel)
    assert (await centre.change(change["change_id"]))["answer"]["channel"] == channel


async def test_only_a_lead_records_an_answer_given_by_phone_and_with_a_note(centre: Centre, change: Change) -> None:
    lead = centre.api.as_("lead", staff_no="L001")
    assert (await answer(centre, change, "confirm", status=422, channel="phone"))["code"] == "phone-needs-a-lead"
    bare = await answer(centre, change, "confirm", status=422, by=lead, channel="phone")
    assert bare["code"] == "phone-needs-a-note"
    kept = (await answer(centre, change, "confirm", by=lead, channel="phone", note="10:05 电话确认"))["answer"]
    assert (kept["channel"], kept["by"], kept["note"]) == ("phone", "L001", "10:05 电话确认")
