"""Working days with make-up days and the organisation's own; the iCalendar feed behind its secret address."""

from __future__ import annotations

from typing import Any

import icalendar
import pytest

from tests.conftest import ManualClock
from tests.integration.roster.centre import Centre, day


async def days(centre: Centre, first: str, last: str, **headers: str) -> dict[str, dict[str, Any]]:
    answer = await centre.ask("GET", f"/calendar/working-days?from={first}&to={last}", headers=headers)
    return {one["on"]: one for one in answer["items"]}


async def test_make_up_days_are_worked_and_holidays_are_not(centre: Centre) -> None:
    found = await days(centre, "2026-02-13", "2026-02-28")
    assert [on for on, one in found.items() if one["working"]] == [
        *("2026-02-13", "2026-02-14", "2026-02-24", "2026-02-25", "2026-02-26", "2026-02-27", "2026-02-28")
    ]
    assert (found["2026-02-14"]["kind"], found["2026-02-14"]["name"]) == ("make_up", "春节")
    assert (found["2026-02-17"]["kind"], found["2026-02-17"]["name"]) == ("holiday", "春节")
    assert (found["2026-02-25"]["kind"], found["2026-02-25"]["name"]) == ("workday", None)
    english = await days(centre, "2026-02-17", "2026-02-17", **{"Accept-Language": "en"})
    assert english["2026-02-17"]["name"] == "Spring Festival"


async def test_a_year_not_announced_is_provisional(centre: Centre) -> None:
    answer = await centre.ask("GET", "/calendar/working-days?from=2026-12-30&to=2027-01-04")
    assert (answer["provisional"], answer["working_day_count"]) == (True, 3)
    assert [one["provisional"] for one in answer["items"]] == [False, False, True, True, True, True]
    year = await centre.ask("GET", "/calendar/working-days?from=2026-01-01&to=2026-12-31")
    assert (year["provisional"], year["working_day_count"], len(year["items"])) == (False, 248, 365)


async def test_the_organisation_decides_about_its_own_days(centre: Centre) -> None:
    path = "/calendar/overrides/2027-02-05"
    made = await centre.ask("PUT", path, json={"working": False, "name": "年会"})
    assert (made["version"], made["set_by"]) == (1, "manager")
    found = (await days(centre, "2027-02-05", "2027-02-05"))["2027-02-05"]
    assert (found["working"], found["kind"], found["name"], found["provisional"]) == (False, "own", "年会", False)
    assert (await centre.ask("PUT", path, json={"working": True}))["version"] == 2
    assert (await days(centre, "2027-02-05", "2027-02-05"))["2027-02-05"]["working"]
    assert [one["on"] for one in (await centre.get("/calendar/overrides"))["items"]] == ["2027-02-05"]
    await centre.ask("PUT", path, status=403, json={"working": True}, by=centre.supervisor)
    await centre.ask("DELETE", path, status=204)
    await centre.ask("DELETE", path, status=404)
    await centre.ask("GET", path, status=404)


@pytest.mark.parametrize("period", ["from=2026-02-02&to=2026-02-01", "from=2026-01-01&to=2027-06-01", "from=x&to=y"])
async def test_a_period_that_makes_no_sense_is_refused(centre: Centre, period: str) -> None:
    await centre.ask("GET", f"/calendar/working-days?{period}", status=422)


async def opened(centre: Centre, staff_no: str = "A001") -> str:
    path = f"/agents/{centre.agents[staff_no]['agent_id']}/calendar-feed"
    return str((await centre.ask("POST", path, status=201, by=centre.agent(staff_no)))["path"])


async def fetched(centre: Centre, path: str) -> dict[str, icalendar.Event]:
    """The feed as a calendar program gets it, without any token; its events by UID."""
    answer = await centre.api.client().get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/calendar")
    calendar = icalendar.Calendar.from_ical(answer.content)
    return {str(event["uid"]): event for event in calendar.walk("VEVENT")}


