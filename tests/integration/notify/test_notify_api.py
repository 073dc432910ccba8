"""notify over HTTP: who may see and do what, and what bad input is told."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

import httpx
import pytest

from shared.contracts.notify import AcknowledgementGiven, AcknowledgementOpened, ContactRemoved, ContactVerified
from shared.contracts.roster import AgentLeft
from shared.platform.ids import new_id
from tests.conftest import START
from tests.integration.notify.conftest import LEAD, SUPERVISOR, TEAM_ID, Centre, a_change, a_team, an_agent

CONTACTS = "/notify/v1/recipients/A001/contacts"


@pytest.fixture
async def asked(centre: Centre) -> str:
    """The path of A001's open question."""
    await centre.hear(a_change())
    await centre.settle()
    return f"/notify/v1/acknowledgements/{(await centre.question(a_change()))['acknowledgement_id']}"


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


async def test_a_supervisor_vouches_for_a_contact_and_it_is_kept_who_did(centre: Centre) -> None:
    added = await centre.vouch("A001")
    assert added["verified_by"] == SUPERVISOR
    assert added["verified_at"] is not None
    [event] = [e for e in await centre.published() if isinstance(e, ContactVerified)]
    assert (event.staff_no, event.channel, event.verified_by) == ("A001", "sms", SUPERVISOR)
    assert "13812345678" not in repr(await centre.published())


async def test_an_address_is_masked_for_those_who_need_not_know_it(centre: Centre) -> None:
    await centre.vouch("A001")
    seen = {}
    for name, client in {"lead": centre.lead, "self": centre.agent("A001"), "supervisor": centre.supervisor}.items():
        seen[name] = (await client.get("/notify/v1/recipients/A001")).json()["contacts"][0]["address"]
    assert seen == {"lead": "138****5678", "self": "13812345678", "supervisor": "13812345678"}


async def test_an_agents_own_contact_waits_until_somebody_vouches_for_it(centre: Centre) -> None:
    agent = centre.agent("A001")
    body = {"channel": "email", "address": "li@example.com"}
    assert (await agent.post(CONTACTS, json=body)).json()["verified"] is False
    assert code(await agent.post(CONTACTS, json=body | {"verified": True})) == (403, "scope-missing")
    await centre.hear(a_change())
    assert [m["channel"] for m in await centre.messages("A001", occasion="rung")] == ["inbox"]
    assert (await centre.supervisor.post(CONTACTS, json=body | {"verified": True})).json()["verified"] is True
    person = (await agent.get("/notify/v1/recipients/A001")).json()
    assert [c["verified"] for c in person["contacts"]] == [True]
    assert person["reachable"] is True


async def test_one_address_a_channel_and_a_removed_one_hears_nothing(centre: Centre) -> None:
    added = await centre.vouch("A001")
    other = {"channel": "sms", "address": "13900000000"}
    assert code(await centre.supervisor.post(CONTACTS, json=other)) == (409, "contact-channel-taken")
    assert (await centre.supervisor.delete(f"{CONTACTS}/{added['contact_id']}")).status_code == 204
    assert code(await centre.supervisor.delete(f"{CONTACTS}/{added['contact_id']}")) == (404, "not-found")
    assert [type(e) for e in await centre.published()] == [ContactVerified, ContactRemoved]
    await centre.hear(a_change())
    assert [m["channel"] for m in await centre.messages("A001")] == ["inbox"]


@pytest.mark.parametrize(
    ("channel", "address"), [("sms", "call me"), ("email", "nobody"), ("wecom", "two words"), ("sms", "1" * 40)]
)
async def test_an_address_that_cannot_be_one_is_refused(centre: Centre, channel: str, address: str) -> None:
    refused = await centre.supervisor.post(CONTACTS, json={"channel": channel, "address": address})
    assert code(refused) == (422, "invalid-value")
    assert refused.json()["errors"][0]["field"] == "address"


async def test_somebody_not_announced_yet_is_answered_with_advice(centre: Centre) -> None:
    for answer in (
        await centre.manager.get("/notify/v1/recipients/A999"),
        await centre.manager.post(
            "/notify/v1/recipients/A999/contacts", json={"channel": "sms", "address": "13800000000"}
        ),
    ):
        assert code(answer) == (404, "recipient-unknown")
        assert "几秒后再试" in answer.json()["detail"]


