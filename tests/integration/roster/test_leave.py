"""Leave: requested → approved | rejected; approval shows coverage; the calendar shows it; a shift becomes a change."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.conftest import ManualClock
from tests.integration.roster.centre import Centre, day


def request(staff_no: str = "A001", first: int = 2, last: int = 3, **more: Any) -> dict[str, Any]:
    return {"staff_no": staff_no, "kind": "annual", "from": day(first), "to": day(last), **more}


@pytest.fixture
def lead(centre: Centre) -> httpx.AsyncClient:
    return centre.api.as_("lead", staff_no="L001")


async def ask(centre: Centre, **more: Any) -> dict[str, Any]:
    return await centre.ask(
        "POST", "/leave-requests", status=201, by=centre.agent("A001"), json=request(**more) | {"staff_no": None}
    )


async def published(centre: Centre, **lines: dict[str, str]) -> str:
    """Everybody works early on days 1 to 5, or what their line says; all confirmed."""
    roster_id = await centre.roster(7)
    cells = {one: lines.get(one, {day(n): "早" for n in range(1, 6)}) for one in ("A001", "A002", "A003")}
    await centre.draft(roster_id, cells)
    for change in (await centre.publish(roster_id))["changes"].values():
        await centre.confirm(change)
    return roster_id


async def test_approved_leave_turns_published_shifts_into_one_shift_change(
    centre: Centre, lead: httpx.AsyncClient
) -> None:
    roster_id = await published(centre)
    leave = await ask(centre)
    assert (leave["state"], leave["staff_no"], leave["requested_by"]) == ("requested", "A001", "A001")
    granted = await centre.ask("POST", f"/leave-requests/{leave['leave_id']}/approve", by=lead)
    assert (granted["state"], granted["decided_by"], len(granted["change_ids"])) == ("approved", "L001", 1)
    change = await centre.change(granted["change_ids"][0])
    assert (change["state"], change["number"]) == ("pending", 2)
    assert [(one["on"], one["before"]["code"], one["after"]) for one in change["days"]] == [
        (day(2), "早", None),
        (day(3), "早", None),
    ]
    shift = await centre.shift("A001", day(2))
    assert (shift["planned"], shift["accountable"]["code"]) == (None, "早")
    await centre.confirm(change)
    assert (await centre.shift("A001", day(2)))["same"]
    draft = await centre.get(f"/rosters/{roster_id}/draft")
    assert day(2) not in next(line for line in draft["lines"] if line["staff_no"] == "A001")["cells"]
    told = [data for type_, data in await centre.told() if type_ == "roster.leave.approved.v1"]
    assert [(one["staff_no"], one["from_on"], one["change_id"]) for one in told] == [
        ("A001", day(2), granted["change_ids"][0])
    ]


async def test_approval_shows_how_the_team_is_covered(centre: Centre, lead: httpx.AsyncClient) -> None:
    await published(centre, A003={day(2): "晚", day(3): "休"})
    leave = await ask(centre)
    first, second = leave["coverage"]
    assert (first["on"], first["agent_planned"], first["planned_count"]) == (day(2), True, 2)
    assert (second["planned_count"], second["on_leave_count"]) == (1, 0)
    by_hour = {one["starts_at"][11:16]: one["planned_count"] for one in first["intervals"]}
    assert (by_hour["01:00"], by_hour["05:30"], by_hour["06:00"], by_hour["09:30"]) == (1, 1, 2, 2)
    await centre.ask("POST", f"/leave-requests/{leave['leave_id']}/approve", by=lead)
    other = await centre.ask("POST", "/leave-requests", status=201, json=request("A002"))
    assert other["coverage"][0]["on_leave_count"] == 1


async def test_approval_shows_where_fewer_are_left_than_the_team_needs(centre: Centre) -> None:
    needs = [{"weekdays": [1, 2, 3, 4, 5, 6, 7], "starts": "09:00", "ends": "12:00", "agents": 3}]
    path = f"/teams/{centre.team['team_id']}"
    await centre.ask("PATCH", path, json={"settings": {"headcount": needs}}, headers={"If-Match": '"1"'})
    await published(centre)
    [day_off] = (await ask(centre, first=2, last=2))["coverage"]
    assert (day_off["short"], day_off["planned_count"]) == (True, 2)
    required = [(one["starts_at"][11:16], one["required_count"]) for one in day_off["intervals"]]
    assert required[5:8] == [("03:30", 3), ("04:00", None), ("04:30", None)]


async def test_the_calendar_shows_leave_beside_planned_and_accountable_shifts(
    centre: Centre, lead: httpx.AsyncClient
) -> None:
    await published(centre)
    leave = await ask(centre, first=2, last=2)
    await centre.ask("POST", f"/leave-requests/{leave['leave_id']}/approve", by=lead)
    period = f"team=T1&from={day(1)}&to={day(3)}"
    calendar = await centre.ask("GET", f"/calendar/shifts?{period}", by=lead)
    assert [line["staff_no"] for line in calendar["agents"]] == ["A001", "A002", "A003"]
    first, second, _ = calendar["agents"][0]["days"]
    assert (first["same"], first["why"], first["leave"]) == (True, None, [])
    assert (second["planned"], second["accountable"]["code"], second["same"]) == (None, "早", False)
    assert (second["why"]["reason"], second["why"]["message"]) == ("unanswered", "本人尚未答复。")
    assert [one["leave_id"] for one in second["leave"]] == [leave["leave_id"]]
    own = await centre.ask("GET", f"/calendar/shifts?{period}", by=centre.agent("A002"))
    assert [line["staff_no"] for line in own["agents"]] == ["A002"]
    mine = await centre.get(f"/agents/{centre.agents['A001']['agent_id']}/shifts", **{"from": day(1), "to": day(3)})
    assert [one["leave_id"] for one in mine["leave"]] == [leave["leave_id"]]
    await centre.ask("GET", f"/calendar/shifts?team=T1&from={day(0)}&to={day(90)}", status=422)
    await centre.ask("GET", f"/calendar/shifts?team=T404&from={day(0)}&to={day(1)}", status=422)


async def test_leave_by_the_hour_leaves_the_rest_of_the_shift(centre: Centre, lead: httpx.AsyncClient) -> None:
    await published(centre)
    hours = {"starts_at": f"{day(2)}T14:00:00+08:00", "ends_at": f"{day(2)}T18:00:00+08:00"}
    leave = await ask(centre, first=2, last=2, **hours)
    granted = await centre.ask("POST", f"/leave-requests/{leave['leave_id']}/approve", by=lead)
    [changed] = (await centre.change(granted["change_ids"][0]))["days"]
    assert changed["after"]["code"] == "09:00-14:00"


async def test_a_team_may_have_a_code_for_leave(centre: Centre, lead: httpx.AsyncClient) -> None:
    await centre.post("/shift-codes", {"code": "假", "name": "请假"})
    path = f"/teams/{centre.team['team_id']}"
    await centre.ask("PATCH", path, json={"settings": {"leave_code": "假"}}, headers={"If-Match": '"1"'})
    await published(centre)
    leave = await ask(centre)
    await centre.ask("POST", f"/leave-requests/{leave['leave_id']}/approve", by=lead)
    assert (await centre.shift("A001", day(2)))["planned"]["code"] == "假"


async def test_what_a_supervisor_is_drafting_is_neither_published_nor_lost_by_an_approval(
    centre: Centre, lead: httpx.AsyncClient
) -> None:
    roster_id = await published(centre)
    edits = [{"staff_no": "A001", "on": day(3), "code": "晚"}, {"staff_no": "A002", "on": day(3), "code": "晚"}]
    version = (await centre.get(f"/rosters/{roster_id}"))["version"]
    await centre.ask(
        "PATCH", f"/rosters/{roster_id}/draft", json={"assignments": edits}, headers={"If-Match": f'"{version}"'}
    )
    leave = await ask(centre)
    await centre.ask("POST", f"/leave-requests/{leave['leave_id']}/approve", by=lead)
    assert (await centre.shift("A002", day(3)))["planned"]["code"] == "早"
    draft = {one["staff_no"]: one["cells"] for one in (await centre.get(f"/rosters/{roster_id}/draft"))["lines"]}
    assert (draft["A001"][day(3)], draft["A002"][day(3)]) == ("晚", "晚")
    assert day(2) not in draft["A001"]


async def test_a_shift_that_has_begun_stays_and_is_excused(
    centre: Centre, lead: httpx.AsyncClient, clock: ManualClock
) -> None:
    await published(centre, A001={day(1): "早"}, A002={day(1): "早"}, A003={day(1): "早"})
    clock.move_to(clock.now().replace(day=3, hour=3))
    leave = await ask(centre, first=1, last=1)
    granted = await centre.ask("POST", f"/leave-requests/{leave['leave_id']}/approve", by=lead)
    assert granted["change_ids"] == []
    clock.move_to(clock.now().replace(hour=11))
    await centre.worker().fire_due()
    found = {one["staff_no"]: one for one in (await centre.get("/attendance"))["items"]}
    assert (found["A001"]["deviation"], found["A001"]["cause"]) == ("absent", "excused")
    assert found["A001"]["leave_id"] == leave["leave_id"]
    assert found["A002"]["cause"] == "agent"


async def test_leave_approved_after_the_shift_settles_it_again_as_excused(
    centre: Centre, lead: httpx.AsyncClient, clock: ManualClock
) -> None:
    await published(centre, A001={day(1): "早"}, A002={day(1): "早"}, A003={day(1): "早"})
    clock.move_to(clock.now().replace(day=3, hour=11))
    await centre.worker().fire_due()
    leave = await ask(centre, first=1, last=1)
    await centre.ask("POST", f"/leave-requests/{leave['leave_id']}/approve", by=lead)
    [found] = (await centre.get("/attendance", agent="A001"))["items"]
    assert (found["cause"], found["revision"], found["reason"]) == ("excused", 2, "leave approved")


async def test_nobody_decides_their_own_leave_and_nobody_twice(centre: Centre, lead: httpx.AsyncClient) -> None:
    leave = await ask(centre)
    path = f"/leave-requests/{leave['leave_id']}"
    await centre.ask("POST", f"{path}/approve", status=403, by=centre.agent("A001"))
    own = centre.api.as_("lead", staff_no="A001", teams=("T1",))
    refused = await centre.ask("POST", f"{path}/approve", status=403, by=own)
    assert refused["code"] == "decision-is-anothers"
    stranger = centre.api.as_("lead", staff_no="L999", teams=("T9",))
    await centre.ask("POST", f"{path}/approve", status=403, by=stranger)
    rejected = await centre.ask("POST", f"{path}/reject", by=lead, json={"reason": "人手不足"})
    assert (rejected["state"], rejected["reason"]) == ("rejected", "人手不足")
    assert (await centre.ask("POST", f"{path}/reject", by=lead, json={}))["version"] == rejected["version"]
    assert (await centre.ask("POST", f"{path}/approve", status=409, by=lead))["code"] == "leave-already-decided"
    assert (await centre.ask("POST", f"{path}/withdraw", status=409, by=centre.agent("A001")))["code"]


async def test_leave_is_not_asked_for_twice_and_not_backwards(centre: Centre) -> None:
    leave = await ask(centre)
    again = await centre.ask("POST", "/leave-requests", status=409, json=request(first=3, last=5))
    assert again["code"] == "leave-overlaps"
    assert (await centre.ask("POST", f"/leave-requests/{leave['leave_id']}/withdraw", by=centre.agent("A001")))[
        "state"
    ] == "withdrawn"
    await centre.ask("POST", "/leave-requests", status=201, json=request(first=3, last=5))
    await centre.ask("POST", "/leave-requests", status=422, json=request(first=9, last=8))
    await centre.ask("POST", "/leave-requests", status=422, json=request("A404"))
    await centre.ask("POST", "/leave-requests", status=422, json=request(starts_at=f"{day(2)}T14:00:00+08:00"))
    await centre.ask("POST", "/leave-requests", status=403, json=request("A002"), by=centre.agent("A001"))


async def test_leave_is_listed_and_each_sees_their_own(centre: Centre) -> None:
    await ask(centre)
    await centre.ask("POST", "/leave-requests", status=201, json=request("A002", 5, 6))
    everybody = (await centre.get("/leave-requests", team="T1"))["items"]
    assert [one["staff_no"] for one in everybody] == ["A001", "A002"]
    assert [one["staff_no"] for one in (await centre.get("/leave-requests", **{"from": day(4)}))["items"]] == ["A002"]
    assert (await centre.get("/leave-requests", state="approved"))["items"] == []
    mine = await centre.ask("GET", "/leave-requests", by=centre.agent("A002"))
    assert [one["staff_no"] for one in mine["items"]] == ["A002"]
    other = f"/leave-requests/{everybody[0]['leave_id']}"
    await centre.ask("GET", other, status=403, by=centre.agent("A002"))
    assert (await centre.get(other))["zone"] == "Asia/Shanghai"
