"""No open loop is silent: whatever waits for somebody's word has a due time and a timer, those who owe the word are
reminded and then those above them, and whoever asked hears how it ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select

from tests.conftest import START, ManualClock
from tests.integration.roster.centre import Centre, day

HOUR = timedelta(hours=1)


@pytest.fixture
def lead(centre: Centre) -> httpx.AsyncClient:
    return centre.api.as_("lead", staff_no="L001")


@pytest.fixture
async def roster_id(centre: Centre) -> str:
    """Confirmed: A001 early on days 1 to 4, A002 off."""
    made = await centre.roster(7)
    await centre.draft(made, {"A001": {day(n): "早" for n in range(1, 5)}, "A002": {day(3): "休"}})
    for change in (await centre.publish(made))["changes"].values():
        await centre.confirm(change)
    return made


async def timers(centre: Centre, kind: str) -> list[datetime]:
    table = centre.database.kernel.timers
    async with centre.database.reading() as conn:
        return list((await conn.execute(select(table.c.due_at).where(table.c.kind == kind))).scalars())


async def told(centre: Centre, *types: str) -> list[dict[str, Any]]:
    wanted = {f"roster.{one}.v1" for one in types}
    return [data for type_, data in await centre.told() if type_ in wanted]


async def pass_time(centre: Centre, clock: ManualClock, hours: float) -> None:
    """Up to so many hours after the start, each timer at its own time."""
    worker, until = centre.worker(), START + hours * HOUR
    while (due := await worker.timekeeper.next_due()) and due <= until:
        clock.move_to(due)
        await worker.fire_due()
    clock.move_to(until)


async def ask_leave(centre: Centre, first: int = 3, last: int = 4, **more: Any) -> dict[str, Any]:
    body = {"kind": "annual", "from": day(first), "to": day(last), **more}
    return await centre.ask("POST", "/leave-requests", status=201, by=centre.agent("A001"), json=body)


async def test_undecided_leave_reminds_the_lead_then_the_supervisor_then_the_manager_every_day(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    leave = await ask_leave(centre)
    assert leave["decide_by"] == f"{day(1)}T01:00:00Z"
    [asked] = await told(centre, "leave.requested")
    assert (asked["told"], asked["decide_by"]) == (["lead"], leave["decide_by"])
    await pass_time(centre, clock, 73)
    assert [(one["step"], one["told"]) for one in await told(centre, "leave.undecided")] == [
        (1, ["lead"]),
        (2, ["lead", "supervisor"]),
        (3, ["lead", "supervisor", "manager"]),
        (4, ["lead", "supervisor", "manager"]),
    ]
    assert len(await timers(centre, "chase_leave")) == 1


async def test_leave_for_tomorrow_is_to_be_decided_before_it_begins(centre: Centre) -> None:
    leave = await ask_leave(centre, first=1, last=1)
    assert leave["decide_by"] == f"{day(0)}T16:00:00Z"
    sick = {"starts_at": f"{day(0)}T09:30:00+08:00", "ends_at": f"{day(0)}T12:00:00+08:00"}
    now = await ask_leave(centre, first=0, last=0, **sick)
    assert now["decide_by"] == f"{day(0)}T02:00:00Z"


async def test_a_team_decides_within_its_own_time(centre: Centre, roster_id: str) -> None:
    path = f"/teams/{centre.team['team_id']}"
    settings = {"settings": {"decide_within_minutes": 120}}
    await centre.ask("PATCH", path, json=settings, headers={"If-Match": '"1"'})
    assert (await ask_leave(centre))["decide_by"] == f"{day(0)}T03:00:00Z"


@pytest.mark.parametrize("verb", ["approve", "reject", "withdraw"])
async def test_once_decided_nobody_is_reminded_and_the_requester_hears(
    centre: Centre, roster_id: str, lead: httpx.AsyncClient, clock: ManualClock, verb: str
) -> None:
    leave = await ask_leave(centre)
    by = centre.agent("A001") if verb == "withdraw" else lead
    body = None if verb == "withdraw" else {"reason": "人手不足"}
    await centre.ask("POST", f"/leave-requests/{leave['leave_id']}/{verb}", by=by, json=body)
    outcome = {"approve": "approved", "reject": "rejected", "withdraw": "withdrawn"}[verb]
    [heard] = await told(centre, f"leave.{outcome}")
    assert (heard["staff_no"], heard[f"{outcome}_by"]) == ("A001", "A001" if verb == "withdraw" else "L001")
    assert await timers(centre, "chase_leave") == []
    await pass_time(centre, clock, 49)
    assert await told(centre, "leave.undecided") == []


async def test_a_leads_own_leave_goes_to_the_supervisor(centre: Centre) -> None:
    body = {"kind": "annual", "from": day(3), "to": day(4)}
    own = {"name": "一组", "code": "T9", "lead": "L009", "supervisor": "S001"}
    team = await centre.post("/teams", own)
    await centre.hire("L009", team_id=team["team_id"])
    await centre.ask("POST", "/leave-requests", status=201, by=centre.agent("L009"), json=body)
    assert [one["told"] for one in await told(centre, "leave.requested")] == [["supervisor"]]


async def test_approved_leave_is_given_back_and_its_shifts_are_asked_about_again(
    centre: Centre, roster_id: str, lead: httpx.AsyncClient
) -> None:
    leave = await ask_leave(centre)
    path = f"/leave-requests/{leave['leave_id']}"
    not_yet = await centre.ask("POST", f"{path}/cancel", status=409, by=centre.agent("A001"))
    assert not_yet["code"] == "leave-not-approved"
    granted = await centre.ask("POST", f"{path}/approve", by=lead)
    await centre.confirm(await centre.change(granted["change_ids"][0]))
    given = await centre.ask("POST", f"{path}/cancel", by=centre.agent("A001"), json={"reason": "行程取消"})
    assert (given["state"], len(given["change_ids"])) == ("cancelled", 2)
    change = await centre.change(given["change_ids"][1])
    assert [(one["on"], one["before"], one["after"]["code"]) for one in change["days"]] == [
        (day(3), None, "早"),
        (day(4), None, "早"),
    ]
    shift = await centre.shift("A001", day(3))
    assert (shift["planned"]["code"], shift["accountable"]) == ("早", None)
    await centre.confirm(change)
    assert (await centre.shift("A001", day(3)))["same"]
    [heard] = await told(centre, "leave.cancelled")
    assert (heard["from_on"], heard["to_on"], heard["leave_to_on"], heard["reason"]) == (
        day(3),
        day(4),
        None,
        "行程取消",
    )
    again = await centre.ask("POST", f"{path}/cancel", by=centre.agent("A001"))
    assert again["version"] == given["version"]
    draft = {one["staff_no"]: one["cells"] for one in (await centre.get(f"/rosters/{roster_id}/draft"))["lines"]}
    assert draft["A001"][day(3)] == "早"
    await centre.ask("POST", f"{path}/cancel", status=403, by=centre.agent("A002"))


async def test_a_change_nobody_had_answered_is_over_when_the_leave_is_given_back(
    centre: Centre, roster_id: str, lead: httpx.AsyncClient
) -> None:
    leave = await ask_leave(centre)
    granted = await centre.ask("POST", f"/leave-requests/{leave['leave_id']}/approve", by=lead)
    await centre.ask("POST", f"/leave-requests/{leave['leave_id']}/cancel", by=lead)
    assert (await centre.change(granted["change_ids"][0]))["state"] == "superseded"
    assert (await centre.shift("A001", day(3)))["same"]


async def test_who_comes_back_early_gives_back_the_days_that_have_not_begun(
    centre: Centre, roster_id: str, lead: httpx.AsyncClient, clock: ManualClock
) -> None:
    leave = await ask_leave(centre, first=1, last=3)
    path = f"/leave-requests/{leave['leave_id']}"
    await centre.ask("POST", f"{path}/approve", by=lead)
    clock.move_to(START + 25 * HOUR)
    given = await centre.ask("POST", f"{path}/cancel", by=centre.agent("A001"))
    assert (given["state"], given["from_on"], given["to_on"]) == ("approved", day(1), day(1))
    [heard] = await told(centre, "leave.cancelled")
    assert (heard["from_on"], heard["to_on"], heard["leave_to_on"]) == (day(2), day(3), day(1))
    assert (await centre.shift("A001", day(1)))["planned"] is None
    assert (await centre.shift("A001", day(2)))["planned"]["code"] == "早"
    over = await centre.ask("POST", f"{path}/cancel", status=409, by=centre.agent("A001"))
    assert over["code"] == "leave-has-begun"


async def test_a_day_planned_anew_since_stays_when_leave_is_given_back(
    centre: Centre, roster_id: str, lead: httpx.AsyncClient
) -> None:
    hours = {"starts_at": f"{day(3)}T14:00:00+08:00", "ends_at": f"{day(3)}T18:00:00+08:00"}
    leave = await ask_leave(centre, first=3, last=3, **hours)
    await centre.ask("POST", f"/leave-requests/{leave['leave_id']}/approve", by=lead)
    version = (await centre.get(f"/rosters/{roster_id}"))["version"]
    edit = {"assignments": [{"staff_no": "A001", "on": day(3), "code": "08:00-12:00"}]}
    await centre.ask("PATCH", f"/rosters/{roster_id}/draft", json=edit, headers={"If-Match": f'"{version}"'})
    await centre.publish(roster_id)
    given = await centre.ask("POST", f"/leave-requests/{leave['leave_id']}/cancel", by=lead)
    assert (given["state"], len(given["change_ids"])) == ("cancelled", 1)
    assert (await centre.shift("A001", day(3)))["planned"]["code"] == "08:00-12:00"


async def test_an_undecided_correction_reminds_and_its_outcome_is_told(
    centre: Centre, roster_id: str, lead: httpx.AsyncClient, clock: ManualClock
) -> None:
    await pass_time(centre, clock, 34)
    [record] = (await centre.get("/attendance", agent="A001", on=day(1)))["items"]
    path = f"/attendance/{record['attendance_id']}/corrections"
    body = {"reason": "打卡机故障", "came_at": f"{day(1)}T09:00:00+08:00"}
    asked = await centre.ask("POST", path, status=201, by=centre.agent("A001"), json=body)
    assert asked["decide_by"] == f"{day(2)}T11:00:00Z"
    assert [one["told"] for one in await told(centre, "correction.requested")] == [["lead"]]
    await pass_time(centre, clock, 59)
    assert [(one["step"], one["told"]) for one in await told(centre, "correction.undecided")] == [
        (1, ["lead"]),
        (2, ["lead", "supervisor"]),
    ]
    await centre.ask("POST", f"/corrections/{asked['correction_id']}/approve", by=centre.supervisor)
    [heard] = await told(centre, "correction.approved")
    assert (heard["staff_no"], heard["requested_by"], heard["approved_by"]) == ("A001", "A001", "S001")
    assert await timers(centre, "chase_correction") == []


async def test_a_rejected_correction_is_told(centre: Centre, roster_id: str, clock: ManualClock) -> None:
    await pass_time(centre, clock, 34)
    [record] = (await centre.get("/attendance", agent="A001", on=day(1)))["items"]
    path = f"/attendance/{record['attendance_id']}/corrections"
    by_the_lead = centre.api.as_("lead", staff_no="L001")
    asked = await centre.ask("POST", path, status=201, by=by_the_lead, json={"reason": "在场"})
    assert [one["told"] for one in await told(centre, "correction.requested")] == [["supervisor"]]
    body = {"reason": "监控显示未到岗"}
    await centre.ask("POST", f"/corrections/{asked['correction_id']}/reject", by=centre.supervisor, json=body)
    [heard] = await told(centre, "correction.rejected")
    assert (heard["requested_by"], heard["decision"]) == ("L001", "监控显示未到岗")


async def offer(centre: Centre) -> dict[str, Any]:
    body = {"on": day(3), "with_staff_no": "A002"}
    return await centre.ask("POST", "/swaps", status=201, by=centre.agent("A001"), json=body)


async def test_an_offered_swap_is_told_to_the_colleague_who_is_reminded(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    swap = await offer(centre)
    [heard] = await told(centre, "swap.offered")
    assert (heard["to_staff_no"], heard["from_shift"]["code"], heard["decide_by"]) == (
        "A002",
        "早",
        swap["decide_by"],
    )
    await pass_time(centre, clock, 49)
    assert [(one["waits_for"], one["step"], one["told"]) for one in await told(centre, "swap.undecided")] == [
        ("taker", 1, ["taker"]),
        ("taker", 2, ["taker", "giver"]),
        ("taker", 3, ["taker", "giver"]),
    ]
    await pass_time(centre, clock, 73)
    [over] = await told(centre, "swap.closed")
    assert (over["outcome"], over["closed_by"]) == ("lapsed", None)
    assert await timers(centre, "chase_swap") == []


async def test_an_accepted_swap_waits_for_the_lead_then_for_the_supervisor(
    centre: Centre, roster_id: str, lead: httpx.AsyncClient, clock: ManualClock
) -> None:
    swap = await offer(centre)
    await pass_time(centre, clock, 6)
    await centre.ask("POST", f"/swaps/{swap['swap_id']}/accept", by=centre.agent("A002"))
    assert [one["told"] for one in await told(centre, "swap.accepted")] == [["lead"]]
    await pass_time(centre, clock, 31)
    assert [(one["waits_for"], one["step"], one["told"]) for one in await told(centre, "swap.undecided")] == [
        ("approval", 1, ["lead"]),
        ("approval", 2, ["lead", "supervisor"]),
    ]
    await centre.ask("POST", f"/swaps/{swap['swap_id']}/approve", by=lead)
    assert [await timers(centre, kind) for kind in ("chase_swap", "lapse_swap")] == [[], []]


@pytest.mark.parametrize(
    ("verb", "who", "outcome"), [("reject", "A002", "declined"), ("withdraw", "A001", "withdrawn")]
)
async def test_a_swap_that_comes_to_nothing_is_told_to_both(
    centre: Centre, roster_id: str, verb: str, who: str, outcome: str
) -> None:
    swap = await offer(centre)
    await centre.ask("POST", f"/swaps/{swap['swap_id']}/{verb}", by=centre.agent(who))
    [heard] = await told(centre, "swap.closed")
    assert (heard["outcome"], heard["closed_by"]) == (outcome, who)
    assert await timers(centre, "chase_swap") == []


async def test_an_open_shift_is_told_to_the_team_and_nobody_claiming_it_to_who_put_it_up(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    body = {"roster_id": roster_id, "on": day(3), "code": "晚"}
    await centre.ask("POST", "/open-shifts", status=201, by=centre.supervisor, json=body)
    [heard] = await told(centre, "open_shift.opened")
    assert (heard["code"], heard["opened_by"]) == ("晚", "S001")
    await pass_time(centre, clock, 80)
    assert [(one["step"], one["told"]) for one in await told(centre, "open_shift.unclaimed")] == [
        (1, ["opener"]),
        (2, ["opener", "lead"]),
    ]
    [over] = await told(centre, "open_shift.closed")
    assert (over["outcome"], over["opened_by"]) == ("lapsed", "S001")
    assert await timers(centre, "chase_open_shift") == []


async def test_a_refused_or_unanswered_change_reminds_the_supervisor_until_it_is_resolved(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    codes = {"A001": {day(n): "晚" for n in range(2, 5)}, "A002": {day(3): "早"}, "A003": {day(2): "早"}}
    await centre.draft(roster_id, codes)
    made = (await centre.publish(roster_id))["changes"]
    path = f"/shift-changes/{made['A001']['change_id']}"
    await centre.ask("POST", f"{path}/refuse", by=centre.agent("A001"), json={"channel": "console", "reason": "上课"})
    await centre.confirm(made["A003"])
    await pass_time(centre, clock, 47)
    found = await told(centre, "roster.unresolved")
    assert [(one["refused_count"], one["expired_count"], one["told"]) for one in found] == [
        (1, 1, ["supervisor"]),
        (1, 1, ["supervisor", "manager"]),
    ]
    for staff_no in ("A001", "A002"):
        body = {"action": "withdraw", "reason": "照旧"}
        await centre.ask(
            "POST", f"/shift-changes/{made[staff_no]['change_id']}/resolve", by=centre.supervisor, json=body
        )
    await pass_time(centre, clock, 120)
    assert len(await told(centre, "roster.unresolved")) == len(found)
    assert await timers(centre, "chase_unresolved") == []


async def every_kind_of_loop(centre: Centre, roster_id: str, clock: ManualClock) -> None:
    """A change unanswered and one refused, leave, a correction, a swap and an open shift, none of them decided."""
    await pass_time(centre, clock, 34)
    [record] = (await centre.get("/attendance", agent="A001", on=day(1)))["items"]
    path = f"/attendance/{record['attendance_id']}/corrections"
    await centre.ask("POST", path, status=201, by=centre.agent("A001"), json={"reason": "打卡机故障"})
    await offer(centre)
    await centre.post("/open-shifts", {"roster_id": roster_id, "on": day(5), "code": "晚"})
    await ask_leave(centre, first=4, last=4)
    codes = {"A001": {day(n): "早" for n in range(1, 5)}, "A002": {day(5): "早"}, "A003": {day(5): "早"}}
    await centre.draft(roster_id, codes)
    made = (await centre.publish(roster_id))["changes"]
    path = f"/shift-changes/{made['A002']['change_id']}/refuse"
    await centre.ask("POST", path, by=centre.agent("A002"), json={"channel": "console", "reason": "上课"})


async def watch(centre: Centre) -> dict[str, Any]:
    seen = await centre.get("/watchdog")
    return seen | {"loops": {one["kind"]: (one["open_count"], one["without_timer"]) for one in seen["loops"]}}


async def test_the_watchdog_proves_that_every_open_loop_has_a_timer_whatever_time_passes(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    await every_kind_of_loop(centre, roster_id, clock)
    seen = await watch(centre)
    assert seen["ok"], seen
    assert seen["loops"] == {
        "unanswered_change": (1, []),
        "undecided_change": (1, []),
        "leave_request": (1, []),
        "correction": (1, []),
        "swap": (1, []),
        "open_shift": (1, []),
        "unsettled_shifts": (4, []),
    }
    for hours in range(40, 240, 10):
        await pass_time(centre, clock, hours)
        seen = await watch(centre)
        assert seen["ok"], seen
    open_counts = {kind: count for kind, (count, _) in seen["loops"].items() if count}
    assert open_counts == {"undecided_change": 2, "leave_request": 1, "correction": 1}


async def test_the_watchdog_names_a_loop_that_lost_its_timer_and_timers_that_are_late(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    leave = await ask_leave(centre)
    table = centre.database.kernel.timers
    async with centre.database.work() as work:
        await work.conn.execute(delete(table).where(table.c.kind == "chase_leave"))
    seen = await watch(centre)
    assert (seen["ok"], seen["loops"]["leave_request"]) == (False, (1, [leave["leave_id"]]))
    clock.move_to(START + 60 * HOUR)
    late = await watch(centre)
    assert (late["late_timer_count"] > 0, late["lateness_seconds"] > 0) == (True, True)
    await centre.ask("GET", "/watchdog", status=403, by=centre.agent("A001"))


async def test_the_worker_shows_loops_without_a_timer_in_its_metrics(centre: Centre) -> None:
    await ask_leave(centre)
    table = centre.database.kernel.timers
    async with centre.database.work() as work:
        await work.conn.execute(delete(table).where(table.c.kind == "chase_leave"))
    await centre.worker().drain_all()
    figures = (await centre.api.client().get("/metrics")).text
    for name in ("open", "without_timer"):
        assert f'ringback_loops_{name}{{kind="leave_request",service="roster"}} 1.0' in figures
    assert 'ringback_loops_without_timer{kind="swap",service="roster"} 0.0' in figures
    assert (await centre.api.client().get("/readyz")).status_code == 200, "answers can still be taken"
