"""`centre`: a whole Ringback in a process of its own, reached over HTTP only, once for each transport."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.platform.auth import Signer
from shared.platform.ids import new_id
from tests.dev_process import DevProcess


class Centre:
    """The running product. `origin` is its address."""

    def __init__(self, origin: str, signer: Signer) -> None:
        self.origin = origin
        self._signer = signer
        self._clients: list[httpx.AsyncClient] = []
        self._manager = self.client("manager")

    def token(self, role: str, *, staff_no: str | None = None, teams: tuple[str, ...] = ()) -> str:
        """A token of that role, for that person, with those teams (ids or codes)."""
        return self._signer.token(sub=staff_no or role, roles=(role,), staff_no=staff_no, teams=teams)

    def client(
        self, role: str, *, staff_no: str | None = None, teams: tuple[str, ...] = (), language: str = "zh-CN"
    ) -> httpx.AsyncClient:
        """A client that carries such a token."""
        token = self.token(role, staff_no=staff_no, teams=teams)
        return self._open({"Authorization": f"Bearer {token}", "Accept-Language": language})

    def anonymous(self) -> httpx.AsyncClient:
        """A client without a token, as a phone's browser is."""
        return self._open({})

    async def now(self) -> datetime:
        """What time it is in the product."""
        return _now(await self._manager.get("/dev/clock"))

    async def advance(
        self, *, minutes: float = 0, hours: float = 0, to: str | datetime | None = None, minus_seconds: float = 0
    ) -> datetime:
        """Move the clock, by a duration or to an instant, and let everything that falls due happen; the new time."""
        body: dict[str, Any] = {"hours": hours, "minutes": minutes}
        if to is not None:
            instant = datetime.fromisoformat(to) if isinstance(to, str) else to
            body = {"to": (instant - timedelta(seconds=minus_seconds)).isoformat()}
        return _now(await self._manager.post("/dev/clock/advance", json=body, timeout=120))

    def _open(self, headers: dict[str, str]) -> httpx.AsyncClient:
        self._clients.append(httpx.AsyncClient(base_url=self.origin, headers=headers, timeout=30))
        return self._clients[-1]

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()


def _now(answer: httpx.Response) -> datetime:
    assert answer.status_code == 200, answer.text
    return datetime.fromisoformat(answer.json()["now"])


@pytest.fixture(params=["embedded", "rabbitmq"])
async def centre(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> AsyncIterator[Centre]:
    """A fresh, empty Ringback; what it logged is shown when the test fails. `terse`: embedded, logs trouble only."""
    environment = {"DATABASE_URL": database_url} | ({"LOG_LEVEL": "WARNING"} if request.param == "terse" else {})
    if request.param == "rabbitmq":
        environment |= _own_vhost(request)
    process = DevProcess(tmp_path / "data", "--no-demo", environment=environment)
    process.start()
    centre = Centre(process.url, Signer(process.data / "keys"))
    try:
        yield centre
    finally:
        await centre.close()
        code = process.stop()
        print(process.output)
    assert code == 0, "ringback dev did not end in order"


def _own_vhost(request: pytest.FixtureRequest) -> dict[str, str]:
    rabbit = request.getfixturevalue("rabbit")
    return {
        "AMQP_URL": f"{rabbit.amqp_url.rstrip('/')}/e2e-{new_id().hex}",
        "RABBITMQ_MANAGEMENT_URL": rabbit.management_url,
    }
