"""A small centre to test with, over HTTP."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import httpx
from sqlalchemy import select

from services.roster import worker as roster_worker
from services.roster.consumers import HANDLERS
from shared.contracts.event import Event
from shared.contracts.notify import ContactVerified
from shared.platform.embedded import EmbeddedTransport
from shared.platform.ids import stable_id
from shared.platform.work import Database
from shared.platform.worker import Worker
from tests.conftest import Api
from tests.hearing import hear

ROOT = "/roster/v1"
MONDAY = date(2026, 3, 2)
"""The day on which the tests' clock starts, at 09:00 in Shanghai."""


def day(number: int) -> str:
    """The n-th day after the start (0: today)."""
    return str(MONDAY + timedelta(days=number))


@dataclass
class Centre:
    """A team of agents A001…, with codes 早 (09-18), 晚 (14-22), 夜 (22-06), 休."""

    api: Api
    database: Database
    team: dict[str, Any] = field(default_factory=dict)
    agents: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def manager(self) -> httpx.AsyncClient:
        return self.api.as_("manager")

    @property
    def supervisor(self) -> httpx.AsyncClient:
        return self.api.as_("supervisor", staff_no="S001")

    def agent(self, staff_no: str) -> httpx.AsyncClient:
        return self.api.as_("agent", staff_no=staff_no)

    async def post(self, path: str, body: dict[str, Any], *, status: int = 201) -> dict[str, Any]:
        return await self.ask("POST", path, status=status, json=body)

    async def get(self, path: str, **params: Any) -> dict[str, Any]:
        return await self.ask("GET", path, params=params)

    async def ask(
        self, method: str, path: str, *, status: int = 200, by: httpx.AsyncClient | None = None, **more: Any
    ) -> dict[str, Any]:
        answer = await (by or self.manager).request(method, ROOT + path, **more)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found

    async def hire(self, *staff_nos: str, team_id: str | None = None) -> None:
        for staff_no in staff_nos:
            body = {"staff_no": staff_no, "name": f"客服{staff_no}", "team_id": team_id or self.team["team_id"]}
            self.agents[staff_no] = await self.post("/agents", {**body, "hired_on": "2025-01-01"})
        await self.vouch(*staff_nos)

    async def roster(self, days: int = 31, start: date = MONDAY) -> str:
        body = {"team_id": self.team["team_id"], "from": str(start), "to": str(start + timedelta(days=days - 1))}
        return str((await self.post("/rosters", body))["roster_id"])

    async def draft(self, roster_id: str, cells: dict[str, dict[str, str]]) -> dict[str, Any]:
        """Write the whole draft: staff number → day → code."""
        assignments = [
            {"staff_no": staff_no, "on": on, "code": code}
            for staff_no, line in cells.items()
            for on, code in line.items()
        ]
        return await self.ask("PUT", f"/rosters/{roster_id}/draft", json={"assignments": assignments})

    async def publish(self, roster_id: str, **body: Any) -> dict[str, Any]:
        """Publish; the changes by staff number."""
        answer = await self.post(f"/rosters/{roster_id}/publish", body)
        return answer | {"changes": {change["staff_no"]: change for change in answer["changes"]}}

    async def confirm(self, change: dict[str, Any]) -> dict[str, Any]:
        path = f"/shift-changes/{change['change_id']}/confirm"
        return await self.ask("POST", path, by=self.agent(change["staff_no"]), json={"channel": "console"})

    async def change(self, change_id: str) -> dict[str, Any]:
        return await self.get(f"/shift-changes/{change_id}")

    async def shift(self, staff_no: str, on: str) -> dict[str, Any]:
        path = f"/agents/{self.agents[staff_no]['agent_id']}/shifts"
        [found] = (await self.get(path, **{"from": on, "to": on}))["shifts"]
        return dict(found)

    async def told(self) -> list[tuple[str, dict[str, Any]]]:
        """Every event so far, in order: its type and data."""
        table = self.database.kernel.outbox
        async with self.database.reading() as conn:
            rows = (await conn.execute(select(table.c.body).order_by(table.c.position))).scalars().all()
        events = [json.loads(body) for body in rows]
        return [(event["type"], event["data"]) for event in events]

    async def hear(self, event: Event, *, sequence: int = 1) -> None:
        """What another service tells, as the worker would take it in."""
        async with self.database.work() as work:
            await hear(work, HANDLERS, event, sequence)

    async def vouch(self, *staff_nos: str) -> None:
        """Notify says that these people have a verified contact of their own."""
        for staff_no in staff_nos:
            contact = ContactVerified(
                contact_id=stable_id("contact", staff_no), staff_no=staff_no, channel="captured", verified_by="S001"
            )
            await self.hear(contact)

    def worker(self) -> Worker:
        return roster_worker.build(self.database, EmbeddedTransport())


async def open_centre(api: Api, database: Database, *staff_nos: str) -> Centre:
    """A centre with its team, codes, lead, supervisor and agents, all of whom can be reached."""
    centre = Centre(api, database)
    team = {"name": "一组", "code": "T1", "lead": "L001", "supervisor": "S001"}
    centre.team = await centre.post("/teams", team)
    for code, starts, ends in (("早", "09:00", "18:00"), ("晚", "14:00", "22:00"), ("夜", "22:00", "06:00")):
        await centre.post("/shift-codes", {"code": code, "name": code + "班", "starts": starts, "ends": ends})
    await centre.post("/shift-codes", {"code": "休", "name": "休息"})
    above = await centre.post("/teams", {"name": "现场管理", "code": "FLOOR"})
    await centre.hire("L001", "S001", team_id=above["team_id"])
    await centre.hire(*staff_nos)
    return centre
