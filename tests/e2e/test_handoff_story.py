"""The story of a hand-off nobody answered, over HTTP only, with the clock in hand, on both transports."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import httpx
import pytest

from shared.platform.calendar import WorkCalendar, is_working_day
from tests.e2e.conftest import Centre
from tests.e2e.floor import SHANGHAI, said

Json = dict[str, Any]
PEOPLE = {
    "A1": ("林晓梅", "HOT", "agent"),
    "L1": ("冯班长", "HOT", "lead"),
    "B1": ("何师傅", "LOG", "agent"),
    "L2": ("罗主任", "LOG", "lead"),
    "S2": ("高经理", "LOG", "supervisor"),
}
COUNTED = {"handoff_ack_time": (0, 2), "closed_loop": (1, 3), "promise_kept": (1, 1), "reopen_rate": (0, 1)}
"""Two of three hops were accepted, at once; one was answered and told in time, by a word that was owed."""
TEAMS = {"HOT": ("热线组", "L1", "L1"), "LOG": ("物流部", "L2", "S2")}


class House:
    """Two teams, one customer, and everybody's clients."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.manager = centre.client("manager")
        self.teams: dict[str, str] = {}
        self.people: dict[str, httpx.AsyncClient] = {}
        self.monday = date.min

    async def open(self) -> None:
        """Nine on the next Monday that begins a plain week: teams, people, and ways to reach them."""
        self.monday = _plain_monday((await self.centre.now()).astimezone(SHANGHAI).date())
        await self.until(0, 9)
        for code, (name, lead, supervisor) in TEAMS.items():
            body = {"name": name, "code": code, "zone": "Asia/Shanghai", "lead": lead, "supervisor": supervisor}
            self.teams[code] = said(await self.manager.post("/roster/v1/teams", json=body), 201)["team_id"]
        for staff_no, (name, code, role) in PEOPLE.items():
            agent = {"staff_no": staff_no, "name": name, "team_id": self.teams[code], "roles": [role], "skills": []}
            said(await self.manager.post("/roster/v1/agents", json={**agent, "hired_on": "2025-01-06"}), 201)
            names = (self.teams[code], code)
            self.people[staff_no] = self.centre.client(role, staff_no=staff_no, teams=names)
        await self.centre.advance(minutes=0)
        for staff_no in PEOPLE:
            way = {"channel": "captured", "address": f"{staff_no.lower()}@example.test", "verified": True}
            said(await self.manager.post(f"/notify/v1/recipients/{staff_no}/contacts", json=way), 201)

    def at(self, day: int, hour: int, minute: int = 0) -> datetime:
        """A time in Shanghai; day 0 is the Monday."""
        return datetime.combine(self.monday + timedelta(days=day), time(hour, minute), SHANGHAI)

    async def until(self, day: int, hour: int, minute: int = 0) -> None:
        """Let the clock run to such a time."""
        await self.centre.advance(to=self.at(day, hour, minute))

    async def act(self, who: str, path: str, status: int = 200, /, **body: Any) -> Any:
        """Somebody does something; the services tell each other."""
        answer = said(await self.people[who].post(f"/cases/v1{path}", json=body), status)
        await self.centre.advance(minutes=0)
        return answer

    async def read(self, path: str) -> Any:
        """What the manager sees."""
        return said(await self.manager.get(f"/cases/v1{path}"))

    async def steps(self, handoff: Json) -> list[tuple[str, int]]:
        """The chase of a hop so far: clock and step."""
        history = (await self.read(f"/handoffs/{handoff['handoff_id']}"))["history"]
        return [(one["details"]["clock"], one["details"]["step"]) for one in history if one["what"] == "overdue"]

    async def heard(self, staff_no: str) -> set[str]:
        """What notify told somebody so far, by template."""
        query = {"staff_no": staff_no, "channel": "captured", "limit": "200"}
        answer = said(await self.manager.get("/notify/v1/messages", params=query))
        return {one["template"] for one in answer["items"]}

    async def figure(self, metric: str) -> tuple[float, float]:
        """What kpi counts of the story: numerator and denominator."""
        days = {"from": str(self.monday), "to": str(self.monday + timedelta(days=2)), "tz": "Asia/Shanghai"}
        points = said(await self.manager.get(f"/kpi/v1/metrics/{metric}", params=days))["points"]
        assert len(points) == 1, (metric, points)
        return points[0]["numerator"], points[0]["denominator"]


@pytest.fixture
async def house(centre: Centre) -> House:
    house = House(centre)
    await house.open()
    return house


async def test_the_handoff_nobody_answered(house: House) -> None:
    customer = said(await house.manager.post("/cases/v1/customers", json={"name": "张伟"}), 201)
    said(await house.manager.post("/cases/v1/topics", json={"code": "parcel", "name": "包裹"}), 201)
    wish = {"type": "consult", "topic": "parcel", "customer_id": customer["customer_id"], "subject": "包裹没有到"}
    case = await house.act("A1", "/cases", 201, **wish)
    first = await _asked_and_never_accepted(house, case)
    second = await _accepted_and_then_silent(house, case, wish)
    assert second["previous_handoff_id"] == first["handoff_id"]
    await _answered_told_and_only_then_closed(house, case)
    await _every_minute_has_a_holder_and_every_miss_a_name(house, case)
    await _every_figure_of_it_is_counted(house)


