"""One contact over HTTP, and looking contacts up."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx

from services.cases.consumers import HANDLERS
from shared.contracts.event import Event
from shared.contracts.roster import AgentChanged, AgentJoined, TeamChanged
from shared.platform.ids import stable_id
from shared.platform.work import Database
from tests.conftest import Api, ManualClock
from tests.hearing import hear
from tests.integration.cases.conftest import QUEUED, Recorded

URL = "/cases/v1/contacts"
TEAM = stable_id("team", "A")


async def told(database: Database, event: Event, sequence: int) -> None:
    """Let cases hear an event."""
    async with database.work() as work:
        await hear(work, HANDLERS, event, sequence)


def team(name: str = "一组") -> TeamChanged:
    return TeamChanged(team_id=TEAM, code="A", name=name, zone="Asia/Urumqi")


def agent(kind: type[Any], name: str, clock: ManualClock) -> Any:
    return kind(
        agent_id=stable_id("agent", "A001"),
        staff_no="A001",
        name=name,
        team_id=TEAM,
        team_name="一组",
        roles=("agent",),
        skills=(),
        hired_on=clock.now().date(),
    )


async def record(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post(URL, json={"queued_at": QUEUED, **fields})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_contact_is_recorded_with_who_and_what_it_was(
    database: Database,
    integration: httpx.AsyncClient,
    supervisor: httpx.AsyncClient,
    clock: ManualClock,
    recorded: Recorded,
) -> None:
    await told(database, team(), 1)
    await told(database, agent(AgentJoined, "李雷", clock), 1)
    await supervisor.post("/cases/v1/topics", json={"code": "billing", "name": "账单"})
    intake = await record(
        integration,
        agent="A001",
        topic="billing",
        answered_at="2026-03-02T09:00:20+08:00",
        ended_at="2026-03-02T09:03:20+08:00",
        rating=5,
        resolved=True,
    )
    contact = intake["contact"]
    assert intake["outcome"] == "created"
    assert intake["recent_contacts"] == []
    assert (contact["agent_name"], contact["team_name"], contact["team_id"]) == ("李雷", "一组", str(TEAM))
    assert (contact["topic_name"], contact["zone"]) == ("账单", "Asia/Urumqi")
    assert (contact["wait_seconds"], contact["talk_seconds"]) == (20, 180)
    [fact] = await recorded()
    assert str(fact.contact_id) == contact["contact_id"]
    assert (fact.version, fact.agent, fact.agent_name, fact.rating, fact.answered) == (1, "A001", "李雷", 5, True)
    assert (await integration.get(f"{URL}/{contact['contact_id']}")).json() == contact | {"earlier": []}


async def test_names_nobody_knows_are_kept_as_told(integration: httpx.AsyncClient) -> None:
    contact = (await record(integration, agent="Becky", topic="Streaming", team="Night"))["contact"]
    assert (contact["agent"], contact["agent_name"]) == ("Becky", "Becky")
    assert (contact["topic"], contact["topic_name"]) == ("Streaming", "Streaming")
    assert (contact["team_id"], contact["team_name"], contact["zone"]) == (None, "Night", "Asia/Shanghai")


async def test_a_contact_keeps_the_names_of_its_time(
    database: Database, integration: httpx.AsyncClient, clock: ManualClock
) -> None:
    await told(database, agent(AgentJoined, "李雷", clock), 1)
    before = (await record(integration, agent="A001", external_id="1"))["contact"]
    await told(database, agent(AgentChanged, "李磊", clock), 3)
    await told(database, agent(AgentChanged, "stale", clock), 2)
    again = await record(integration, agent="A001", external_id="1")
    after = (await record(integration, agent="A001", external_id="2"))["contact"]
    assert (again["outcome"], again["contact"]["agent_name"]) == ("unchanged", "李雷")
    assert before["agent_name"] == "李雷"
    assert after["agent_name"] == "李磊"


async def test_a_stale_team_is_not_heard(database: Database, integration: httpx.AsyncClient) -> None:
    await told(database, team("new"), 2)
    await told(database, team("old"), 1)
    assert (await record(integration, team="A"))["contact"]["team_name"] == "new"


async def test_the_agent_sees_what_the_customer_brought_before(
    api: Api, integration: httpx.AsyncClient, customer: dict[str, Any]
) -> None:
    for number in range(12):
        await record(integration, customer_external_id="CRM-1", external_id=str(number), topic=f"t{number}")
    intake = await record(
        api.as_("agent", staff_no="A001"), customer_id=customer["customer_id"], queued_at="2026-03-03T09:00:00+08:00"
    )
    assert intake["contact"]["customer_id"] == customer["customer_id"]
    assert len(intake["recent_contacts"]) == 10
    assert intake["contact"]["contact_id"] not in {one["contact_id"] for one in intake["recent_contacts"]}


async def test_a_contact_of_an_unknown_customer_is_refused_and_leaves_nothing(
    integration: httpx.AsyncClient, recorded: Recorded
) -> None:
    answer = await integration.post(URL, json={"queued_at": QUEUED, "customer_external_id": "nobody"})
    assert answer.status_code == 422
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [
        ("customer_external_id", "customer-unknown")
    ]
    assert await recorded() == []
    assert (await integration.get(URL)).json()["items"] == []


async def test_contradictions_are_refused_in_the_callers_language(api: Api) -> None:
    body = {"queued_at": QUEUED, "answered_at": "2026-03-02T08:00:00+08:00"}
    for language, word in (("zh-CN", "时间"), ("en", "order")):
        answer = await api.as_("integration", language=language).post(URL, json=body)
        assert answer.status_code == 422
        assert word in answer.json()["errors"][0]["message"]


async def test_told_again_it_changes_nothing_and_told_otherwise_it_is_a_correction(
    integration: httpx.AsyncClient, recorded: Recorded
) -> None:
    first = await record(integration, external_id="1", rating=3)
    again = await record(integration, external_id="1", rating=3)
    other = await record(integration, external_id="1", rating=5)
    assert [one["outcome"] for one in (first, again, other)] == ["created", "unchanged", "updated"]
    assert again["contact"] == first["contact"]
    assert [(fact.version, fact.rating) for fact in await recorded()] == [(1, 3), (2, 5)]
    found = (await integration.get(f"{URL}/{first['contact']['contact_id']}")).json()
    assert (found["version"], found["rating"]) == (2, 5)
    assert [(one["version"], one["contact"]["rating"]) for one in found["earlier"]] == [(1, 3)]


async def test_a_contact_says_whether_what_it_was_to_bring_about_came_about(
    integration: httpx.AsyncClient, recorded: Recorded
) -> None:
    await record(integration, external_id="1")
    told = [await record(integration, external_id="1", converted=word) for word in (False, False, True)]
    assert [one["outcome"] for one in told] == ["updated", "unchanged", "updated"]
    assert [one["contact"]["converted"] for one in told] == [False, False, True]
    batch = [{"external_id": "2", "queued_at": QUEUED, "converted": True}]
    assert (await integration.post(f"{URL}:batch", json=batch)).json()["created"] == 1
    assert [fact.converted for fact in await recorded()] == [None, False, True, True]


async def test_the_same_instant_in_another_offset_is_no_correction(integration: httpx.AsyncClient) -> None:
    await record(integration, external_id="1")
    assert (await record(integration, external_id="1", queued_at="2026-03-02T01:00:00Z"))["outcome"] == "unchanged"


async def test_the_same_key_fifty_times_at_once_has_one_effect(
    integration: httpx.AsyncClient, recorded: Recorded
) -> None:
    async def post() -> httpx.Response:
        return await integration.post(URL, json={"queued_at": QUEUED}, headers={"Idempotency-Key": "k"})

    answers = await asyncio.gather(*(post() for _ in range(50)))
    statuses = Counter(answer.status_code for answer in answers)
    assert statuses[201] >= 1
    assert set(statuses) <= {201, 409}
    assert len({answer.text for answer in answers if answer.status_code == 201}) == 1
    assert len(await recorded()) == 1
    assert len((await integration.get(URL)).json()["items"]) == 1


async def test_contacts_are_found_by_their_filters_newest_first(
    integration: httpx.AsyncClient, customer: dict[str, Any]
) -> None:
    for hour in range(10, 16):
        await record(
            integration,
            external_id=f"x{hour}",
            queued_at=f"2026-03-02T{hour}:00:00+08:00",
            agent="A001" if hour % 2 else "A002",
            topic="billing" if hour < 13 else "other",
            customer_external_id="CRM-1" if hour == 14 else None,
        )

    async def found(**query: Any) -> list[str]:
        answer = await integration.get(URL, params=query)
        assert answer.status_code == 200, answer.text
        return [one["external_id"] for one in answer.json()["items"]]

    assert await found() == ["x15", "x14", "x13", "x12", "x11", "x10"]
    assert await found(agent="A001") == ["x15", "x13", "x11"]
    assert await found(topic="billing") == ["x12", "x11", "x10"]
    assert await found(customer_id=customer["customer_id"]) == ["x14"]
    assert await found(external_id="x12") == ["x12"]
    window = {"from": "2026-03-02T12:00:00+08:00", "to": "2026-03-02T14:00:00+08:00"}
    assert await found(**window) == ["x13", "x12"]
    first = (await integration.get(URL, params={"limit": 4})).json()
    assert await found(limit=4, after=first["next"]) == ["x11", "x10"]


async def test_changes_are_exported_in_the_order_they_were_recorded(
    integration: httpx.AsyncClient, clock: ManualClock
) -> None:
    start = clock.now()
    for number, minute in enumerate((30, 10, 20)):
        clock.move_to(start.replace(minute=number + 1))
        await record(integration, external_id=f"x{minute}", queued_at=f"2026-03-02T09:{minute}:00+08:00")
    answer = await integration.get(URL, params={"updated_after": start.isoformat()})
    assert [one["external_id"] for one in answer.json()["items"]] == ["x30", "x10", "x20"]


async def test_agents_see_their_own_contacts_leads_their_teams(
    api: Api, database: Database, integration: httpx.AsyncClient, clock: ManualClock, customer: dict[str, Any]
) -> None:
    await told(database, team(), 1)
    await told(database, agent(AgentJoined, "李雷", clock), 1)
    await record(integration, external_id="1", agent="A001")
    other = await record(integration, external_id="2", agent="B001", customer_external_id="CRM-1")

    async def seen_by(client: httpx.AsyncClient, **query: Any) -> set[str]:
        return {one["external_id"] for one in (await client.get(URL, params=query)).json()["items"]}

    own = api.as_("agent", staff_no="A001")
    assert await seen_by(own) == {"1"}
    assert await seen_by(own, customer_id=customer["customer_id"]) == {"2"}
    assert await seen_by(api.as_("lead", staff_no="L1", teams=("A",))) == {"1"}
    assert await seen_by(api.as_("lead", staff_no="L1", teams=(str(TEAM),))) == {"1"}
    assert await seen_by(api.as_("lead", staff_no="L2", teams=("B",))) == set()
    assert await seen_by(api.as_("manager")) == {"1", "2"}
    assert (await own.get(f"{URL}/{other['contact']['contact_id']}")).status_code == 404
