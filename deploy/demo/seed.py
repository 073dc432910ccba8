"""Enter the demo centre over HTTP, each step as the person whose step it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from starlette.types import ASGIApp

from deploy.demo import centre
from deploy.demo.centre import MANAGER, PEOPLE, Person
from shared.platform.auth import Signer

Json = dict[str, Any]


class NotEntered(Exception):
    """A step of the demo was refused."""


@dataclass
class Seeding:
    """One round of entering. `settle` waits until the services have told each other."""

    client: httpx.AsyncClient
    signer: Signer
    settle: Callable[[], Awaitable[None]]
    now: datetime
    teams: dict[str, str] = field(default_factory=dict)

    async def ask(self, person: Person, method: str, path: str, **request: Any) -> Any:
        """One request in somebody's name; what is answered, as JSON."""
        teams = (person.team, self.teams[person.team]) if person.team in self.teams else ()
        staff_no = person.staff_no if person is not MANAGER else None
        token = self.signer.token(
            sub=person.staff_no, name=person.name, roles=(person.role,), staff_no=staff_no, teams=teams
        )
        headers = {"Authorization": f"Bearer {token}", **request.pop("headers", {})}
        answer = await self.client.request(method, path, headers=headers, **request)
        if answer.is_error:
            raise NotEntered(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    async def items(self, path: str, **params: Any) -> list[Json]:
        """Everything a list holds."""
        found: list[Json] = []
        while True:
            page = await self.ask(MANAGER, "GET", path, params={"limit": 200, **params})
            found += page["items"]
            if page["next"] is None:
                return found
            params["after"] = page["next"]

    async def add_missing(self, path: str, key: str, wanted: Iterable[Json]) -> list[Json]:
        """Post what a list does not have yet; the whole list afterwards."""
        there = {item[key] for item in await self.items(path)}
        for body in wanted:
            if body[key] not in there:
                await self.ask(MANAGER, "POST", path, json=body)
        return await self.items(path)


@asynccontextmanager
async def inside(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application in this process."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ringback", timeout=60) as client:
        yield client


async def seed(seeding: Seeding) -> list[Json]:
    """Enter what is missing; the people, for whoever signs their tokens."""
    await _people(seeding)
    await seeding.settle()
    await _contact_methods(seeding)
    await seeding.settle()
    for code in centre.TEAMS:
        await _roster(seeding, code)
    await _calls(seeding)
    await _cases(seeding)
    await seeding.settle()
    return [_holder(seeding, person) for person in (*PEOPLE, MANAGER)]


async def _people(seeding: Seeding) -> None:
    teams = [
        {"code": code, "name": name, "zone": centre.ZONE, "lead": lead, "supervisor": supervisor}
        for code, (name, lead, supervisor) in centre.TEAMS.items()
    ]
    for team in await seeding.add_missing("/roster/v1/teams", "code", teams):
        if team["code"] in centre.TEAMS:
            seeding.teams[team["code"]] = team["team_id"]
    await seeding.add_missing("/roster/v1/agents", "staff_no", (_hire(seeding, person) for person in PEOPLE))
    await seeding.add_missing("/roster/v1/shift-codes", "code", centre.CODES)


def _hire(seeding: Seeding, person: Person) -> Json:
    team_id = seeding.teams[person.team]
    hired_on = str((seeding.now - timedelta(days=400)).date())
    return {
        "staff_no": person.staff_no,
        "name": person.name,
        "team_id": team_id,
        "roles": [person.role],
        "hired_on": hired_on,
    }


async def _contact_methods(seeding: Seeding) -> None:
    for person in PEOPLE:
        path = f"/notify/v1/recipients/{person.staff_no}"
        if not (await seeding.ask(MANAGER, "GET", path))["contacts"]:
            contact = {"channel": "captured", "address": f"{person.staff_no.lower()}@example.test", "verified": True}
            await seeding.ask(MANAGER, "POST", f"{path}/contacts", json=contact)


async def _roster(seeding: Seeding, code: str) -> None:
    """A month from tomorrow on, published and answered; then, in the first team, a change of tomorrow."""
    supervisor = next(person for person in PEOPLE if person.team == code and person.role == "supervisor")
    tomorrow = (seeding.now.astimezone(ZoneInfo(centre.ZONE)) + timedelta(days=1)).date()
    rosters = await seeding.items("/roster/v1/rosters", team=code)
    if not rosters:
        period = {"team_id": seeding.teams[code], "from": str(tomorrow), "to": str(tomorrow + timedelta(days=30))}
        rosters = [await seeding.ask(supervisor, "POST", "/roster/v1/rosters", json=period)]
    roster = rosters[0]
    path = f"/roster/v1/rosters/{roster['roster_id']}"
    if roster["number"] == 0:
        cells = {"assignments": centre.month(code, tomorrow)}
        await seeding.ask(supervisor, "PUT", f"{path}/draft", json=cells)
        await seeding.ask(supervisor, "POST", f"{path}/publish", json={"note": "本月班表"})
    if roster["number"] <= 1:
        await _confirm(seeding, roster["roster_id"], number=1, but=centre.UNASKED_YET)
    if code == "HOT1" and roster["number"] <= 1 and roster["from"] == str(tomorrow):
        await _change_tomorrow(seeding, supervisor, path, roster["from"])
    await _confirm(seeding, roster["roster_id"], number=2, but=centre.SILENT)


async def _change_tomorrow(seeding: Seeding, supervisor: Person, path: str, tomorrow: str) -> None:
    version = (await seeding.ask(supervisor, "GET", path))["version"]
    cells = [{"staff_no": staff_no, "on": tomorrow, "code": "中"} for staff_no in (centre.SILENT, centre.ANSWERING)]
    headers = {"If-Match": f'"{version}"'}
    await seeding.ask(supervisor, "PATCH", f"{path}/draft", json={"assignments": cells}, headers=headers)
    await seeding.ask(supervisor, "POST", f"{path}/publish", json={"note": "明天午后来电预计增加，两人改中班"})


async def _confirm(seeding: Seeding, roster_id: str, *, number: int, but: str) -> None:
    """Everybody asked by one publication says yes, but one."""
    await seeding.settle()
    people = {person.staff_no: person for person in PEOPLE}
    for change in await seeding.items("/roster/v1/shift-changes", roster_id=roster_id):
        asked = change["number"] == number and change["state"] in ("pending", "notified", "opened")
        if asked and change["staff_no"] != but:
            path = f"/roster/v1/shift-changes/{change['change_id']}/confirm"
            await seeding.ask(people[change["staff_no"]], "POST", path, json={"channel": "console"})


async def _calls(seeding: Seeding) -> None:
    topics = [{"code": code, "name": name, "owner_team": team} for code, (name, team) in centre.TOPICS.items()]
    await seeding.add_missing("/cases/v1/topics", "code", topics)
    await seeding.add_missing("/cases/v1/customers", "external_id", centre.customers())
    if not await seeding.items("/cases/v1/contacts", external_id="demo-0000"):
        report = await seeding.ask(MANAGER, "POST", "/cases/v1/contacts:batch", json=centre.calls(seeding.now))
        if report["failed"]:
            raise NotEntered(f"contacts: {report}")


async def _cases(seeding: Seeding) -> None:
    """A few cases, each as far as it has come."""
    await seeding.settle()
    people = {person.staff_no: person for person in PEOPLE}
    customers = {one["external_id"]: one["customer_id"] for one in await seeding.items("/cases/v1/customers")}
    there = {case["subject"] for case in await seeding.items("/cases/v1/cases")}
    for matter in centre.MATTERS:
        if matter.subject in there:
            continue
        body = {name: getattr(matter, name) for name in ("type", "topic", "subject", "description")}
        body["customer_id"] = customers[f"demo-{matter.customer}"]
        case = await seeding.ask(people[matter.opener], "POST", "/cases/v1/cases", json=body)
        for verb, told in matter.steps:
            path = f"/cases/v1/cases/{case['case_id']}/{verb}"
            await seeding.ask(people[matter.opener], "POST", path, json=told)


def _holder(seeding: Seeding, person: Person) -> Json:
    teams = [person.team, seeding.teams[person.team]] if person.team else []
    staff_no = person.staff_no
    return {"staff_no": staff_no, "name": person.name, "roles": [person.role], "teams": teams}
