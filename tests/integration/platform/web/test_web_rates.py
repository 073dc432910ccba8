"""Nobody may ask without end: 429 with Retry-After, each caller counted alone."""

from __future__ import annotations

import httpx
import pytest

from tests.conftest import Api

NOTES = "/roster/v1/notes"


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_LIMIT_PER_MINUTE", "40")


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_LIMIT_PER_MINUTE", "0")


@pytest.mark.usefixtures("strict")
async def test_a_person_over_their_share_is_told_when_to_come_back(api: Api) -> None:
    agent = api.as_("agent", staff_no="A001")
    assert await _ask(agent, 41) == [200] * 40 + [429]
    response = await agent.get(NOTES)
    assert response.json()["code"] == "too-many-requests"
    assert 1 <= int(response.headers["retry-after"]) <= 60


@pytest.mark.usefixtures("strict")
async def test_one_person_does_not_use_up_anothers_share(api: Api) -> None:
    await _ask(api.as_("agent", staff_no="A001"), 41)
    assert await _ask(api.as_("agent", staff_no="A002"), 1) == [200]


@pytest.mark.usefixtures("strict")
async def test_a_system_has_ten_times_the_share(api: Api) -> None:
    assert set(await _ask(api.as_("integration"), 100)) == {200}


@pytest.mark.usefixtures("strict")
async def test_wrong_tokens_and_no_tokens_are_counted_by_address(api: Api) -> None:
    forger = api.client({"Authorization": "Bearer a.b.c"})
    assert await _ask(forger, 3) == [401, 401, 429]
    assert await _ask(api.client(), 1) == [429]


@pytest.mark.usefixtures("strict")
async def test_health_is_never_limited(api: Api) -> None:
    assert set(await _ask(api.client(), 20, "/livez")) == {200}


@pytest.mark.usefixtures("unlimited")
async def test_zero_means_no_limit(api: Api) -> None:
    assert set(await _ask(api.client(), 30)) == {401}


async def _ask(client: httpx.AsyncClient, times: int, path: str = NOTES) -> list[int]:
    return [(await client.get(path)).status_code for _ in range(times)]
