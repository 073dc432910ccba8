"""Every route × every role: what the table of scopes does not allow is 403, and nobody comes in without a token."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import suppress

import httpx
import pytest

from shared.contracts.access import ROLES, SCOPES, scopes_of
from shared.contracts.routes import SERVICES
from tests.conftest import Api

SOME_ID = "019cb0a0-0001-7000-8000-000000000001"


def routes(api: Api) -> Iterator[tuple[str, str, str]]:
    """Method, address and scope of every operation in the service's document."""
    for path, operations in api.app.openapi()["paths"].items():
        for method, operation in operations.items():
            [scope] = operation["security"][0]["bearer"]
            yield method.upper(), re.sub(r"\{[^}]+\}", SOME_ID, path), scope


async def ask(client: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    """The answer; who is still being answered after two seconds was let in."""
    with suppress(TimeoutError):
        async with asyncio.timeout(2 if path.endswith("/wallboard") else 60):
            return await _ask(client, method, path)
    return httpx.Response(200)


async def _ask(client: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    body = {"json": {}} if method in {"POST", "PATCH", "PUT"} else {}
    return await client.request(method, path, headers={"If-Match": '"1"'}, **body)


def is_denied(response: httpx.Response) -> bool:
    return response.status_code == 403 and response.json()["code"] == "scope-missing"


@pytest.mark.parametrize("service", SERVICES)
async def test_each_role_may_do_what_its_scopes_say_and_nothing_else(
    open_api: Callable[[str], Api], service: str
) -> None:
    api = open_api(service)
    clients = {role: api.as_(role, staff_no="X1") for role in ROLES}
    for method, path, scope in routes(api):
        for role, client in clients.items():
            response = await ask(client, method, path)
            assert response.status_code < 500, f"{role} {method} {path}: {response.text}"
            assert is_denied(response) == (scope not in SCOPES[role]), f"{role} {method} {path} needs {scope}"


@pytest.mark.parametrize("service", SERVICES)
async def test_nobody_comes_in_without_a_valid_token(open_api: Callable[[str], Api], service: str) -> None:
    api = open_api(service)
    stranger = api.client()
    forger = api.client({"Authorization": "Bearer a.b.c"})
    for method, path, _ in routes(api):
        assert (await ask(stranger, method, path)).json()["code"] == "not-authenticated"
        assert (await ask(forger, method, path)).json()["code"] == "token-invalid"


@pytest.mark.parametrize("service", SERVICES)
async def test_a_role_that_we_do_not_know_may_do_nothing(open_api: Callable[[str], Api], service: str) -> None:
    api = open_api(service)
    client = api.as_("director")
    for method, path, _ in routes(api):
        assert is_denied(await ask(client, method, path))


def test_scopes_grow_with_responsibility() -> None:
    agent, lead, supervisor, manager = (SCOPES[role] for role in ("agent", "lead", "supervisor", "manager"))
    assert agent < lead < supervisor < manager
    assert SCOPES["integration"] < manager
    assert set(SCOPES) == set(ROLES)
    assert scopes_of(("director",)) == frozenset()
