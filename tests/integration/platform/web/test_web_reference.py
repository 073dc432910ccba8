"""A service's reference pages: served by itself, complete, and without anything from elsewhere."""

from __future__ import annotations

import re

import pytest

from shared.contracts import EVENTS
from shared.contracts.errors import PROBLEMS
from shared.contracts.routes import HEARS
from tests.conftest import Api

V1 = "/roster/v1"


@pytest.mark.parametrize("page", ["docs", "reference", "events"])
async def test_a_page_and_all_it_loads_come_from_the_service(api: Api, page: str) -> None:
    response = await api.client().get(f"{V1}/{page}")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', response.text)
    for address in loaded:
        assert not address.startswith(("http:", "https:", "//")), address
        if address.startswith("/"):
            assert (await api.client().get(address)).status_code == 200, address


async def test_the_events_page_names_every_event_published_and_heard(api: Api) -> None:
    told = (await api.client().get(f"{V1}/events")).text
    published = {type_ for type_ in EVENTS if type_.startswith("roster.")}
    assert published | set(HEARS["roster"]) == set(re.findall(r'<h3 id="([^"]+)"', told))


async def test_every_problem_is_told_with_its_status_and_words(api: Api) -> None:
    items = (await api.client().get(f"{V1}/error-codes")).json()["items"]
    assert {item["code"] for item in items} == set(PROBLEMS)
    assert all(item["zh"] and item["en"] and 400 <= item["status"] < 600 for item in items)


async def test_the_events_are_there_as_a_document(api: Api) -> None:
    document = (await api.client().get(f"{V1}/asyncapi.json")).json()
    assert document["asyncapi"].startswith("3.0")


async def test_a_script_that_is_not_ours_is_not_found(api: Api) -> None:
    assert (await api.client().get(f"{V1}/docs/static/../../../../etc/passwd")).status_code in {404, 405}
