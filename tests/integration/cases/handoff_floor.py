"""Three teams with their people, and a clock in hand: what the tests of hand-offs and service levels stand on."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from shared.platform.ids import stable_id
from shared.platform.work import Database
from tests.conftest import Api, ManualClock
from tests.integration.cases.house import House

SHANGHAI = ZoneInfo("Asia/Shanghai")
TEAMS = {"T1": ("热线一组", "L1", "S1"), "T2": ("物流部", "L2", "S2"), "T3": ("财务部", "L3", "S3")}
PEOPLE = {
    "A1": "林晓梅",
    "A2": "周启明",
    "L1": "冯班长",
    "B1": "何师傅",
    "B2": "高师傅",
    "L2": "罗主任",
    "C1": "谢会计",
}
HOME = {"A": "T1", "L1": "T1", "B": "T2", "L2": "T2", "C": "T3"}

Json = dict[str, Any]


def team_id(code: str) -> Any:
    """The id of a team of the floor."""
    return stable_id("team", code)


def home(staff_no: str) -> str:
    """The team of somebody on the floor."""
    return HOME.get(staff_no) or HOME[staff_no[0]]


def said(answer: httpx.Response, status: int = 200) -> Any:
    """The answer's JSON; another status fails with its own words."""
    assert answer.status_code == status, f"{answer.request.url}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else None


class Floor(House):
    """cases with its teams; `at(...)` moves the clock and lets fire what falls due on the way."""

    def __init__(self, api: Api, database: Database, clock: ManualClock) -> None:
        super().__init__(api, database, clock)
        self.manager = api.as_("manager")

    async def open(self) -> None:
        """Let roster's teams and people be known."""
        await self.furnish(TEAMS, {staff_no: (name, home(staff_no)) for staff_no, name in PEOPLE.items()}, ("L1", "L2"))

    def person(self, staff_no: str, role: str | None = None) -> httpx.AsyncClient:
        """A client in somebody's name, who is in their team."""
        kind = role or ("lead" if staff_no.startswith("L") else "agent")
        return self.api.as_(kind, staff_no=staff_no, teams=(home(staff_no),))

    async def case(self, by: str = "A1", **fields: Any) -> Json:
        """A case that somebody opened and works on."""
        customer = said(await self.manager.post("/cases/v1/customers", json={"name": "张伟", "tier": "standard"}), 201)
        body = {"type": "consult", "subject": "包裹没有到", "customer_id": customer["customer_id"], **fields}
        found: Json = said(await self.person(by).post("/cases/v1/cases", json=body), 201)
        return found

    async def act(self, by: str, path: str, status: int = 200, /, **body: Any) -> Any:
        """Somebody does something."""
        return said(await self.person(by).post(f"/cases/v1{path}", json=body), status)

    async def read(self, path: str) -> Any:
        """What the manager sees."""
        return said(await self.manager.get(f"/cases/v1{path}"))

    async def handoff(self, case: Json, to: str = "T2", by: str = "A1", status: int = 201, **more: Any) -> Json:
        """A hand-off of a case."""
        body = {"to_team": to, "reason": "需要查件", "request": "请核实包裹位置", "channel": "system", **more}
        found: Json = await self.act(by, f"/cases/{case['case_id']}/handoffs", status, **body)
        return found

    async def at(self, local: str) -> None:
        """Let the clock run to a local time in Shanghai, firing what falls due on the way at its own time."""
        await self.wait_until(datetime.fromisoformat(local).replace(tzinfo=SHANGHAI))
