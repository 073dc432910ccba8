"""An office with two teams, as cases hears of them from roster, and its people over HTTP with the clock in hand."""

from __future__ import annotations

from typing import Any

import httpx

from shared.platform.work import Database
from tests.conftest import Api, ManualClock
from tests.integration.cases.house import House

CASES = "/cases/v1/cases"
TEAMS = {"A": ("一组", "LA", "SA"), "B": ("二组", "LB", "SB")}
AGENTS = {
    "A001": ("李雷", "A"),
    "A002": ("韩梅梅", "A"),
    "LA": ("冯班长", "A"),
    "B001": ("王芳", "B"),
    "LB": ("韩班长", "B"),
}


class Office(House):
    """The people of the office, each with a token, and what the office has published."""

    def __init__(self, api: Api, database: Database, clock: ManualClock) -> None:
        super().__init__(api, database, clock)
        self.clients: dict[str, httpx.AsyncClient] = {}

    async def move_in(self) -> None:
        """Let the office's teams and agents be known."""
        await self.furnish(TEAMS, AGENTS, ("LA", "LB"))

    def person(self, staff_no: str, role: str = "agent") -> httpx.AsyncClient:
        """A client of somebody in their own team."""
        team = AGENTS[staff_no][1] if staff_no in AGENTS else staff_no[-1]
        if staff_no not in self.clients:
            self.clients[staff_no] = self.api.as_(role, staff_no=staff_no, teams=(team,))
        return self.clients[staff_no]

    @property
    def agent(self) -> httpx.AsyncClient:
        """A001 of team A."""
        return self.person("A001")

    @property
    def lead(self) -> httpx.AsyncClient:
        """LA, who leads team A."""
        return self.person("LA", "lead")

    @property
    def crm(self) -> httpx.AsyncClient:
        """Another system."""
        if "crm" not in self.clients:
            self.clients["crm"] = self.api.as_("integration")
        return self.clients["crm"]

    async def customer(self, **more: Any) -> str:
        """A new customer's id."""
        answer = await self.crm.post("/cases/v1/customers", json={"name": "张伟", **more})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["customer_id"])

    async def topic(self, code: str, **more: Any) -> None:
        """A new topic."""
        answer = await self.crm.post("/cases/v1/topics", json={"code": code, "name": code, **more})
        assert answer.status_code == 201, answer.text

    async def case_type(self, code: str, *fields: dict[str, Any], **more: Any) -> None:
        """A new case type."""
        body = {"code": code, "name": code, "fields": list(fields), **more}
        answer = await self.crm.post("/cases/v1/case-types", json=body)
        assert answer.status_code == 201, answer.text

    async def open(self, client: httpx.AsyncClient | None = None, **more: Any) -> dict[str, Any]:
        """A case, opened by A001 unless somebody else is named."""
        body = {"type": "consult", "subject": "没收到货", **more}
        answer = await (client or self.agent).post(CASES, json=body)
        assert answer.status_code == 201, answer.text
        opened: dict[str, Any] = answer.json()
        return opened

    async def try_to(
        self, case: dict[str, Any], verb: str, client: httpx.AsyncClient | None = None, **body: Any
    ) -> httpx.Response:
        """Do something with a case, as A001 unless somebody else is named."""
        return await (client or self.agent).post(f"{CASES}/{case['case_id']}/{verb}", json=body)

    async def act(
        self, case: dict[str, Any], verb: str, client: httpx.AsyncClient | None = None, **body: Any
    ) -> dict[str, Any]:
        """The same, expected to be done; what is answered."""
        answer = await self.try_to(case, verb, client, **body)
        assert answer.status_code in (200, 201), answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def see(self, case: dict[str, Any], client: httpx.AsyncClient | None = None) -> dict[str, Any]:
        """A case as it is now, seen by the lead unless somebody else is named."""
        answer = await (client or self.lead).get(f"{CASES}/{case['case_id']}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def timeline(self, case: dict[str, Any], client: httpx.AsyncClient | None = None) -> list[dict[str, Any]]:
        """A case's entries, seen by the lead unless somebody else is named."""
        answer = await (client or self.lead).get(f"{CASES}/{case['case_id']}/timeline")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def kinds(self, case: dict[str, Any]) -> list[str]:
        """What people did with a case, by its timeline; its clocks left out."""
        return [entry["kind"] for entry in await self.timeline(case) if not entry["kind"].startswith("sla")]
