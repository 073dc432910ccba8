"""Stopping the next contact, and complaints, as stories: over HTTP only, with the clock in hand, on both transports."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from shared.platform.calendar import Kind, official_day
from tests.e2e.conftest import Centre
from tests.e2e.floor import SHANGHAI, said

Json = dict[str, Any]
TEAMS = {"HOT": ("热线组", "L1", "S1"), "FIN": ("财务部", "L2", "S2"), "BJ": ("北京分公司", "L3", "S3")}
PEOPLE = {
    "A1": ("林晓梅", "HOT", "agent"),
    "A2": ("周启明", "HOT", "agent"),
    "L1": ("冯班长", "HOT", "lead"),
    "S1": ("唐主管", "HOT", "supervisor"),
    "L2": ("罗主任", "FIN", "lead"),
    "L3": ("高主任", "BJ", "lead"),
}


def a_monday_morning(now: datetime) -> datetime:
    """Ten o'clock on the next Monday that is no holiday."""
    day = now.astimezone(SHANGHAI).replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=1)
    while day.weekday() != 0 or official_day(day.date()).kind is Kind.HOLIDAY:
        day += timedelta(days=1)
    return day


class House:
    """A hotline, a department and a branch, with their people's clients."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.manager = centre.client("manager")
        self.people: dict[str, httpx.AsyncClient] = {}

    async def open(self) -> None:
        """Ten on a Monday morning: teams, people, ways to reach them, who is on duty, what contacts are about."""
        await self.centre.advance(to=a_monday_morning(await self.centre.now()))
        teams = {}
        for code, (name, lead, supervisor) in TEAMS.items():
            body = {"name": name, "code": code, "zone": "Asia/Shanghai", "lead": lead, "supervisor": supervisor}
            teams[code] = said(await self.manager.post("/roster/v1/teams", json=body), 201)["team_id"]
        for staff_no, (name, code, role) in PEOPLE.items():
            agent = {"staff_no": staff_no, "name": name, "team_id": teams[code], "roles": [role], "skills": []}
            said(await self.manager.post("/roster/v1/agents", json={**agent, "hired_on": "2025-01-06"}), 201)
            self.people[staff_no] = self.centre.client(role, staff_no=staff_no, teams=(teams[code], code))
        await self.centre.advance(minutes=0)
        for staff_no in PEOPLE:
            way = {"channel": "captured", "address": f"{staff_no.lower()}@example.test", "verified": True}
            said(await self.manager.post(f"/notify/v1/recipients/{staff_no}/contacts", json=way), 201)
        for code in ("refund", "delivery"):
            await self.act(None, "/topics", 201, code=code, name=code, owner_team="FIN")

    async def act(self, who: str | None, path: str, status: int = 200, /, **body: Any) -> Any:
        """Somebody does something; the services tell each other."""
        client = self.people[who] if who else self.manager
        answer = said(await client.post(f"/cases/v1{path}", json=body), status)
        await self.centre.advance(minutes=0)
        return answer

    async def read(self, path: str) -> Any:
        """What the manager sees."""
        return said(await self.manager.get(f"/cases/v1{path}"))

    async def calls(self, count: int, topic: str, *, minutes: int = 0) -> None:
        """So many calls about a topic, beginning so many minutes from now."""
        begin = await self.centre.now() + timedelta(minutes=minutes)
        rows = [
            {"external_id": f"{topic}-{begin:%d%H%M}-{place}", "topic": topic, "queued_at": begin.isoformat()}
            for place in range(count)
        ]
        report = said(await self.manager.post("/cases/v1/contacts:batch", json=rows))
        assert report["failed"] == 0, report
        await self.centre.advance(minutes=1)

    async def customer(self, name: str, phone: str | None) -> str:
        identities = [{"kind": "phone", "value": phone}] if phone else []
        body = {"name": name, "identities": identities}
        return str((await self.act(None, "/customers", 201, **body))["customer_id"])

    async def asked(self, staff_no: str, subject_type: str) -> list[Json]:
        """What a person is asked, and has not answered."""
        found = said(await self.manager.get("/notify/v1/acknowledgements?state=open&limit=200"))["items"]
        return [one for one in found if (one["staff_no"], one["subject_type"]) == (staff_no, subject_type)]


@pytest.fixture
async def house(centre: Centre) -> House:
    house = House(centre)
    await house.open()
    return house


async def test_a_surge_becomes_a_known_problem_and_its_fix_reaches_everybody(house: House) -> None:
    customers = [await house.customer(f"客户{place}", f"1380013800{place}") for place in range(3)]
    customers.append(await house.customer("没有留下联系方式", None))
    cases = [
        (await house.act("A1", "/cases", 201, type="consult", topic="refund", customer_id=one, subject="退款未到"))[
            "case_id"
        ]
        for one in customers
    ]
    await house.calls(15, "delivery")
    assert (await house.read("/surges"))["items"] == []
    await house.calls(30, "refund")
    surge = await _the_department_has_a_task(house)
    problem = await _it_says_what_is_behind_it(house, surge)
    await _whoever_comes_now_is_told(house, problem)
    await _the_fix_is_told_and_applied(house, problem, cases, customers)


async def _the_department_has_a_task(house: House) -> Json:
    [surge] = (await house.read("/surges"))["items"]
    assert (surge["topic"], surge["owner_team_name"], surge["state"]) == ("refund", "财务部", "raised")
    [asked] = await house.asked("L2", "cases.surge")
    assert asked["subject_id"] == surge["surge_id"]
    return dict(surge)


async def _it_says_what_is_behind_it(house: House, surge: Json) -> Json:
    """One step for the department; its question in notify is answered by that, departments and branches are asked."""
    problem = {
        "title": "退款延迟",
        "cause": "银行网关拒绝转账",
        "workaround": "登记后告知三日内到账",
        "eta_at": (await house.centre.now() + timedelta(days=2)).isoformat(),
        "teams": ["HOT", "BJ"],
        "link_open_since": (await house.centre.now() - timedelta(days=1)).isoformat(),
    }
    acted = await house.act(
        "L2", f"/surges/{surge['surge_id']}/act", action="problem", note="网关故障", problem=problem
    )
    await house.centre.advance(minutes=1)
    assert await house.asked("L2", "cases.surge") == []
    for lead in ("L1", "L3"):
        assert len(await house.asked(lead, "cases.problem")) == 1
    return dict(await house.read(f"/problems/{acted['problem_id']}"))


async def _whoever_comes_now_is_told(house: House, problem: Json) -> None:
    now = await house.centre.now()
    intake = await house.act("A2", "/contacts", 201, topic="refund", queued_at=now.isoformat(), channel="chat")
    assert [one["number"] for one in intake["known_problems"]] == [problem["number"]]
    assert (problem["case_count"], problem["customer_count"]) == (4, 4)


async def _the_fix_is_told_and_applied(house: House, problem: Json, cases: list[str], customers: list[str]) -> None:
    path = f"/problems/{problem['problem_id']}"
    await house.act("L2", f"{path}/update", news="银行正在处理")
    await house.centre.advance(minutes=1)
    await house.act("L2", f"{path}/fix", fix="网关已恢复，退款已补发")
    await house.centre.advance(minutes=5)
    for customer_id in customers:
        found = await house.manager.get(
            f"/notify/v1/messages?subject_id={problem['problem_id']}&customer_id={customer_id}"
        )
        templates = [one["template"] for one in said(found)["items"]]
        assert templates == [f"cases.problem.{kind}" for kind in ("announced", "updated", "fixed")]
    assert {(await house.read(f"/cases/{case_id}"))["state"] for case_id in cases} == {"resolved"}
    await house.centre.advance(hours=1)
    unreached = (await house.read(f"{path}/unreached"))["items"]
    assert [one["customer_id"] for one in unreached] == customers[3:]


async def test_a_vague_case_and_a_complaint_both_come_to_their_end(house: House) -> None:
    vague = await house.act("A1", "/cases", 201, type="feedback", subject="多扣了费用", channel="chat")
    questions = [{"question": "请问是哪一笔订单？"}]
    hints = [{"kind": "order", "value": "SO-2027-88"}]
    bulletin = await house.act("A1", "/bulletins", 201, case_id=vague["case_id"], questions=questions, hints=hints)
    now = await house.centre.now()
    intake = await house.act("A2", "/contacts", 201, queued_at=now.isoformat(), channel="phone", hints=["so 2027 88"])
    assert [one["bulletin_id"] for one in intake["bulletins"]] == [bulletin["bulletin_id"]]
    answers = {"请问是哪一笔订单？": "三月六日那一笔"}
    contact_id = intake["contact"]["contact_id"]
    captured = await house.act(
        "A2", f"/bulletins/{bulletin['bulletin_id']}/capture", answers=answers, contact_id=contact_id
    )
    assert (captured["outcome"], captured["captured_by"]) == ("captured", "A2")
    await _the_complaint_climbs_and_ends(house, vague["case_id"])


async def _the_complaint_climbs_and_ends(house: House, case_id: str) -> None:
    path = f"/cases/{case_id}/complaint"
    raised = await house.act("A1", f"{path}/raise", 201, said="催了三次没有人管", subjects=["A2"], support_wanted=True)
    assert (raised["stage"], raised["handler"]) == ("raised", "S1"), "without a rota the supervisor has it"
    await house.centre.advance(hours=3)
    assert (await house.read(path))["reminder_count"] == 1
    await house.act("A2", f"{path}/acknowledge", 403, channel="phone", text="x")
    await house.act("L1", f"{path}/acknowledge", channel="phone", text="已收到，冯班长跟进")
    await house.act("L1", f"{path}/assess", kind="genuine", findings="确有三次来电未跟进", step="follow_up")
    sent = await house.act("L1", f"{path}/dispatch", to_team="FIN", request="请核实扣费")
    await house.act("L2", f"/handoffs/{sent['handoff_id']}/accept")
    await house.act("L2", f"/handoffs/{sent['handoff_id']}/answer", answer="确为重复扣费，已退")
    await house.act("L1", f"{path}/decide", decision="upheld", reasons="重复扣费属实", remedy="退款并致歉")
    await house.act("L1", f"{path}/close", 409, root_cause="process", note="x")
    await house.act("L1", f"{path}/respond", response="accepted", channel="phone", said="可以")
    await house.act("L1", f"{path}/give-support", note="已面谈")
    closed = await house.act("L1", f"{path}/close", root_cause="process", note="缺少跟进提醒")
    assert (closed["stage"], closed["step"], closed["accepted"]) == ("closed", "follow_up", True)
