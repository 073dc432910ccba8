"""Every route × every role: what the table of scopes does not allow is 403, and nobody comes in without a token."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from shared.contracts.access import ROLES, SCOPES, scopes_of
from shared.contracts.routes import SERVICES
from shared.platform.auth import Signer
from tests.conftest import Api

SOME_ID = "019cb0a0-0001-7000-8000-000000000001"


def routes(api: Api) -> Iterator[tuple[str, str, str]]:
    """Method, address and scope of every operation in the service's document."""
    for path, operations in api.app.openapi()["paths"].items():
        for method, operation in operations.items():
            [scope] = operation["security"][0]["bearer"]
            yield method.upper(), re.sub(r"\{[^}]+\}", SOME_ID, path), scope


class Brief:
    """A service of which only the beginning of an endless answer is heard."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self.openapi = app.openapi

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].endswith("/wallboard"):
            await self._begin(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _begin(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = asyncio.Event()

        async def hear(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                begun.set()
            if not begun.is_set():
                await send(message)

        tasks = [asyncio.create_task(self._app(scope, receive, hear)), asyncio.create_task(begun.wait())]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if begun.is_set():
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})


@pytest.fixture
async def open_briefly(open_api: Callable[[str], Api], signer: Signer) -> AsyncIterator[Callable[[str], Api]]:
    """Build a service's application; its endless answer ends when it has begun."""
    opened: list[Api] = []

    def open_(service: str) -> Api:
        opened.append(Api(Brief(open_api(service).app), signer))  # type: ignore[arg-type]
        return opened[-1]

    yield open_
    for api in opened:
        await api.close()


async def ask(client: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    body = {"json": {}} if method in {"POST", "PATCH", "PUT"} else {}
    return await client.request(method, path, headers={"If-Match": '"1"'}, **body)


def is_denied(response: httpx.Response) -> bool:
    return response.status_code == 403 and response.json()["code"] == "scope-missing"


@pytest.mark.parametrize("service", SERVICES)
async def test_each_role_may_do_what_its_scopes_say_and_nothing_else(
    open_briefly: Callable[[str], Api], service: str
) -> None:
    api = open_briefly(service)
    clients = {role: api.as_(role, staff_no="X1") for role in ROLES}
    for method, path, scope in routes(api):
        for role, client in clients.items():
            response = await ask(client, method, path)
            assert response.status_code < 500, f"{role} {method} {path}: {response.text}"
            assert is_denied(response) == (scope not in SCOPES[role]), f"{role} {method} {path} needs {scope}"


@pytest.mark.parametrize("service", SERVICES)
async def test_nobody_comes_in_without_a_valid_token(open_briefly: Callable[[str], Api], service: str) -> None:
    api = open_briefly(service)
    stranger = api.client()
    forger = api.client({"Authorization": "Bearer a.b.c"})
    for method, path, _ in routes(api):
        assert (await ask(stranger, method, path)).json()["code"] == "not-authenticated"
        assert (await ask(forger, method, path)).json()["code"] == "token-invalid"


@pytest.mark.parametrize("service", SERVICES)
async def test_a_role_that_we_do_not_know_may_do_nothing(open_briefly: Callable[[str], Api], service: str) -> None:
    api = open_briefly(service)
    client = api.as_("director")
    for method, path, _ in routes(api):
        assert is_denied(await ask(client, method, path))


def test_scopes_grow_with_responsibility() -> None:
    agent, lead, supervisor, manager = (SCOPES[role] for role in ("agent", "lead", "supervisor", "manager"))
    assert agent < lead < supervisor < manager
    assert SCOPES["integration"] < manager
    assert set(SCOPES) == set(ROLES)
    assert scopes_of(("director",)) == frozenset()