async def _asked_and_never_accepted(house: House, case: Json) -> Json:
    """Monday: reminded at the hour, escalated half an hour later, back at eleven."""
    handoff: Json = await house.act("A1", f"/cases/{case['case_id']}/handoffs", 201, **_asking())
    await house.until(0, 9, 59)
    assert await house.steps(handoff) == []
    assert "handoff.asked" in await house.heard("L2"), "nobody is named: the team's lead is asked"
    await house.until(0, 10, 1)
    assert await house.steps(handoff) == [("acknowledgement", 1)]
    await house.until(0, 10, 31)
    assert await house.steps(handoff) == [("acknowledgement", 1), ("acknowledgement", 2)]
    blocked = await house.act("A1", f"/cases/{case['case_id']}/close", 409, confirmed=True)
    assert blocked["code"] == "case-not-resolved"
    assert "handoff.overdue_step" in await house.heard("L2")
    assert "handoff.returned" not in await house.heard("A1")
    await house.until(0, 11, 1)
    assert "handoff.returned" in await house.heard("A1"), "the sender hears of a return"
    found = await house.read(f"/handoffs/{handoff['handoff_id']}")
    [back] = [one for one in found["history"] if one["what"] == "returned"]
    assert (found["state"], back["details"]["why"]) == ("returned", "not_accepted")
    assert (await house.read(f"/cases/{case['case_id']}"))["state"] == "in_progress"
    return handoff


async def _accepted_and_then_silent(house: House, case: Json, wish: Json) -> Json:
    """Re-sent and accepted; the customer calls on day 2, nobody says where it stands, it escalates, it comes back."""
    handoff: Json = await house.act("A1", f"/cases/{case['case_id']}/handoffs", 201, **_asking())
    await house.act("B1", f"/handoffs/{handoff['handoff_id']}/accept")
    await house.until(1, 9, 30)
    again = await house.act("A1", "/cases", 201, **wish)
    assert (again["outcome"], again["case_id"]) == ("linked", case["case_id"])
    [asked] = (await house.read(f"/progress-requests?case_id={case['case_id']}"))["items"]
    due_at = datetime.fromisoformat(asked["due_at"]).astimezone(SHANGHAI)
    assert (asked["handler"], asked["state"], due_at.hour, due_at.minute) == ("B1", "open", 11, 30)
    assert "progress.asked" in await house.heard("B1")
    empty = {"standing": "正在处理，请耐心等待", "eta_at": house.at(1, 18).isoformat()}
    refused = await house.act("B1", f"/progress-requests/{asked['progress_id']}/answer", 422, **empty)
    assert refused["code"] == "please-wait-is-no-answer"
    await house.until(1, 11, 29)
    assert ("progress", 1) not in await house.steps(handoff)
    await house.until(1, 11, 31)
    assert ("progress", 1) in await house.steps(handoff)
    await house.act("B1", f"/handoffs/{handoff['handoff_id']}/return", note="单号缺一位，请核实")
    return handoff


async def _answered_told_and_only_then_closed(house: House, case: Json) -> None:
    """Re-sent, accepted, answered within the day; closing waits for the word to the customer."""
    path = f"/cases/{case['case_id']}"
    handoff = await house.act("A1", f"{path}/handoffs", 201, **_asking(), work_days=1)
    await house.act("B1", f"/handoffs/{handoff['handoff_id']}/accept")
    await house.centre.advance(hours=2)
    await house.act("B1", f"/handoffs/{handoff['handoff_id']}/answer", answer="在浦东站点，今天18点前送到")
    await house.act("A1", f"{path}/resolve", resolution="今天送到")
    blocked = await house.act("A1", f"{path}/close", 409, confirmed=True)
    assert blocked["open_loops"] == {"handoffs": 1, "promises": 1}
    await house.act("A1", f"/handoffs/{handoff['handoff_id']}/close", 409)
    await house.act("A1", f"{path}/customer-notices", 201, channel="phone", text="今天18点前送到")
    closed = await house.read(f"/handoffs/{handoff['handoff_id']}")
    assert (closed["state"], closed["answered_at"] <= closed["due_at"]) == ("closed", True)
    assert (await house.act("A1", f"{path}/close", confirmed=True))["state"] == "closed"


async def _every_minute_has_a_holder_and_every_miss_a_name(house: House, case: Json) -> None:
    hops = await house.read(f"/cases/{case['case_id']}/hops")
    assert sum(one["seconds"] for one in hops["stretches"]) == pytest.approx(hops["age_seconds"], abs=1e-3)
    assert {one["what"] for one in hops["stretches"]} >= {"asked", "worked", "own"}
    missed = (await house.read(f"/cases/{case['case_id']}/missed-steps"))["steps"]
    assert [(one["step"], one["team_name"], one["holder"]) for one in missed] == [
        ("handoff_not_accepted", "物流部", None),
        ("progress_not_answered", "物流部", "B1"),
    ]


async def _every_figure_of_it_is_counted(house: House) -> None:
    assert {metric: await house.figure(metric) for metric in COUNTED} == COUNTED


def _plain_monday(after: date) -> date:
    """The first Monday after a day that begins a week of three working days at least."""
    monday = after + timedelta(days=7 - after.weekday())
    while not all(is_working_day(WorkCalendar(), monday + timedelta(days=place)) for place in range(3)):
        monday += timedelta(days=7)
    return monday


def _asking() -> Json:
    return {"to_team": "LOG", "reason": "需要查件", "request": "请核实包裹位置", "channel": "system"}