async def test_people_see_themselves_leads_their_team_managers_all(centre: Centre) -> None:
    elsewhere = an_agent("B001", team_id=new_id(), team_name="二组")
    await centre.hear(elsewhere)

    async def seen(client: httpx.AsyncClient) -> list[str]:
        return [person["staff_no"] for person in (await client.get("/notify/v1/recipients")).json()["items"]]

    assert await seen(centre.agent("A001")) == ["A001"]
    assert await seen(centre.lead) == ["A001", "A002", LEAD, SUPERVISOR]
    assert await seen(centre.manager) == ["A001", "A002", "B001", LEAD, SUPERVISOR]
    assert code(await centre.lead.get("/notify/v1/recipients/B001")) == (403, "not-yours")
    assert code(await centre.agent("A002").get("/notify/v1/recipients/A001")) == (403, "not-yours")
    one_team = await centre.manager.get("/notify/v1/recipients", params={"team": str(TEAM_ID), "limit": 3})
    assert [person["staff_no"] for person in one_team.json()["items"]] == ["A001", "A002", LEAD]
    rest = await centre.manager.get("/notify/v1/recipients", params={"team": "T1", "after": one_team.json()["next"]})
    assert [person["staff_no"] for person in rest.json()["items"]] == [SUPERVISOR]


async def test_answering_in_the_app_is_for_the_person_themself(centre: Centre, asked: str) -> None:
    for other in (centre.agent("A002"), centre.supervisor, centre.manager):
        assert code(await other.post(f"{asked}/answer", json={"answer": "confirm"})) == (403, "not-yours")
        assert code(await other.post(f"{asked}/open")) == (403, "not-yours")
    agent = centre.agent("A001")
    assert (await agent.post(f"{asked}/open")).json()["opened_at"] is not None
    assert (await agent.post(f"{asked}/open")).json()["repeated"] is True
    given = await agent.post(f"{asked}/answer", json={"answer": "confirm"}, headers={"Idempotency-Key": "k1"})
    assert given.json()["answer"] == "given"
    again = await agent.post(f"{asked}/answer", json={"answer": "confirm"}, headers={"Idempotency-Key": "k1"})
    assert again.content == given.content
    assert (await agent.post(f"{asked}/answer", json={"answer": "confirm"})).json()["repeated"] is True
    other_answer = await agent.post(f"{asked}/answer", json={"answer": "refuse", "reason": "不行"})
    assert code(other_answer) == (409, "acknowledgement-answered")
    answers = [e for e in await centre.published() if isinstance(e, AcknowledgementGiven | AcknowledgementOpened)]
    assert [(type(e), e.channel) for e in answers] == [
        (AcknowledgementOpened, "inbox"),
        (AcknowledgementGiven, "inbox"),
    ]


async def test_a_refusal_without_a_reason_is_refused(centre: Centre, asked: str) -> None:
    refused = await centre.agent("A001").post(f"{asked}/answer", json={"answer": "refuse"})
    assert code(refused) == (422, "invalid-value")
    assert refused.json()["errors"][0]["code"] == "refusal-needs-reason"


async def test_reminding_by_hand_is_for_those_above_and_not_too_often(centre: Centre, asked: str) -> None:
    assert code(await centre.agent("A001").post(f"{asked}/remind")) == (403, "scope-missing")
    stranger = centre.api.as_("lead", staff_no="L009", teams=("T9",))
    assert code(await stranger.post(f"{asked}/remind")) == (403, "not-yours")
    assert (await centre.lead.post(f"{asked}/remind")).status_code == 200
    too_soon = await centre.lead.post(f"{asked}/remind")
    assert code(too_soon) == (429, "reminded-recently")
    assert too_soon.headers["Retry-After"] == "601"
    await centre.move_to(START + timedelta(minutes=10))
    assert (await centre.lead.post(f"{asked}/remind")).status_code == 200
    await centre.settle()
    assert await centre.templates("A001") == ["asked", "reminder", "reminder"]
    await centre.agent("A001").post(f"{asked}/answer", json={"answer": "confirm"})
    assert code(await centre.lead.post(f"{asked}/remind")) == (409, "acknowledgement-answered")


async def test_a_question_shows_every_rung_message_and_delivery(centre: Centre, asked: str) -> None:
    shown = (await centre.lead.get(asked)).json()
    assert [rung["target"] for rung in shown["rungs"]] == ["recipient", "recipient", "lead", "supervisor"]
    assert [rung["state"] for rung in shown["rungs"]] == ["sent", "due", "due", "due"]
    assert [(m["state"], m["link"]) for m in shown["messages"]] == [("delivered", None)]
    assert (shown["lead"], shown["supervisor"]) == (LEAD, SUPERVISOR)
    assert code(await centre.agent("A002").get(asked)) == (403, "not-yours")
    assert code(await centre.manager.get(f"/notify/v1/acknowledgements/{new_id()}")) == (404, "not-found")


