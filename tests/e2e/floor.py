"""A contact centre as its people see it: the steps of the loop, each one or two HTTP calls."""

from __future__ import annotations

import io
import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import xlsxwriter

from tests.e2e.conftest import Centre

SHANGHAI = ZoneInfo("Asia/Shanghai")
AGENTS = {"A001": "林晓梅", "A002": "周启明", "A003": "何雨桐", "A004": "高建国", "A005": "罗思远", "A006": "谢佳宁"}
LEAD, SUPERVISOR = "L001", "S001"
CODES = (("早", "08:00", "16:00"), ("晚", "14:00", "22:00"), ("休", None, None))

Json = dict[str, Any]


def said(response: httpx.Response, status: int = 200) -> Any:
    """The answer's JSON; an unexpected status fails with the answer's own words."""
    where = f"{response.request.method} {response.url}"
    assert response.status_code == status, f"{where}: {response.status_code} {response.text}"
    return response.json() if response.content else None


class Floor:
    """One team on one Centre."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.manager = centre.client("manager")
        self.team_id = ""
        self.roster_id = ""
        self.days: list[date] = []

    async def open(self) -> None:
        """Ten in the morning in Shanghai: a team, its people, their verified contacts, its shift codes."""
        await self.until(10, 0)
        team = {"name": "热线一组", "code": "T1", "zone": "Asia/Shanghai", "lead": LEAD, "supervisor": SUPERVISOR}
        self.team_id = said(await self.manager.post("/roster/v1/teams", json=team), 201)["team_id"]
        people = {**AGENTS, LEAD: "冯班长", SUPERVISOR: "唐主管"}
        for staff_no, name in people.items():
            await self._hire(staff_no, name)
        for code, starts, ends in CODES:
            times = {"starts": starts, "ends": ends} if starts else {}
            said(await self.manager.post("/roster/v1/shift-codes", json={"code": code, "name": code, **times}), 201)
        await self.centre.advance(minutes=0)
        for staff_no in people:
            contact = {"channel": "captured", "address": f"{staff_no.lower()}@example.test", "verified": True}
            said(await self.manager.post(f"/notify/v1/recipients/{staff_no}/contacts", json=contact), 201)
        await self.centre.advance(minutes=0)

    async def _hire(self, staff_no: str, name: str) -> None:
        roles = {LEAD: ["lead"], SUPERVISOR: ["supervisor"]}.get(staff_no, ["agent"])
        agent = {"staff_no": staff_no, "name": name, "team_id": self.team_id, "roles": roles, "hired_on": "2025-01-06"}
        said(await self.manager.post("/roster/v1/agents", json={**agent, "skills": []}), 201)

    def supervisor(self) -> httpx.AsyncClient:
        return self.centre.client("supervisor", staff_no=SUPERVISOR, teams=(self.team_id, "T1"))

    def agent(self, staff_no: str) -> httpx.AsyncClient:
        return self.centre.client("agent", staff_no=staff_no, teams=(self.team_id, "T1"))

    async def now(self) -> datetime:
        return (await self.centre.now()).astimezone(SHANGHAI)

    async def until(self, hour: int, minute: int, *, days: int = 0) -> None:
        """Let the clock run to the next time it is that hour in Shanghai (and `days` more)."""
        now = await self.now()
        then = now.replace(hour=hour, minute=minute, second=0, microsecond=0) + timedelta(days=days)
        if then < now:
            then += timedelta(days=1)
        await self.centre.advance(to=then.isoformat())

    async def plan_month(self) -> None:
        """A roster for the 31 days from today."""
        today = (await self.now()).date()
        self.days = [today + timedelta(days=day) for day in range(31)]
        period = {"team_id": self.team_id, "from": str(self.days[0]), "to": str(self.days[-1])}
        self.roster_id = said(await self.manager.post("/roster/v1/rosters", json=period), 201)["roster_id"]

    def sheet(self, changes: dict[tuple[str, date], str] | None = None) -> bytes:
        """The supervisor's own workbook: Chinese headers, one row per agent, one column per day."""
        file = io.BytesIO()
        book = xlsxwriter.Workbook(file, {"in_memory": True})
        page = book.add_worksheet("班表")
        page.write_row(0, 0, ["工号", "姓名"])
        style = book.add_format({"num_format": "m/d"})
        for column, day in enumerate(self.days, start=2):
            page.write_datetime(0, column, datetime(day.year, day.month, day.day), style)
        for row, (staff_no, name) in enumerate(AGENTS.items(), start=1):
            cells = [(changes or {}).get((staff_no, day), self.usual(day)) for day in self.days]
            page.write_row(row, 0, [staff_no, name, *cells])
        book.close()
        return file.getvalue()

    def usual(self, day: date) -> str:
        """Everybody's plan: the early shift, every seventh day off."""
        return "休" if (day - self.days[0]).days % 7 == 6 else "早"

    async def import_sheet(self, sheet: bytes, *, dry_run: bool = False, status: int = 200) -> Json:
        files = {"file": ("班表.xlsx", sheet, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")}
        url = f"/roster/v1/rosters/{self.roster_id}/draft:import"
        params = {"dry_run": "true"} if dry_run else {}
        return said(await self.supervisor().post(url, files=files, params=params), status)

    async def publish(self, note: str, status: int = 201) -> Json:
        url = f"/roster/v1/rosters/{self.roster_id}/publish"
        answer = said(await self.supervisor().post(url, json={"note": note}), status)
        await self.centre.advance(minutes=0)
        return answer

    async def change(self, change_id: str) -> Json:
        return said(await self.manager.get(f"/roster/v1/shift-changes/{change_id}"))

    async def messages(self, staff_no: str | None = None) -> list[Json]:
        """Every captured message, oldest first."""
        found: list[Json] = []
        params: dict[str, str] = {"limit": "200", "channel": "captured"} | ({"staff_no": staff_no} if staff_no else {})
        while True:
            page = said(await self.manager.get("/notify/v1/messages", params=params))
            found += page["items"]
            if page["next"] is None:
                return found
            params["after"] = page["next"]

    async def count(self, staff_no: str) -> int:
        return len(await self.messages(staff_no))

    async def link(self, staff_no: str, change_id: str) -> str:
        """The path of the answer link in the newest message about that change."""
        texts = [message["text"] for message in await self.messages(staff_no) if message["subject_id"] == change_id]
        found = re.findall(r"(/a/[\w.~-]+)", "\n".join(texts))
        assert found, f"no link for {staff_no}: {texts}"
        return str(found[-1])

    async def ladder(self, change_id: str) -> Json:
        """The acknowledgement about a change, with its rungs."""
        page = said(await self.manager.get("/notify/v1/acknowledgements", params={"subject_id": change_id}))
        [acknowledgement] = page["items"]
        return said(await self.manager.get(f"/notify/v1/acknowledgements/{acknowledgement['acknowledgement_id']}"))

    async def punch(self, staff_no: str, kind: str) -> None:
        body = {"staff_no": staff_no, "kind": kind, "at": (await self.centre.now()).isoformat()}
        response = await self.manager.post("/roster/v1/punches", json=body)
        assert response.status_code in (200, 201), response.text

    async def attendance(self, staff_no: str, on: date) -> Json:
        page = said(await self.manager.get("/roster/v1/attendance", params={"team": self.team_id, "on": str(on)}))
        [found] = [row for row in page["items"] if row["staff_no"] == staff_no]
        return found

    async def metric(self, name: str, **params: str) -> list[Json]:
        first, last = self.days[0] - timedelta(days=1), self.days[-1]
        window = {"from": str(first), "to": str(last), "tz": "Asia/Shanghai"}
        return said(await self.manager.get(f"/kpi/v1/metrics/{name}", params=window | params))["points"]

    async def facts(self, name: str, **params: str) -> list[Json]:
        first, last = self.days[0] - timedelta(days=1), self.days[-1]
        window = {"from": str(first), "to": str(last), "tz": "Asia/Shanghai", "limit": "200"}
        return said(await self.manager.get(f"/kpi/v1/metrics/{name}/facts", params=window | params))["items"]
