"""The complaint lane: from the agent who took it down, over the duty manager's desk, to its root cause."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from shared.contracts.cases import (
    CaseAssigned,
    ComplaintAcknowledged,
    ComplaintAppealed,
    ComplaintClosed,
    ComplaintDecided,
    ComplaintDispatched,
    ComplaintOverdue,
    ComplaintRaised,
    HandoffRequested,
)
from shared.contracts.notify import AcknowledgementGiven
from shared.contracts.roster import AgentJoined, DutyAssigned, TeamChanged
from shared.platform.ids import new_id, stable_id
from shared.platform.work import Database
from tests.conftest import START, Api, ManualClock
from tests.integration.cases.cause_desk import Desk

Json = dict[str, Any]
PEOPLE = {"A001": "T1", "A002": "T1", "L001": "T1", "S001": "T1", "L009": "T9", "F001": "FIN"}


class Lane(Desk):
    """A hotline with a duty manager, another team, and a finance department."""

    async def furnish(self) -> None:
        await self.hear_team("T1", "热线一组", "L001", "S001")
        await self.hear_team("T9", "热线二组", "L009", None)
        await self.hear_team("FIN", "财务部", "F001", None)
        for staff_no, team in PEOPLE.items():
            await self.hear(_agent(staff_no, team))
        await self.on_duty("L001")

    async def hear_team(self, code: str, name: str, lead: str, supervisor: str | None) -> None:
        fact: Json = {"code": code, "name": name, "zone": "Asia/Shanghai", "lead": lead, "supervisor": supervisor}
        await self.hear(TeamChanged(team_id=stable_id("team", code), **fact))

    async def on_duty(self, staff_no: str) -> None:
        """Roster says who is duty manager of the hotline from now on."""
        team: Json = {"team_id": stable_id("team", "T1"), "team_code": "T1", "team_name": "热线一组"}
        who: Json = {"agent_id": stable_id("agent", staff_no), "staff_no": staff_no, "name": f"{staff_no} 名"}
        now = self.clock.now()
        turn: Json = {"starts_at": now, "ends_at": now + timedelta(days=60), "assigned_at": now}
        event = DutyAssigned(
            duty_id=stable_id("duty", "T1"), zone="Asia/Shanghai", reason="rota", **team, **who, **turn
        )
        await self.hear(event)

    def person(self, staff_no: str) -> httpx.AsyncClient:
        role = {"L": "lead", "S": "supervisor", "F": "partner"}.get(staff_no[0], "agent")
        return self.agent(staff_no, PEOPLE[staff_no], role=role)

    async def case(self, customer_id: str | None = None) -> str:
        body = {"type": "feedback", "subject": "态度不好", "customer_id": customer_id, "team": "T1", "link": False}
        case = await self.ask("POST", "/cases", status=201, by=self.person("A001"), json=body)
        return str(case["case_id"])

    async def customer(self, name: str = "王芳") -> str:
        return str((await self.ask("POST", "/customers", status=201, json={"name": name}))["customer_id"])

    async def do(self, case_id: str, stage: str, *, by: str = "L001", status: int = 200, **body: Any) -> Json:
        path = f"/cases/{case_id}/complaint/{stage}"
        return dict(await self.ask("POST", path, status=status, by=self.person(by), json=body))

    async def raised(self, case_id: str, **body: Any) -> Json:
        return await self.do(case_id, "raise", by="A001", status=201, said="客户说客服态度差", **body)

    async def until_decided(self, case_id: str, **assessed: Any) -> None:
        """Acknowledged, assessed, no department asked, decided by the duty manager."""
        await self.do(case_id, "acknowledge", channel="phone", text="已收到，由值班经理处理")
        body = {"kind": "genuine", "findings": "通话录音已听", "step": "greeting"} | assessed
        await self.do(case_id, "assess", **body)
        await self.do(case_id, "dispatch", waived="值班经理可直接处理")
        await self.do(case_id, "decide", decision="upheld", reasons="录音属实", remedy="道歉并回访")


def _agent(staff_no: str, team: str) -> AgentJoined:
    return AgentJoined(
        agent_id=stable_id("agent", staff_no),
        staff_no=staff_no,
        name=f"{staff_no} 名",
        team_id=stable_id("team", team),
        team_name=team,
        roles=("agent",),
        skills=(),
        hired_on=START.date(),
    )


@pytest.fixture
async def lane(api: Api, database: Database, clock: ManualClock) -> Lane:
    lane = Lane(api, database, clock)
    await lane.furnish()
    return lane


@pytest.fixture
async def case_id(lane: Lane) -> str:
    return await lane.case(await lane.customer())


async def test_the_agent_is_free_of_it_and_the_duty_managers_desk_has_it(lane: Lane, case_id: str) -> None:
    complaint = await lane.raised(case_id, subjects=["A002"], support_wanted=True)
    assert (complaint["stage"], complaint["handler"], complaint["support_for"]) == ("raised", "L001", "A001")
    assert (await lane.ask("GET", f"/cases/{case_id}"))["owner"] == "L001"
    [event] = await lane.published(ComplaintRaised)
    assert (event.raised_by, event.handler, event.support_wanted, event.subjects) == ("A001", "L001", True, ("A002",))
    assert event.due_at == START + timedelta(hours=2)
    [assigned] = await lane.published(CaseAssigned)
    assert (assigned.previous_owner, assigned.owner) == ("A001", "L001")
    desk = (await lane.ask("GET", "/complaints?mine=true", by=lane.person("L001")))["items"]
    assert [one["case_id"] for one in desk] == [case_id]
    again = await lane.do(case_id, "raise", by="A001", status=409, said="again")
    assert again["code"] == "complaint-exists"


async def test_from_the_desk_through_the_department_to_its_root_cause(lane: Lane, case_id: str) -> None:
    await lane.raised(case_id)
    await lane.do(case_id, "acknowledge", channel="phone", text="已收到，由值班经理处理")
    assessed = await lane.do(case_id, "assess", kind="genuine", findings="退款延误", step="refund")
    assert "真诚致歉" in assessed["guidance"]
    sent = await lane.do(case_id, "dispatch", to_team="FIN", request="请核实退款", reason="refund")
    [asked] = await lane.published(HandoffRequested)
    assert (str(asked.handoff_id), asked.to_team_name, asked.sender) == (sent["handoff_id"], "财务部", "L001")
    early = {"decision": "upheld", "reasons": "属实", "remedy": "补发"}
    assert (await lane.do(case_id, "decide", status=409, **early))["code"] == "complaint-unanswered"
    hop = f"/handoffs/{sent['handoff_id']}"
    await lane.ask("POST", f"{hop}/accept", by=lane.person("F001"), json={})
    await lane.ask("POST", f"{hop}/answer", by=lane.person("F001"), json={"answer": "已补发，今日到账"})
    await lane.do(case_id, "decide", **early)
    await lane.do(case_id, "respond", response="accepted", channel="phone", said="满意")
    closed = await lane.do(case_id, "close", root_cause="process", note="退款流程缺少核对")
    assert (closed["stage"], closed["root_cause"], closed["step"], closed["accepted"]) == (
        "closed",
        "process",
        "refund",
        True,
    )
    assert [one["what"] for one in closed["steps"]] == [
        "raised",
        "acknowledged",
        "assessed",
        "dispatched",
        "decided",
        "responded",
        "closed",
    ]
    [end] = await lane.published(ComplaintClosed)
    assert (end.root_cause, end.decision, end.step, end.accepted) == ("process", "upheld", "refund", True)
    for cls in (ComplaintAcknowledged, ComplaintDispatched, ComplaintDecided):
        assert len(await lane.published(cls)) == 1
    await lane.do(case_id, "close", status=409, root_cause="process", note="again")


async def test_closing_is_refused_while_a_stage_lacks_its_evidence(lane: Lane, case_id: str) -> None:
    await lane.raised(case_id)
    close = {"root_cause": "service", "step": "greeting", "note": "x"}
    stages = ["acknowledged", "assessed", "dispatched", "decided", "responded"]
    steps: list[tuple[str, Json]] = [
        ("acknowledge", {"channel": "phone", "text": "已收到"}),
        ("assess", {"kind": "recognition", "findings": "希望被倾听"}),
        ("dispatch", {"waived": "无需部门"}),
        ("decide", {"decision": "rejected", "reasons": "无依据", "remedy": "解释"}),
        ("respond", {"response": "accepted", "channel": "phone", "said": "好的"}),
    ]
    for place, (stage, body) in enumerate(steps):
        refused = await lane.do(case_id, "close", status=409, **close)
        assert (refused["code"], refused["missing"]) == ("complaint-evidence-missing", stages[place:])
        for later, more in steps[place + 1 :]:
            assert (await lane.do(case_id, later, status=409, **more))["code"] == "complaint-stage"
        await lane.do(case_id, stage, **body)
    assert (await lane.do(case_id, "close", **close))["stage"] == "closed"


async def test_a_case_does_not_close_over_an_open_complaint(lane: Lane, case_id: str) -> None:
    await lane.raised(case_id)
    await lane.ask("POST", f"/cases/{case_id}/resolve", by=lane.person("L001"), json={"resolution": "x"})
    notice = {"channel": "phone", "text": "x"}
    await lane.ask("POST", f"/cases/{case_id}/customer-notices", status=201, by=lane.person("L001"), json=notice)
    refused = await lane.ask(
        "POST", f"/cases/{case_id}/close", status=409, by=lane.person("L001"), json={"confirmed": True}
    )
    assert refused["open_loops"]["complaints"] == 1


async def test_whoever_it_is_about_has_no_hand_in_it(lane: Lane, case_id: str) -> None:
    complaint = await lane.raised(case_id, subjects=["L001"])
    assert complaint["handler"] == "S001", "the duty manager is complained about: their supervisor has it"
    refused = await lane.do(case_id, "acknowledge", status=403, channel="phone", text="x")
    assert refused["code"] == "complaint-about-you"
    await lane.ask("GET", f"/cases/{case_id}/complaint", status=404, by=lane.person("L001"))
    await lane.do(case_id, "acknowledge", by="S001", channel="phone", text="x")
    body = {"kind": "genuine", "findings": "x", "subjects": ["S001"]}
    assert (await lane.do(case_id, "assess", by="S001", status=403, **body))["code"] == "complaint-about-you"
    await lane.do(case_id, "assess", by="S001", kind="genuine", findings="x", subjects=["L001", "F001"])
    ask = {"to_team": "FIN", "request": "x", "receiver": "F001"}
    refused = await lane.do(case_id, "dispatch", by="S001", status=422, **ask)
    assert [error["code"] for error in refused["errors"]] == ["complaint-about-them"]


async def test_an_appeal_is_decided_by_somebody_else(lane: Lane, case_id: str) -> None:
    await lane.raised(case_id)
    await lane.until_decided(case_id)
    appealed = await lane.do(case_id, "respond", response="appealed", channel="phone", said="不接受")
    assert (appealed["stage"], appealed["handler"], appealed["appeal_count"]) == ("dispatched", "S001", 1)
    [event] = await lane.published(ComplaintAppealed)
    assert (event.appeal_count, event.handler) == (1, "S001")
    again = {"decision": "upheld", "reasons": "再次核实", "remedy": "补偿"}
    assert (await lane.do(case_id, "decide", status=409, **again))["code"] == "complaint-decided-by-you"
    await lane.do(case_id, "decide", by="S001", **again)
    await lane.do(case_id, "respond", by="S001", response="accepted", channel="phone", said="接受")
    closed = await lane.do(case_id, "close", by="S001", root_cause="service", note="x")
    assert (closed["accepted"], closed["deciders"]) == (True, ["L001", "S001"])


async def test_a_customer_who_says_nothing_has_their_time_first(lane: Lane, case_id: str) -> None:
    await lane.raised(case_id)
    await lane.until_decided(case_id)
    silent = {"response": "silent", "channel": "phone", "said": "三次未接"}
    assert (await lane.do(case_id, "respond", status=409, **silent))["code"] == "complaint-customer-may-answer"
    await lane.advance(days=5)
    assert (await lane.do(case_id, "respond", **silent))["accepted"] is None


@pytest.mark.parametrize(
    ("loss", "words"), [("yes", "核实损失凭证"), ("no", "耐心解释"), ("unknown", "确认之前不承诺")]
)
async def test_a_claim_for_compensation_is_guided_by_its_loss(lane: Lane, case_id: str, loss: str, words: str) -> None:
    await lane.raised(case_id)
    await lane.do(case_id, "acknowledge", channel="phone", text="x")
    assert (await lane.do(case_id, "assess", status=422, kind="compensation", findings="x"))["errors"][0][
        "field"
    ] == "loss"
    assert words in (await lane.do(case_id, "assess", kind="compensation", loss=loss, findings="x"))["guidance"]
    english = lane.api.as_("manager", language="en")
    texts = (await english.get("/cases/v1/complaint-guidance")).json()
    assert {(one["kind"], one["loss"]) for one in texts} >= {("genuine", None), ("compensation", loss)}


async def test_repeated_claims_without_loss_propose_to_invite_the_customer(lane: Lane) -> None:
    customer = await lane.customer()
    for count in range(1, 5):
        case_id = await lane.case(customer)
        await lane.raised(case_id)
        await lane.until_decided(case_id, kind="compensation", loss="no")
        proposals = (await lane.ask("GET", "/monitor-proposals?state=open"))["items"]
        assert len(proposals) == (count >= 3)
    [proposal] = proposals
    assert (proposal["customer_id"], len(proposal["case_ids"])) == (customer, 3)
    path = f"/monitor-proposals/{proposal['proposal_id']}/decide"
    await lane.ask("POST", path, status=403, by=lane.person("A001"), json={"decision": "invited"})
    invited = await lane.ask("POST", path, by=lane.person("L001"), json={"decision": "invited", "note": "寄聘书"})
    assert (invited["state"], invited["decided_by"]) == ("invited", "L001")
    await lane.ask("POST", path, status=409, json={"decision": "declined"})


async def test_nobody_deciding_on_a_proposal_is_said_and_it_may_still_be_decided(lane: Lane) -> None:
    customer = await lane.customer()
    for _ in range(3):
        case_id = await lane.case(customer)
        await lane.raised(case_id)
        await lane.until_decided(case_id, kind="compensation", loss="no")
    await lane.advance(days=15)
    [proposal] = (await lane.ask("GET", "/monitor-proposals"))["items"]
    assert proposal["state"] == "lapsed"
    await lane.ask("POST", f"/monitor-proposals/{proposal['proposal_id']}/decide", json={"decision": "declined"})


async def test_an_upset_agent_is_looked_after(lane: Lane, case_id: str) -> None:
    await lane.raised(case_id)
    await lane.do(case_id, "ask-support", by="A001", note="被辱骂")
    waiting = (await lane.ask("GET", "/complaints?support=true", by=lane.person("L001")))["items"]
    assert [one["case_id"] for one in waiting] == [case_id]
    await lane.do(case_id, "give-support", by="A001", status=403, note="x")
    done = await lane.do(case_id, "give-support", note="已面谈，安排休息")
    assert (done["support_given_by"], done["support_for"]) == ("L001", "A001")
    assert (await lane.ask("GET", "/complaints?support=true"))["items"] == []


async def test_a_complaint_does_not_close_while_support_is_owed(lane: Lane, case_id: str) -> None:
    await lane.raised(case_id, support_wanted=True)
    await lane.until_decided(case_id)
    await lane.do(case_id, "respond", response="accepted", channel="phone", said="满意")
    close = {"root_cause": "service", "note": "x"}
    refused = await lane.do(case_id, "close", status=409, **close)
    assert (refused["code"], refused["missing"]) == ("complaint-evidence-missing", ["support"])
    await lane.do(case_id, "give-support", note="已面谈")
    assert (await lane.do(case_id, "close", **close))["stage"] == "closed"


async def test_silence_on_a_complaint_climbs_from_the_desk_to_the_managers(lane: Lane, case_id: str) -> None:
    await lane.raised(case_id)
    await lane.advance(hours=11)
    chased = await lane.published(ComplaintOverdue)
    assert [(one.reminder, one.told, one.told_staff) for one in chased] == [
        (1, ("handler", "duty_manager"), ("L001",)),
        (2, ("handler", "duty_manager", "supervisor"), ("L001", "S001")),
        (3, ("handler", "duty_manager", "supervisor", "manager"), ("L001", "S001")),
    ]
    await lane.do(case_id, "acknowledge", channel="phone", text="x")
    await lane.advance(hours=4)
    assert len(await lane.published(ComplaintOverdue)) == 3
    await lane.advance(days=4)
    later = (await lane.published(ComplaintOverdue))[3]
    assert (later.stage, later.reminder) == ("acknowledged", 1)


async def test_what_nobody_has_taken_passes_to_the_next_duty_manager(lane: Lane, case_id: str) -> None:
    await lane.raised(case_id)
    await lane.advance(hours=1)
    await lane.on_duty("L009")
    await lane.ask("GET", f"/cases/{case_id}/complaint", by=lane.person("L001"))
    await lane.advance(hours=2)
    assert (await lane.ask("GET", f"/cases/{case_id}/complaint"))["handler"] == "L009"
    desk = (await lane.ask("GET", "/complaints?mine=true", by=lane.person("L009")))["items"]
    assert [one["case_id"] for one in desk] == [case_id]
    taken = AcknowledgementGiven(
        acknowledgement_id=new_id(),
        subject_type="cases.complaint",
        subject_id=UUID(case_id),
        staff_no="S001",
        channel="link",
        shown="投诉",
        answered_at=lane.clock.now(),
    )
    await lane.hear(taken)
    assert (await lane.ask("GET", f"/cases/{case_id}/complaint"))["handler"] == "S001"


async def test_a_stranger_neither_sees_nor_moves_a_complaint(lane: Lane, case_id: str) -> None:
    await lane.raised(case_id)
    await lane.do(case_id, "acknowledge", by="A002", status=403, channel="phone", text="x")
    await lane.do(case_id, "acknowledge", by="F001", status=404, channel="phone", text="x")
    assert (await lane.ask("GET", "/complaints", by=lane.person("F001")))["items"] == []


async def test_a_complaint_after_a_missed_step_names_it_and_who_held_it(lane: Lane, case_id: str) -> None:
    body = {"to_team": "FIN", "request": "请核实退款", "reason": "refund"}
    await lane.ask("POST", f"/cases/{case_id}/handoffs", status=201, by=lane.person("A001"), json=body)
    await lane.advance(days=1)
    complaint = await lane.raised(case_id)
    [missed, *_] = complaint["steps"][0]["evidence"]["missed_steps"]
    assert (missed["step"], missed["team_name"]) == ("handoff_not_accepted", "财务部")
    assert complaint["step"] == "handoff_not_accepted"
    timeline = (await lane.ask("GET", f"/cases/{case_id}/timeline"))["items"]
    assert any(one["kind"] == "complaint_raised" and one["data"]["missed_steps"] for one in timeline)


async def test_a_complaint_about_a_closed_case_opens_it_again(lane: Lane, case_id: str) -> None:
    by = lane.person("A001")
    await lane.ask("POST", f"/cases/{case_id}/resolve", by=by, json={"resolution": "x"})
    await lane.raised(case_id)
    case = await lane.ask("GET", f"/cases/{case_id}")
    assert (case["state"], case["reopen_count"]) == ("in_progress", 1)


@pytest.mark.parametrize(
    ("stage", "body", "field"),
    [
        ("raise", {"said": ""}, "said"),
        ("raise", {"said": "x", "subjects": ["NOBODY"]}, "subjects.0"),
        ("acknowledge", {"channel": "phone"}, "text"),
        ("assess", {"kind": "other", "findings": "x"}, "kind"),
        ("dispatch", {}, "to_team"),
        ("dispatch", {"to_team": "FIN", "request": "x", "waived": "y"}, "to_team"),
        ("decide", {"decision": "maybe", "reasons": "x", "remedy": "y"}, "decision"),
        ("respond", {"response": "angry", "channel": "phone", "said": "x"}, "response"),
        ("close", {"root_cause": "fate", "note": "x"}, "root_cause"),
    ],
)
async def test_what_makes_no_sense_is_refused(lane: Lane, case_id: str, stage: str, body: Json, field: str) -> None:
    if stage != "raise":
        await lane.raised(case_id)
    refused = await lane.do(case_id, stage, by="L001", status=422, **body)
    assert [error["field"] for error in refused["errors"]] == [field]