async def test_messages_are_seen_by_their_readers_and_those_above(centre: Centre, asked: str) -> None:
    async def count(client: httpx.AsyncClient, path: str = "messages") -> int:
        return len((await client.get(f"/notify/v1/{path}")).json()["items"])

    assert await count(centre.agent("A001")) == 1
    assert await count(centre.agent("A002")) == 0
    assert await count(centre.lead) == 1
    assert await count(centre.lead, "inbox") == 0
    assert await count(centre.manager, "inbox") == 0
    [own] = (await centre.agent("A001").get("/notify/v1/inbox")).json()["items"]
    assert own["question_state"] == "open"
    assert own["link"].startswith("http://127.0.0.1:8000/a/")
    assert "李静，您的班次有变动" in own["text"]


async def test_a_personal_message_shows_its_link_as_its_reader_sees_it(centre: Centre) -> None:
    await centre.vouch("A001", "captured", "a001@example.test")
    await centre.hear(a_change())
    await centre.settle()
    [message] = await centre.messages("A001", channel="captured")
    assert message["state"] == "delivered"
    assert message["text"].endswith(message["link"])


async def test_where_real_channels_are_set_up_a_link_is_its_readers_alone(centre: Centre, asked: str) -> None:
    centre.api.app.state.captured = False
    [seen] = await centre.messages("A001")
    assert seen["link"] is None
    [own] = (await centre.agent("A001").get("/notify/v1/messages")).json()["items"]
    assert own["link"] is not None


async def test_an_english_speaker_is_asked_in_english(centre: Centre) -> None:
    await centre.hear(an_agent("A003", name="Kim", language="en"))
    await centre.hear(a_change("A003", agent_name="Kim"))
    [message] = await centre.messages("A003")
    assert message["title"] == "Your shifts changed: please confirm"
    assert "Please answer by Mon 2 Mar, 17:00" in message["text"]


async def test_somebody_who_left_is_not_written_to(centre: Centre) -> None:
    gone = then_left(LEAD)
    await centre.hear(gone, 2)
    await centre.hear(a_change())
    await centre.move_to(START + timedelta(hours=6))
    assert await centre.templates(LEAD) == []
    assert await centre.templates(SUPERVISOR) == ["silent"]


def then_left(staff_no: str) -> AgentLeft:
    agent = an_agent(staff_no, left_on=(START - timedelta(days=2)).date())
    return AgentLeft(**{f.name: getattr(agent, f.name) for f in fields(AgentLeft)})


@pytest.mark.parametrize(
    "path",
    [
        "acknowledgements?state=odd",
        "acknowledgements?limit=0",
        "acknowledgements?after=%21",
        "messages?subject_id=1",
        "messages?state=none",
        "recipients?after=W10",
        "recipients/%00",
        "inbox?limit=999",
    ],
)
async def test_nonsense_is_refused_with_a_code(centre: Centre, path: str) -> None:
    assert (await centre.manager.get(f"/notify/v1/{path}")).status_code == 422


async def test_the_watchdog_misses_a_timer_and_readiness_says_so(centre: Centre, asked: str) -> None:
    async def watch() -> dict[str, object]:
        found: dict[str, object] = (await centre.lead.get("/notify/v1/watchdog")).json()
        return found

    assert (await watch())["ok"] is True
    assert (await centre.anyone.get("/readyz")).status_code == 200
    centre.clock.move_to(START + timedelta(hours=4, minutes=6))
    assert ((await watch())["ok"], (await watch())["late_rung_count"]) == (False, 1)
    async with centre.database.work() as work:
        await work.conn.execute(work.kernel.timers.delete())
    assert (await watch())["without_timer"] == [asked.rpartition("/")[2]]
    ready = await centre.anyone.get("/readyz")
    assert ready.status_code == 503
    assert "1 open questions without a timer" in ready.json()["checks"]["ladders"]


async def test_questions_are_listed_by_state_and_team(centre: Centre) -> None:
    elsewhere = new_id()
    await centre.hear(a_team(team_id=elsewhere, code="T2", name="二组"))
    for change in (a_change("A001"), a_change("A002"), a_change("B001", team_id=elsewhere)):
        await centre.hear(change)
    answered = await centre.question(a_change("A002"))
    path = f"/notify/v1/acknowledgements/{answered['acknowledgement_id']}/answer"
    assert (await centre.agent("A002").post(path, json={"answer": "confirm"})).status_code == 200

    async def listed(**params: str) -> list[str]:
        found = await centre.manager.get("/notify/v1/acknowledgements", params=params)
        return sorted(one["staff_no"] for one in found.json()["items"])

    assert await listed(state="open", team="T1") == ["A001"]
    assert await listed(state="answered", team=str(TEAM_ID)) == ["A002"]
    assert await listed(team="T2") == ["B001"]
    assert await listed(state="open") == ["A001", "B001"]
