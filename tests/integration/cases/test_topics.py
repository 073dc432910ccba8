"""Topics over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from tests.conftest import Api

URL = "/cases/v1/topics"


async def new_topic(client: httpx.AsyncClient, code: str, parent: str | None = None) -> dict[str, Any]:
    answer = await client.post(URL, json={"code": code, "name": code.title(), "parent": parent, "owner_team": "A"})
    assert answer.status_code == 201, answer.text
    topic: dict[str, Any] = answer.json()
    return topic


async def test_topics_form_a_tree(supervisor: httpx.AsyncClient) -> None:
    await new_topic(supervisor, "billing")
    late = await new_topic(supervisor, "late-bill", "billing")
    assert (late["parent"], late["owner_team"], late["version"]) == ("billing", "A", 1)
    assert (await supervisor.get(f"{URL}/{late['topic_id']}")).json() == late
    listed = (await supervisor.get(URL)).json()["items"]
    assert [topic["code"] for topic in listed] == ["billing", "late-bill"]


async def test_a_code_is_used_once(supervisor: httpx.AsyncClient) -> None:
    await new_topic(supervisor, "billing")
    answer = await supervisor.post(URL, json={"code": "billing", "name": "x"})
    assert (answer.status_code, answer.json()["code"]) == (409, "topic-code-taken")


async def test_a_parent_must_exist(supervisor: httpx.AsyncClient) -> None:
    answer = await supervisor.post(URL, json={"code": "billing", "name": "x", "parent": "money"})
    assert answer.status_code == 422
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [("parent", "topic-unknown")]


async def test_a_topic_cannot_move_below_itself(supervisor: httpx.AsyncClient) -> None:
    top = await new_topic(supervisor, "billing")
    await new_topic(supervisor, "late-bill", "billing")
    answer = await supervisor.patch(
        f"{URL}/{top['topic_id']}", headers={"If-Match": '"1"'}, json={"parent": "late-bill"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "topic-cycle")


async def test_two_moves_at_once_close_no_circle(supervisor: httpx.AsyncClient) -> None:
    one, other = await new_topic(supervisor, "one"), await new_topic(supervisor, "other")
    answers = await asyncio.gather(
        supervisor.patch(f"{URL}/{one['topic_id']}", headers={"If-Match": '"1"'}, json={"parent": "other"}),
        supervisor.patch(f"{URL}/{other['topic_id']}", headers={"If-Match": '"1"'}, json={"parent": "one"}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 422]


async def test_a_topic_is_renamed_and_moved_to_the_top(supervisor: httpx.AsyncClient) -> None:
    await new_topic(supervisor, "billing")
    late = await new_topic(supervisor, "late-bill", "billing")
    url = f"{URL}/{late['topic_id']}"
    answer = await supervisor.patch(url, headers={"If-Match": '"1"'}, json={"name": "Too late", "parent": None})
    assert answer.status_code == 200
    assert (answer.json()["name"], answer.json()["parent"], answer.json()["owner_team"]) == ("Too late", None, "A")
    assert (await supervisor.patch(url, headers={"If-Match": '"1"'}, json={"name": "x"})).status_code == 412
    missing = f"{URL}/00000000-0000-0000-0000-000000000000"
    assert (await supervisor.patch(missing, headers={"If-Match": '"1"'}, json={"name": "x"})).status_code == 404


async def test_agents_read_topics_and_do_not_make_them(api: Api) -> None:
    agent = api.as_("agent", staff_no="A001")
    assert (await agent.get(URL)).status_code == 200
    assert (await agent.post(URL, json={"code": "x", "name": "x"})).status_code == 403