async def test_an_agent_has_their_shifts_in_their_calendar(centre: Centre, clock: ManualClock) -> None:
    roster_id = await centre.roster(7)
    await centre.draft(roster_id, {"A001": {day(1): "早", day(2): "夜", day(3): "休"}, "A002": {day(1): "早"}})
    change = (await centre.publish(roster_id))["changes"]["A001"]
    path = await opened(centre)
    uid = f"shift-{centre.agents['A001']['agent_id']}-{day(1)}@ringback"
    asked = await fetched(centre, path)
    assert len(asked) == 2
    assert (asked[uid]["status"], str(asked[uid]["summary"])) == ("TENTATIVE", "早（待确认） 一组")
    assert asked[uid].decoded("dtstart").isoformat() == f"{day(1)}T01:00:00+00:00"
    clock.move_to(clock.now().replace(hour=2))
    await centre.confirm(change)
    agreed = await fetched(centre, path)
    assert (agreed[uid]["status"], str(agreed[uid]["summary"])) == ("CONFIRMED", "早 一组")
    assert agreed[uid]["sequence"] > asked[uid]["sequence"]
    clock.move_to(clock.now().replace(hour=3))
    await centre.draft(roster_id, {"A001": {day(1): "晚", day(3): "休"}, "A002": {day(1): "早"}})
    await centre.publish(roster_id)
    moved = await fetched(centre, path)
    night = f"shift-{centre.agents['A001']['agent_id']}-{day(2)}@ringback"
    assert (moved[uid]["status"], moved[night]["status"]) == ("TENTATIVE", "CANCELLED")
    assert "早 09:00-18:00" in str(moved[uid]["description"])
    assert moved[uid]["sequence"] > agreed[uid]["sequence"]
    assert moved[night]["sequence"] > agreed[night]["sequence"]
    assert moved[night].decoded("dtstart") == agreed[night].decoded("dtstart")


async def test_a_withdrawn_change_moves_the_sequence_on(centre: Centre, clock: ManualClock) -> None:
    roster_id = await centre.roster(7)
    await centre.draft(roster_id, {"A001": {day(2): "早"}})
    await centre.confirm((await centre.publish(roster_id))["changes"]["A001"])
    path = await opened(centre)
    uid = f"shift-{centre.agents['A001']['agent_id']}-{day(2)}@ringback"
    clock.move_to(clock.now().replace(hour=2))
    await centre.draft(roster_id, {"A001": {day(2): "晚"}})
    change = (await centre.publish(roster_id))["changes"]["A001"]
    before = (await fetched(centre, path))[uid]
    clock.move_to(clock.now().replace(hour=3))
    body = {"action": "withdraw", "reason": "不改了"}
    await centre.ask("POST", f"/shift-changes/{change['change_id']}/resolve", json=body)
    after = (await fetched(centre, path))[uid]
    assert (after["status"], str(after["summary"])) == ("CONFIRMED", "早 一组")
    assert after["sequence"] > before["sequence"]


async def test_leave_is_in_the_calendar(centre: Centre) -> None:
    body = {"staff_no": "A001", "from": day(4), "to": day(5)}
    leave = await centre.ask("POST", "/leave-requests", status=201, json=body)
    await centre.ask("POST", f"/leave-requests/{leave['leave_id']}/approve")
    [event] = (await fetched(centre, await opened(centre))).values()
    assert (str(event["summary"]), str(event.decoded("dtstart")), str(event.decoded("dtend"))) == (
        "请假",
        day(4),
        day(6),
    )


async def test_leave_given_back_is_cancelled_in_the_calendar(centre: Centre) -> None:
    body = {"staff_no": "A001", "from": day(4), "to": day(5)}
    leave = await centre.ask("POST", "/leave-requests", status=201, json=body)
    await centre.ask("POST", f"/leave-requests/{leave['leave_id']}/approve")
    path = await opened(centre)
    [before] = (await fetched(centre, path)).values()
    await centre.ask("POST", f"/leave-requests/{leave['leave_id']}/cancel", by=centre.agent("A001"))
    [after] = (await fetched(centre, path)).values()
    assert (after["uid"], before["status"], after["status"]) == (before["uid"], "CONFIRMED", "CANCELLED")
    assert after["sequence"] > before["sequence"]


async def test_the_address_is_secret_and_the_agents_own(centre: Centre) -> None:
    agent_id = centre.agents["A001"]["agent_id"]
    path = f"/agents/{agent_id}/calendar-feed"
    await centre.ask("POST", path, status=403, by=centre.agent("A002"))
    await centre.ask("POST", path, status=403, by=centre.supervisor)
    first = await opened(centre)
    nobody = centre.api.client()
    for wrong in (first.partition("?")[0], first + "x", first.replace(agent_id, centre.agents["A002"]["agent_id"])):
        assert (await nobody.get(wrong)).status_code == 404
    second = await opened(centre)
    assert (await nobody.get(first)).status_code == 404
    assert (await nobody.get(second)).status_code == 200
    status = await centre.ask("GET", path, by=centre.agent("A001"))
    assert (status["active"], status["made_by"]) == (True, "A001")
    assert "key" not in str(status)
    await centre.ask("DELETE", path, status=204, by=centre.agent("A001"))
    assert (await nobody.get(second)).status_code == 404
    assert (await centre.ask("GET", path, by=centre.agent("A001")))["active"] is False
