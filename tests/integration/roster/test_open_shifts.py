"""Open shifts: claimed, the first valid claim wins, exactly once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.conftest import ManualClock
from tests.integration.roster.centre import ROOT, Centre, day


@pytest.fixture
async def roster_id(centre: Centre) -> str:
    """Published and confirmed: A001 early on day 1."""
    made = await centre.roster(7)
    await centre.draft(made, {"A001": {day(1): "早"}})
    await centre.confirm((await centre.publish(made))["changes"]["A001"])
    return made


async def put_up(centre: Centre, roster_id: str, **more: Any) -> dict[str, Any]:
    body = {"roster_id": roster_id, "on": day(3), "code": "早", **more}
    return await centre.ask("POST", "/open-shifts", status=201, by=centre.supervisor, json=body)


async def claim(centre: Centre, shift: dict[str, Any], staff_no: str, status: int = 200) -> dict[str, Any]:
    path = f"/open-shifts/{shift['open_shift_id']}/claim"
    return await centre.ask("POST", path, status=status, by=centre.agent(staff_no))


async def test_a_claim_is_a_version_that_the_claimer_has_confirmed(centre: Centre, roster_id: str) -> None:
    shift = await put_up(centre, roster_id, note="促销日")
    assert (shift["state"], shift["starts_at"], shift["zone"]) == ("open", f"{day(3)}T01:00:00Z", "Asia/Shanghai")
    [seen] = (await centre.ask("GET", "/open-shifts?state=open", by=centre.agent("A002")))["items"]
    assert seen == shift
    done = await claim(centre, shift, "A002")
    assert (done["state"], done["claimed_staff_no"], done["number"]) == ("claimed", "A002", 2)
    found = await centre.shift("A002", day(3))
    assert (found["same"], found["planned"]["code"], found["accountable_number"]) == (True, "早", 2)
    assert await claim(centre, shift, "A002") == done
    assert (await claim(centre, shift, "A003", 409))["code"] == "open-shift-taken"
    [told] = [data for type_, data in await centre.told() if type_ == "roster.swap.completed.v1"]
    assert (told["kind"], told["swap_id"], told["sides"][0]["staff_no"]) == (
        "open_shift",
        shift["open_shift_id"],
        "A002",
    )


async def test_of_fifty_claims_at_once_exactly_one_wins(centre: Centre, roster_id: str) -> None:
    staff_nos = [f"C{number:03}" for number in range(50)]
    await centre.hire(*staff_nos)
    shift = await put_up(centre, roster_id)
    path = f"{ROOT}/open-shifts/{shift['open_shift_id']}/claim"
    answers = await asyncio.gather(*(centre.agent(staff_no).post(path) for staff_no in staff_nos))
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(200), statuses.count(409)) == (1, 49)
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"open-shift-taken"}
    winner = next(answer for answer in answers if answer.status_code == 200).json()["claimed_staff_no"]
    version = await centre.get(f"/rosters/{roster_id}/versions/2")
    assert [line["staff_no"] for line in version["lines"] if day(3) in line["cells"]] == [winner]
    assert (await centre.get(f"/rosters/{roster_id}"))["number"] == 2


async def test_many_open_shifts_claimed_at_once_are_each_in_force(centre: Centre, roster_id: str) -> None:
    staff_nos = [f"C{number:03}" for number in range(12)]
    await centre.hire(*staff_nos)
    shifts = [await put_up(centre, roster_id) for _ in staff_nos]
    paths = [f"{ROOT}/open-shifts/{shift['open_shift_id']}/claim" for shift in shifts]
    answers = await asyncio.gather(
        *(centre.agent(staff_no).post(path) for staff_no, path in zip(staff_nos, paths, strict=True))
    )
    assert [answer.status_code for answer in answers] == [200] * 12
    assert sorted(answer.json()["number"] for answer in answers) == list(range(2, 14))
    last = await centre.get(f"/rosters/{roster_id}/versions/13")
    assert len([line for line in last["lines"] if day(3) in line["cells"]]) == 12


async def test_claims_are_checked_for_skills_rest_and_hours(centre: Centre, roster_id: str) -> None:
    async def refused(shift: dict[str, Any], staff_no: str = "A001") -> str:
        answer = await claim(centre, shift, staff_no, 409)
        assert answer["code"] == "exchange-impossible"
        return str(answer["errors"][0]["code"])

    assert await refused(await put_up(centre, roster_id, skills=["英语"])) == "skills-missing"
    night = await put_up(centre, roster_id, on=day(1), code="夜")
    assert (await claim(centre, night, "A001", 409))["code"] == "works-that-day"
    assert (await claim(centre, night, "A002"))["state"] == "claimed"
    assert await refused(await put_up(centre, roster_id, on=day(2)), "A002") == "rest-too-short"
    long = [await put_up(centre, roster_id, on=day(number), code="06:00-19:00") for number in (2, 3, 4, 5)]
    for shift in long[:3]:
        await claim(centre, shift, "A001")
    assert await refused(long[3]) == "weekly-hours-exceeded"


async def test_who_is_on_another_team_or_gone_claims_nothing(centre: Centre, roster_id: str) -> None:
    other = await centre.post("/teams", {"name": "二组", "code": "T2"})
    await centre.hire("B001", team_id=other["team_id"])
    shift = await put_up(centre, roster_id)
    assert (await claim(centre, shift, "B001", 409))["code"] == "agent-not-in-team"
    await centre.ask("GET", f"/open-shifts/{shift['open_shift_id']}", status=404, by=centre.agent("B001"))
    left = {"left_on": day(2)}
    await centre.ask("PATCH", f"/agents/{centre.agents['A003']['agent_id']}", json=left, headers={"If-Match": '"1"'})
    answer = await claim(centre, shift, "A003", 409)
    assert answer["errors"][0]["code"] == "agent-not-employed"
    path = f"/open-shifts/{shift['open_shift_id']}/claim"
    await centre.ask("POST", path, status=403, by=centre.agent("A001"), json={"staff_no": "A002"})


async def test_an_open_shift_is_withdrawn_or_lapses_when_it_begins(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    gone = await put_up(centre, roster_id)
    path = f"/open-shifts/{gone['open_shift_id']}/withdraw"
    await centre.ask("POST", path, status=403, by=centre.agent("A001"))
    assert (await centre.ask("POST", path, by=centre.supervisor, json={"reason": "不需要了"}))["state"] == "withdrawn"
    assert (await claim(centre, gone, "A002", 409))["code"] == "open-shift-closed"
    late = await put_up(centre, roster_id, on=day(1), code="晚")
    clock.move_to(clock.now().replace(day=3, hour=6))
    assert (await claim(centre, late, "A002", 409))["code"] == "open-shift-closed"
    await centre.worker().fire_due()
    assert (await centre.get(f"/open-shifts/{late['open_shift_id']}"))["state"] == "lapsed"


async def test_only_hours_to_come_of_a_published_roster_are_put_up(centre: Centre, roster_id: str) -> None:
    async def refused(status: int = 422, **more: Any) -> str:
        body = {"roster_id": roster_id, "on": day(3), "code": "早"} | more
        answer = await centre.ask("POST", "/open-shifts", status=status, by=centre.supervisor, json=body)
        return str(answer["errors"][0]["code"] if status == 422 else answer["code"])

    assert await refused(code="无") == "shift-code-unknown"
    assert await refused(code="休") == "open-shift-needs-hours"
    assert await refused(on=day(9)) == "day-outside-roster"
    assert await refused(on=day(0), code="08:00-10:00") == "open-shift-past"
    assert await refused(roster_id=None) == "field-required"
    assert await refused(roster_id=None, team_id=centre.team["team_id"], on=day(60)) == "roster-missing"
    drafted = (await centre.post("/rosters", {"team_id": centre.team["team_id"], "from": day(10), "to": day(12)}))[
        "roster_id"
    ]
    assert await refused(409, roster_id=drafted, on=day(11)) == "roster-not-published"
    by_team = {"team_id": centre.team["team_id"], "on": day(3), "code": "10:00-14:00"}
    found = await centre.ask("POST", "/open-shifts", status=201, by=centre.supervisor, json=by_team)
    assert (found["roster_id"], found["code"]) == (roster_id, "10:00-14:00")
