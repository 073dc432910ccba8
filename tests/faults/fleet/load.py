"""Steady writes over HTTP, each repeated with its Idempotency-Key until it is answered: then it counts as accepted."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from shared.platform.ids import new_id

WRITES_PER_SECOND = 40
CONTACTS_A_BATCH = 20
AGENTS = 30
LANES = 4
FINISH_SECONDS = 60
AWAY = {502, 503, 504, 409}
"""Answers after which the same request is sent again; 409: the first try is still being worked on."""


@dataclass
class Accepted:
    """What the services said yes to."""

    agents: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    """Staff number → id, name and version."""
    contacts: int = 0

    @property
    def writes(self) -> int:
        return sum(version for _, _, version in self.agents.values()) + self.contacts // CONTACTS_A_BATCH


class Load:
    """Agents hired and renamed in roster, contacts recorded in cases. `url_of(service)` may change under way."""

    def __init__(self, url_of: Callable[[str], str], token: str) -> None:
        self.accepted = Accepted()
        self._url_of = url_of
        headers = {"Authorization": f"Bearer {token}"}
        self._client = httpx.AsyncClient(headers=headers, timeout=5, limits=httpx.Limits(max_keepalive_connections=20))
        self._team_id = ""
        self._tasks: list[asyncio.Task[None]] = []
        self._turns = [0] * LANES
        self._ending = False
        self.longest_seconds = 0.0
        """What the most patient writer waited from its first try until it was accepted."""

    async def prepare(self) -> None:
        """Make what the writes are about."""
        team = await self._ask("roster", "POST", "teams", {"code": "T1", "name": "一组", "zone": "Asia/Shanghai"})
        self._team_id = team["team_id"]

    async def begin(self) -> None:
        """Write until `end`; may be begun again after it."""
        self._ending, self.longest_seconds = False, 0.0
        self._tasks = [asyncio.create_task(self._write(number)) for number in range(LANES)]

    async def end(self) -> None:
        """Finish what is under way, then stop."""
        self._ending = True
        async with asyncio.timeout(FINISH_SECONDS):
            await asyncio.gather(*self._tasks)

    async def drop(self) -> None:
        """Stop, whatever is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.aclose()

    async def until(self, more: int, seconds: float = 90) -> None:
        """Wait until that many more writes were accepted: the site works."""
        wanted = self.accepted.writes + more
        async with asyncio.timeout(seconds):
            while self.accepted.writes < wanted:
                self._raise_failures()
                await asyncio.sleep(0.05)

    def _raise_failures(self) -> None:
        for task in self._tasks:
            if task.done():
                task.result()

    async def _write(self, lane: int) -> None:
        """One lane has its own agents, so that nobody else changes them meanwhile."""
        while not self._ending:
            self._turns[lane] += 1
            turn = self._turns[lane]
            staff_no = f"A{lane}{turn % AGENTS:03}"
            began = time.monotonic()
            await (self._contacts(lane, turn) if turn % 4 == 0 else self._agent(staff_no, turn))
            self.longest_seconds = max(self.longest_seconds, time.monotonic() - began)
            await asyncio.sleep(LANES / WRITES_PER_SECOND)

    async def _agent(self, staff_no: str, turn: int) -> None:
        name = f"客服{turn}"
        if known := self.accepted.agents.get(staff_no):
            agent_id, _, version = known
            path, match = f"agents/{agent_id}", {"If-Match": f'"{version}"'}
            told = await self._ask("roster", "PATCH", path, {"name": name}, match)
        else:
            body = {"staff_no": staff_no, "name": name, "team_id": self._team_id, "hired_on": "2026-01-01"}
            told = await self._ask("roster", "POST", "agents", body | {"roles": ["agent"]})
        self.accepted.agents[staff_no] = (told["agent_id"], told["name"], told["version"])

    async def _contacts(self, lane: int, turn: int) -> None:
        rows = [_contact(f"{lane}-{turn}-{number}") for number in range(CONTACTS_A_BATCH)]
        await self._ask("cases", "POST", "contacts:batch", rows)
        self.accepted.contacts += len(rows)

    async def _ask(
        self, service: str, method: str, path: str, body: Any, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        key = {"Idempotency-Key": new_id().hex} | (headers or {})
        while True:
            with contextlib.suppress(httpx.HTTPError):
                url = f"{self._url_of(service)}/{service}/v1/{path}"
                answer = await self._client.request(method, url, json=body, headers=key)
                if answer.status_code not in AWAY:
                    assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
                    told: dict[str, Any] = answer.json()
                    return told
            await asyncio.sleep(0.2)


def _contact(external_id: str) -> dict[str, Any]:
    return {
        "external_id": external_id,
        "channel": "phone",
        "direction": "inbound",
        "queued_at": "2026-03-02T09:00:00+08:00",
        "answered_at": "2026-03-02T09:00:10+08:00",
        "ended_at": "2026-03-02T09:02:10+08:00",
        "wait_seconds": 10,
        "talk_seconds": 120,
    }
