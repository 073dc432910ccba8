"""Patterns over HTTP: proposals to a lead, never verdicts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.cases import CaseOpened, Completeness, PromiseBroken
from shared.contracts.kpi import PatternFound
from shared.platform.ids import new_id
from tests.conftest import ManualClock
from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.integration.kpi.floor import KPI, PEOPLE, ask, calls, joined, three_agents, told
from tests.unit.kpi.samples import HOUR, NOON, TEAM, contact
from tests.unit.kpi.test_case_facts import OPENED, OVERDUE, over

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
    assert len(await told(desk, PatternFound)) == 1
    agent = desk.api.as_("agent", staff_no="A001", teams=("T1",))
    assert (await agent.get(f"{KPI}/patterns")).json()["items"] == []
    path = f"{KPI}/patterns/{pattern['pattern_id']}/take-up"
    assert (await agent.post(path, json={})).status_code == 403
    assert (await lead.post(path, json={"note": "周三谈"})).json()["state"] == "taken_up"
    assert (await lead.post(path, json={})).json()["code"] == "pattern-decided"


async def test_hand_offs_and_promises_that_never_came_back_to_the_customer_add_up_to_missed_loops(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    """A001: two hand-offs overdue and one promise broken; A002: two, which is no pattern; A003: three that closed."""
    await three_agents(desk)
    clock.move_to(datetime(2026, 3, 10, tzinfo=UTC))
    late = [replace(OVERDUE, handoff_id=UUID(int=n), sender="A001" if n < 2 else "A002") for n in range(4)]
    closed = [replace(over("answered", True), handoff_id=UUID(int=n), sender="A003") for n in range(10, 13)]
    await desk.hears([delivery_of(event) for event in (broken(0), *late, *closed)])
    assert await proposed(desk, pass_time) == {("missed_loops", "A001", 3)}


async def test_who_still_gets_better_or_has_reached_the_target_is_on_no_plateau(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    """By week, A001 gets from 40 to 65 %, A002 stays at 90 and A003 at 50, where the target is 80."""
    await three_agents(desk)
    target = {"metric": "csat", "group_by": "agent", "value": 80, "valid_from": "2026-01-01"}
    await ask(desk, "POST", "targets", status=201, json=target)
    for week in range(6):
        for number, (agent, good) in enumerate((("A001", 8 + week), ("A002", 18), ("A003", 10))):
            told = {"agent": agent, "queued_at": NOON + timedelta(weeks=week)}
            first = 5000 + 1000 * number + 100 * week
            await desk.hears(recorded([contact(first + n, rating=5 if n < good else 1, **told) for n in range(20)]))
    clock.move_to(datetime(2026, 4, 14, tzinfo=UTC))
    assert await proposed(desk, pass_time) == {("plateau", "A003", 120)}


async def test_a_newcomer_is_on_no_plateau_of_speed_but_on_one_of_quality(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    """Both stay at 10 seconds and 50 % for six weeks; A002 was hired in the first of them."""
    await desk.hears([delivery_of(joined("A001")), delivery_of(joined("A002", date(2026, 3, 2)))])
    for metric, value in (("asa", 5), ("csat", 80)):
        target = {"metric": metric, "group_by": "agent", "value": value, "valid_from": "2026-01-01"}
        await ask(desk, "POST", "targets", status=201, json=target)
    for week in range(6):
        for number, agent in enumerate(("A001", "A002")):
            told = {"agent": agent, "queued_at": NOON + timedelta(weeks=week)}
            first = 5000 + 1000 * number + 100 * week
            await desk.hears(recorded([contact(first + n, rating=5 if n < 5 else 1, **told) for n in range(10)]))
    clock.move_to(datetime(2026, 4, 14, tzinfo=UTC))
    await proposed(desk, pass_time)
    found = {(one["kind"], one["staff_no"], one["metric"]) for one in (await ask(desk, "GET", "patterns"))["items"]}
    assert found == {("plateau", "A001", "asa"), ("plateau", "A001", "csat"), ("plateau", "A002", "csat")}


async def test_a_pattern_is_a_matter_for_the_leads_of_the_agents_team_and_for_nobody_elses(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    await three_agents(desk)
    clock.move_to(datetime(2026, 3, 10, tzinfo=UTC))
    await desk.hears([delivery_of(broken(number)) for number in range(3)])
    assert await proposed(desk, pass_time) == {("missed_loops", "A001", 3)}
    [pattern] = (await ask(desk, "GET", "patterns"))["items"]
    stranger = desk.api.as_("lead", staff_no="L002", teams=("T2", str(UUID(int=2))))
    assert (await stranger.get(f"{KPI}/patterns")).json()["items"] == []
    path = f"{KPI}/patterns/{pattern['pattern_id']}/dismiss"
    assert (await stranger.post(path, json={})).status_code == 403
    lead = desk.api.as_("lead", staff_no="L001", teams=("T1", str(TEAM)))
    assert (await lead.post(path, json={"note": "系统停机"})).json()["state"] == "dismissed"
    [event] = await told(desk, PatternFound)
    assert (event.kind, event.staff_no, event.team_id) == ("missed_loops", "A001", TEAM)


async def proposed(desk: Desk, pass_time: Callable[..., Any]) -> set[tuple[str, str, int]]:
    """What the next search proposes: kind, about whom, how many facts."""
    async with desk.database.work() as work:
        await work.conn.execute(work.kernel.timers.update().values(due_at=work.now))
        until = work.now + timedelta(days=1)
    await pass_time(until, timedelta(days=1))
    return {(one["kind"], one["staff_no"], one["fact_count"]) for one in (await ask(desk, "GET", "patterns"))["items"]}


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
