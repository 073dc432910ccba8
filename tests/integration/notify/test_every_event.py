"""Every event that notify has a policy for reaches somebody, by the text that its policy names."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.notify.domain.families import ASKED, BROADCAST, ENDINGS
from services.notify.domain.shipped import SHIPPED
from shared.contracts.cases import NoticeField
from shared.contracts.event import EVENTS, Envelope, Event
from shared.contracts.roster import DutyAssigned
from shared.platform.codec import decode, encode
from shared.platform.ids import new_id, stable_id
from shared.platform.transport import Delivery, Outcome
from tests.conftest import START
from tests.integration.notify.conftest import LEAD, TEAM_ID, Centre, a_team, an_agent

EXAMPLES = Path(__file__).parents[3] / "shared/contracts/examples"
OF_OTHERS = sorted(set(SHIPPED) - {BROADCAST})
MANAGER, DUTY = "M001", "D001"


def example(event_type: str) -> Envelope:
    return decode(sorted((EXAMPLES / event_type).glob("*.json"))[0].read_bytes())


def here(event: Event) -> Event:
    """The event, in a team that this centre knows, now, and of today's matters."""
    changes: dict[str, Any] = {}
    for field in fields(event):
        value = getattr(event, field.name)
        if field.name.endswith("team_id"):
            changes[field.name] = TEAM_ID
        elif field.name == "team_ids":
            changes[field.name] = (TEAM_ID,)
        elif field.name in ("historic", "by_change_id"):
            changes[field.name] = False if field.name == "historic" else None
        elif field.name in ("ack_due_at", "due_at", "ack_by", "confirm_by") and value is not None:
            changes[field.name] = START + timedelta(hours=2)
        elif field.name in ("requested_at", "announced_at", "made_at", "raised_at", "detected_at", "updated_at"):
            changes[field.name] = START if field.name != "made_at" else START - timedelta(hours=1)
    return replace(event, **changes)


async def on_duty(centre: Centre) -> None:
    duty = DutyAssigned(
        duty_id=stable_id("duty"),
        team_id=None,
        team_code=None,
        team_name=None,
        zone="Asia/Shanghai",
        agent_id=stable_id("agent", DUTY),
        staff_no=DUTY,
        name="赵值班",
        starts_at=START - timedelta(hours=1),
        ends_at=START + timedelta(hours=11),
        reason="handover",
        assigned_at=START,
    )
    await centre.hear(an_agent(MANAGER, roles=("manager",)))
    await centre.hear(an_agent(DUTY, roles=("lead",)))
    await centre.hear(duty)
    await centre.settle()


@pytest.mark.parametrize("event_type", OF_OTHERS)
async def test_an_event_reaches_those_its_policy_names(centre: Centre, event_type: str) -> None:
    await on_duty(centre)
    before = {message["message_id"] for message in await centre.messages()}
    event = here(example(event_type).data)
    if "shift_change" in event_type and event_type in ENDINGS:
        announced = here(example("roster.shift_change.announced.v1").data)
        await centre.hear(replace(announced, **{announced.subject_field: event.subject}), 1)  # type: ignore[arg-type]
    await centre.hear(event, 2)
    await centre.move_to(START + timedelta(hours=1, minutes=58))
    messages = [one for one in await centre.messages() if one["message_id"] not in before]
    assert {one["template"] for one in messages} & set(SHIPPED[event_type].templates), messages
    for message in messages:
        assert "{" not in message["title"] + message["text"]
        assert message["title"]
    questions = (await centre.manager.get("/notify/v1/acknowledgements", params={"limit": "200"})).json()["items"]
    asked = [one for one in questions if UUID(one["subject_id"]) == event.subject]
    if event_type in ASKED:
        assert {one["subject_type"] for one in asked} == {ASKED[event_type].subject_type}
    watch = (await centre.manager.get("/notify/v1/watchdog")).json()
    assert watch["without_timer_count"] == 0


async def test_a_handoff_that_nobody_accepts_is_told_to_the_lead_and_to_whoever_has_the_duty_now(
    centre: Centre,
) -> None:
    await on_duty(centre)
    overdue = here(example("cases.handoff.overdue.v1").data)
    await centre.hear(overdue)
    told = await centre.messages(subject_id=str(overdue.subject))
    assert {one["staff_no"] for one in told} == {LEAD, DUTY}


@pytest.mark.parametrize("event_type", [one for one in OF_OTHERS if hasattr(EVENTS[one], "historic")])
async def test_history_asks_and_tells_nothing(centre: Centre, event_type: str) -> None:
    event = here(example(event_type).data)
    await centre.hear(replace(event, historic=True))  # type: ignore[call-arg]
    await centre.settle()
    assert await centre.messages() == []
    assert (await centre.manager.get("/notify/v1/acknowledgements")).json()["items"] == []


async def test_a_question_that_nobody_could_be_asked_is_tried_again(centre: Centre) -> None:
    """Roster's team may be announced after the hand-off to it."""
    event = replace(here(example("cases.handoff.requested.v1").data), to_team_id=new_id(), receiver=None)  # type: ignore[call-arg]
    envelope = replace(example("cases.handoff.requested.v1"), data=event, id=new_id())
    delivery = Delivery(str(envelope.id), encode(envelope))
    assert await centre.worker.consumer.process([delivery]) == [Outcome.RETRY]
    await centre.hear(a_team(team_id=event.to_team_id, code="T9", lead=LEAD))  # type: ignore[attr-defined]
    assert await centre.worker.consumer.process([delivery]) == [Outcome.DONE]
    await centre.settle()
    assert await centre.templates(LEAD) == ["asked"]


async def test_every_customer_named_is_told_once_and_reads_their_times(centre: Centre) -> None:
    customers = tuple(new_id() for _ in range(3))
    request = replace(
        here(example("cases.notice.requested.v1").data),
        customers=customers,
        template="cases.problem.announced",
        fields=(NoticeField(name="title", value="退款慢"), NoticeField(name="eta_at", value="2026-03-02T10:00:00Z")),
    )  # type: ignore[call-arg]
    await centre.hear(request, times=2)
    await centre.hear(replace(request, request_id=new_id()), 2)  # type: ignore[call-arg]
    told = await centre.messages(subject_id=str(request.matter_id))  # type: ignore[attr-defined]
    assert {one["customer_id"] for one in told} == {str(one) for one in customers}
    assert len(told) == 3
    assert "预计修复：3月2日 周一 18:00" in told[0]["text"]


async def test_a_notice_without_a_template_is_parked_for_people_to_see(centre: Centre) -> None:
    request = replace(here(example("cases.notice.requested.v1").data), template="no_such")  # type: ignore[call-arg]
    envelope = replace(example("cases.notice.requested.v1"), data=request, id=new_id())
    delivery = Delivery(str(envelope.id), encode(envelope))
    assert await centre.worker.consumer.process([delivery]) == [Outcome.PARKED]
