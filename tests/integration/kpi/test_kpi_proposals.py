"""Patterns over HTTP: proposals to a lead, never verdicts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.cases import CaseOpened, Completeness, PromiseBroken
from shared.platform.ids import new_id
from tests.conftest import ManualClock
from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.integration.kpi.floor import KPI, PEOPLE, ask, calls, three_agents, told
from tests.unit.kpi.samples import HOUR, NOON, TEAM, contact
from tests.unit.kpi.test_case_facts import OPENED

EARLIER = NOON - timedelta(days=7)


async def test_repeated_transfers_fields_not_asked_and_a_plateau_are_proposed(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    await three_agents(desk)
    await desk.hears(recorded(calls("A003", 8, 0, first=3000, transferred=True, rating=1, queued_at=EARLIER)))
    await desk.hears(recorded(calls("A001", 20, 0, first=3100, rating=1, queued_at=EARLIER)))
    nothing_missed = Completeness(required=40, given=40, refused=0, unknown=0, not_asked=0)
    whole = replace(OPENED, case_id=UUID(int=600), owner="A001", completeness=nothing_missed)
    await desk.hears([delivery_of(case) for case in (whole, *map(opened_without_asking, range(3)))])
    target = {"metric": "csat", "group_by": "agent", "value": 80, "valid_from": "2026-01-01"}
    await ask(desk, "POST", "targets", status=201, json=target)
    for week in range(6):
        at = NOON + timedelta(weeks=week)
        rated = [contact(4000 + 10 * week + n, agent="A003", rating=5 if n < 5 else 1, queued_at=at) for n in range(10)]
        await desk.hears(recorded(rated))
    clock.move_to(datetime(2026, 3, 10, tzinfo=UTC))
    async with desk.database.work() as work:
        await work.conn.execute(work.kernel.timers.update().values(due_at=work.now))
    await pass_time(datetime(2026, 3, 11, tzinfo=UTC), timedelta(days=1))
    found = (await ask(desk, "GET", "patterns"))["items"]
    assert {(one["kind"], one["staff_no"], one["fact_count"]) for one in found} == {
        ("repeated_transfers", "A003", 8),
        ("repeated_not_asked", "A002", 9),
    }
    await pass_time(datetime(2026, 4, 14, tzinfo=UTC), timedelta(days=34))
    found = (await ask(desk, "GET", "patterns"))["items"]
    assert ("plateau", "A003", 60) in {(one["kind"], one["staff_no"], one["fact_count"]) for one in found}
    assert {one["state"] for one in found} == {"proposed"}


def opened_without_asking(number: int) -> CaseOpened:
    """A case of A002's with three of four required fields not asked."""
    missed = Completeness(required=4, given=1, refused=0, unknown=0, not_asked=3)
    return replace(OPENED, case_id=UUID(int=500 + number), owner="A002", owner_name="陈立", completeness=missed)


async def test_missed_loops_are_proposed_to_the_lead_once_and_decided(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    await three_agents(desk)
    clock.move_to(datetime(2026, 3, 10, tzinfo=UTC))
    await desk.hears([delivery_of(broken(number)) for number in range(3)])
    async with desk.database.work() as work:
        timers = work.kernel.timers
        await work.conn.execute(timers.update().values(due_at=work.now))
    await pass_time(datetime(2026, 3, 13, tzinfo=UTC), timedelta(days=1))
    lead = desk.api.as_("lead", staff_no="L001", teams=("T1", str(TEAM)))
    [pattern] = (await lead.get(f"{KPI}/patterns")).json()["items"]
    assert (pattern["kind"], pattern["staff_no"], pattern["fact_count"]) == ("missed_loops", "A001", 3)
    assert len(await told(desk, "kpi.pattern.found.v1")) == 1
    agent = desk.api.as_("agent", staff_no="A001", teams=("T1",))
    assert (await agent.get(f"{KPI}/patterns")).json()["items"] == []
    path = f"{KPI}/patterns/{pattern['pattern_id']}/take-up"
    assert (await agent.post(path, json={})).status_code == 403
    assert (await lead.post(path, json={"note": "周三谈"})).json()["state"] == "taken_up"
    assert (await lead.post(path, json={})).json()["code"] == "pattern-decided"


def broken(number: int) -> PromiseBroken:
    return PromiseBroken(
        case_id=new_id(),
        number=f"C20260305-{number:04}",
        case_type="feedback",
        channel="phone",
        summary="退款",
        quadrant=1,
        zone="Asia/Shanghai",
        opened_at=NOON,
        team_id=TEAM,
        team_name="热线一组",
        owner="A001",
        owner_name=PEOPLE["A001"],
        promise_id=new_id(),
        promised_by="A001",
        promised_by_name=PEOPLE["A001"],
        text="回电",
        made_at=NOON,
        due_at=NOON + HOUR,
        broken_at=NOON + HOUR,
    )
