"""Where more than a yes is wanted (what was said, where it stands, what others replied) no button offers one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.event import Event
from shared.platform.ids import new_id
from tests.conftest import START
from tests.integration.notify.conftest import LEAD, SUPERVISOR, TEAM_ID, Centre, a_team, an_agent
from tests.integration.notify.test_every_event import example, here

WORDED = ("cases.handoff.answered.v1", "cases.progress.requested.v1")


def said(event_type: str, **changes: Any) -> Event:
    facts = {"sender": "A001", "handler": "A001", "receiver": "A001"} | changes
    event: Any = here(example(event_type).data)
    return replace(event, **{name: value for name, value in facts.items() if hasattr(event, name)})


async def the_question(centre: Centre, event: Event) -> dict[str, Any]:
    listed = await centre.manager.get("/notify/v1/acknowledgements", params={"subject_id": str(event.subject)})
    found: dict[str, Any] = listed.json()["items"][0]
    return found


@pytest.mark.parametrize("event_type", WORDED)
async def test_where_a_text_is_due_neither_a_link_nor_a_yes_ends_the_ladder(centre: Centre, event_type: str) -> None:
    event = said(event_type)
    await centre.hear(event)
    await centre.settle()
    [told] = await centre.messages("A001", channel="inbox")
    assert told["link"] is None
    question = await the_question(centre, event)
    path = f"/notify/v1/acknowledgements/{question['acknowledgement_id']}/answer"
    answered = await centre.agent("A001").post(path, json={"answer": "confirm"})
    assert (answered.status_code, answered.json()["code"]) == (409, "acknowledgement-informs")
    await centre.move_to(START + timedelta(hours=5))
    assert {"silent", "overdue"} & {*await centre.templates(LEAD)}, "it is chased all the same"


async def test_the_owners_word_ends_what_asks_for_a_text(centre: Centre) -> None:
    asked = said("cases.progress.requested.v1")
    await centre.hear(asked)
    await centre.hear(said("cases.progress.answered.v1", progress_id=asked.subject), 2)
    await centre.move_to(START + timedelta(hours=5))
    assert (await the_question(centre, asked))["state"] == "withdrawn"
    assert "reminder" not in await centre.templates("A001")


async def test_no_policy_offers_a_yes_where_a_text_is_due(centre: Centre) -> None:
    path = "/notify/v1/policies/cases.progress.requested.v1"
    shipped = (await centre.manager.get(path)).json()["policy"]["asks"]
    assert shipped["answerable"] is False
    saved = await centre.manager.put(path, json={"asks": shipped | {"answerable": True}})
    assert saved.status_code == 200, saved.text
    assert (await centre.manager.get(path)).json()["policy"]["asks"]["answerable"] is False


async def test_the_sender_of_an_external_handoff_is_asked_to_get_word_and_not_to_accept(centre: Centre) -> None:
    """The other side is outside the system: its reply is recorded by the sender, whose own team stands above them."""
    await centre.hear(a_team(team_id=(theirs := new_id()), code="T9", name="物流公司", lead="L009", supervisor=None))
    await centre.hear(an_agent("L009", team_id=theirs, team_name="物流公司"))
    event = said(
        "cases.handoff.requested.v1", external=True, to_team_id=theirs, to_team_name="物流公司", from_team_id=TEAM_ID
    )
    await centre.hear(event)
    await centre.settle()
    [told] = await centre.messages("A001", channel="inbox")
    assert told["title"].startswith("请联系 物流公司 并记录回复")
    assert "请在" not in told["title"]
    assert "接收，或说明" not in told["text"]
    assert told["link"] is None
    await centre.move_to(START + timedelta(hours=3))
    assert {one["template"] for one in await centre.messages(LEAD, channel="inbox")} == {"handoff_outside.silent"}
    assert "handoff_outside.overdue" in [one["template"] for one in await centre.messages(SUPERVISOR, channel="inbox")]
    assert await centre.messages("L009") == []


async def test_an_english_sender_reads_the_same_of_an_external_handoff(centre: Centre) -> None:
    await centre.hear(an_agent("A001", language="en"), 2)
    await centre.hear(said("cases.handoff.requested.v1", external=True, to_team_name="Couriers"))
    await centre.settle()
    [told] = await centre.messages("A001", channel="inbox")
    assert told["title"].startswith("Get word from Couriers and record it")
    assert "accept by" not in told["text"]


async def test_a_handoff_inside_still_asks_for_acceptance_with_a_link(centre: Centre) -> None:
    await centre.hear(said("cases.handoff.requested.v1", external=False))
    await centre.settle()
    [told] = await centre.messages("A001", channel="inbox")
    assert told["title"].startswith("转办请接收")
    assert told["link"]


async def test_a_customer_asking_again_of_an_external_handoff_is_word_to_get_from_them_and_not_to_give(
    centre: Centre,
) -> None:
    """The sender cannot say where it stands: they reach the other side, and their own team stands above them."""
    await centre.hear(a_team(team_id=(theirs := new_id()), code="T9", name="物流公司", lead="L009", supervisor=None))
    await centre.hear(an_agent("L009", team_id=theirs, team_name="物流公司"))
    asked = said(
        "cases.progress.requested.v1", external=True, to_team_id=theirs, to_team_name="物流公司", team_id=TEAM_ID
    )
    await centre.hear(asked)
    await centre.settle()
    [told] = await centre.messages("A001", channel="inbox")
    assert told["title"].startswith("客户催问：请向 物流公司 问清")
    assert "系统外的 物流公司" in told["text"]
    assert "接收" not in told["title"] + told["text"], "nobody is asked to accept"
    await centre.move_to(START + timedelta(hours=5))
    assert {one["template"] for one in await centre.messages(LEAD, channel="inbox")} >= {"progress_outside.silent"}
    assert await centre.messages("L009") == []


async def test_an_english_sender_reads_the_same_of_a_customer_asking_again(centre: Centre) -> None:
    await centre.hear(an_agent("A001", language="en"), 2)
    await centre.hear(said("cases.progress.requested.v1", external=True, to_team_name="Couriers"))
    await centre.settle()
    [told] = await centre.messages("A001", channel="inbox")
    assert told["title"].startswith("The customer asks: find out from Couriers where")
    assert "outside this system" in told["text"]
    assert "accept" not in told["title"] + told["text"]
