"""Publishing: versions, preflight, who is asked and who is not."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.conftest import ManualClock
from tests.integration.roster.centre import ROOT, Centre, day

ALL = ("A001", "A002", "A003")


async def planned(centre: Centre, **cells: str) -> str:
    """A roster of five days: everybody works early from tomorrow, except as given (`A001_1="晚"`)."""
    roster_id = await centre.roster(5)
    await write(centre, roster_id, **cells)
    return roster_id


async def write(centre: Centre, roster_id: str, **cells: str) -> None:
    lines = {staff_no: {day(number): "早" for number in range(1, 5)} for staff_no in ALL}
    for cell, code in cells.items():
        staff_no, number = cell.split("_")
        lines[staff_no][day(int(number))] = code
    await centre.draft(roster_id, lines)


async def test_the_first_version_asks_each_agent_once_for_the_period(centre: Centre) -> None:
    roster_id = await planned(centre)
    published = await centre.publish(roster_id, note="三月")
    assert published["number"] == 1
    assert sorted(published["changes"]) == list(ALL)
    change = await centre.change(published["changes"]["A001"]["change_id"])
    assert (change["state"], len(change["days"]), change["note"]) == ("pending", 4, "三月")
    assert change["days"][0]["before"] is None


async def test_a_later_version_asks_only_whom_it_changes_something_for(centre: Centre) -> None:
    roster_id = await planned(centre)
    await centre.publish(roster_id)
    before = len(await centre.told())
    await write(centre, roster_id, A002_1="晚")
    assert list((await centre.publish(roster_id))["changes"]) == ["A002"]
    told = (await centre.told())[before:]
    assert [type_ for type_, _ in told] == [
        "roster.roster.published.v1",
        "roster.shift_change.superseded.v1",
        "roster.shift_change.announced.v1",
    ]
    assert {data["staff_no"] for _, data in told[1:]} == {"A002"}


async def test_versions_are_numbered_and_keep_what_they_were(centre: Centre) -> None:
    roster_id = await planned(centre)
    await centre.publish(roster_id, note="一")
    await write(centre, roster_id, A001_1="晚")
    await centre.publish(roster_id, note="二")
    codes = {code["code"]: code for code in (await centre.get("/shift-codes"))["items"]}
    early = codes["早"]
    await centre.ask("PATCH", f"/shift-codes/{early['code_id']}", json={"starts": "08:00"}, headers={"If-Match": "1"})
    versions = await centre.get(f"/rosters/{roster_id}/versions")
    assert [(one["number"], one["note"], one["change_count"]) for one in versions["items"]] == [
        (2, "二", 1),
        (1, "一", 3),
    ]
    first = await centre.get(f"/rosters/{roster_id}/versions/1")
    assert first["lines"][0]["cells"][day(1)] == {
        "code": "早",
        "starts": f"{day(1)}T09:00:00+08:00",
        "ends": f"{day(1)}T18:00:00+08:00",
    }
    await centre.ask("GET", f"/rosters/{roster_id}/versions/3", status=404)
    assert list((await centre.publish(roster_id))["changes"]) == list(ALL), "the code means other hours now"


async def test_the_same_draft_is_not_published_twice(centre: Centre) -> None:
    roster_id = await planned(centre)
    path = f"/rosters/{roster_id}/publish"
    answers = await asyncio.gather(*(centre.manager.post(ROOT + path, json={}) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert (await centre.ask("POST", path, status=409, json={}))["code"] == "nothing-to-publish"
    assert [type_ for type_, _ in await centre.told()].count("roster.shift_change.announced.v1") == 3
    empty = await centre.roster(1, start=datetime(2026, 6, 1).date())
    assert (await centre.ask("POST", f"/rosters/{empty}/publish", status=409, json={}))["code"] == "nothing-to-publish"


async def test_a_publisher_who_saw_an_older_draft_is_refused(centre: Centre) -> None:
    roster_id = await planned(centre)
    answer = await centre.ask("POST", f"/rosters/{roster_id}/publish", status=412, json={}, headers={"If-Match": "1"})
    assert answer["code"] == "stale-version"


async def test_the_preflight_lists_every_problem_and_an_override_keeps_its_reason(centre: Centre) -> None:
    other = await centre.post("/teams", {"name": "二组", "code": "T2"})
    await centre.hire("B001", team_id=other["team_id"])
    path = f"/agents/{centre.agents['A003']['agent_id']}"
    await centre.ask("PATCH", path, json={"left_on": day(1)}, headers={"If-Match": "1"})
    roster_id = await centre.roster(3)
    cells = {"A001": {day(1): "夜", day(2): "05:00-12:00"}, "A003": {day(2): "早"}, "B001": {day(1): "早"}}
    draft = await centre.draft(roster_id, cells)
    refused = await centre.ask("POST", f"/rosters/{roster_id}/publish", status=409, json={})
    assert refused["code"] == "preflight-failed"
    assert [(error["field"], error["code"]) for error in refused["errors"]] == [
        (f"A001 {day(2)}", "shifts-overlap"),
        (f"A003 {day(2)}", "agent-not-employed"),
        (f"B001 {day(1)}", "agent-not-in-team"),
    ]
    found = await centre.get(f"/rosters/{roster_id}/draft/checks")
    assert [one["code"] for one in found["items"]] == [error["code"] for error in refused["errors"]]
    body: dict[str, Any] = {"override": {"reason": "临时借调"}}
    left = await centre.ask("POST", f"/rosters/{roster_id}/publish", status=409, json=body)
    assert [error["code"] for error in left["errors"]] == ["shifts-overlap"], "nobody is in two places at once"
    cell = {"staff_no": "A001", "on": day(2), "code": "06:00-12:00"}
    headers = {"If-Match": str(draft["version"])}
    await centre.ask("PATCH", f"/rosters/{roster_id}/draft", json={"assignments": [cell]}, headers=headers)
    published = await centre.publish(roster_id, **body)
    assert sorted(published["changes"]) == ["A001", "A003", "B001"]
    version = await centre.get(f"/rosters/{roster_id}/versions/1")
    assert version["override_reason"] == "临时借调"
    assert [one["code"] for one in version["problems"]] == ["rest-too-short", "agent-not-employed", "agent-not-in-team"]


async def test_a_code_that_is_no_more_cannot_be_overridden(centre: Centre) -> None:
    own = await centre.post("/shift-codes", {"code": "短", "name": "x", "starts": "09:00", "ends": "12:00"})
    roster_id = await planned(centre, A001_1="短")
    async with centre.database.work() as work:
        await work.conn.exec_driver_sql(f"DELETE FROM roster.shift_codes WHERE code_id = '{own['code_id']}'")
    body = {"override": {"reason": "x"}}
    refused = await centre.ask("POST", f"/rosters/{roster_id}/publish", status=409, json=body)
    assert [error["code"] for error in refused["errors"]] == ["shift-code-unknown"]


async def test_a_night_shift_of_last_month_is_seen_by_the_checks(centre: Centre) -> None:
    await centre.publish(await night_before(centre))
    roster_id = await centre.roster(3, start=datetime(2026, 3, 5).date())
    await centre.draft(roster_id, {"A001": {"2026-03-05": "05:00-12:00"}})
    found = await centre.get(f"/rosters/{roster_id}/draft/checks")
    assert [one["code"] for one in found["items"]] == ["shifts-overlap"]


async def night_before(centre: Centre) -> str:
    roster_id = await centre.roster(3)
    await centre.draft(roster_id, {"A001": {"2026-03-04": "夜"}})
    return roster_id


async def test_days_that_are_over_are_not_asked_about(centre: Centre, clock: ManualClock) -> None:
    roster_id = await planned(centre)
    await centre.publish(roster_id)
    clock.move_to(clock.now() + timedelta(days=2))
    await write(centre, roster_id, A001_1="晚")
    assert (await centre.publish(roster_id))["changes"] == {}
    assert (await centre.shift("A001", day(1)))["planned"]["code"] == "早"
    await write(centre, roster_id, A001_1="晚", A001_3="晚")
    change = (await centre.publish(roster_id))["changes"]["A001"]
    assert [one["on"] for one in (await centre.change(change["change_id"]))["days"]] == [day(2), day(3), day(4)]


async def test_superseding_an_unanswered_change_loses_nothing_of_it(centre: Centre) -> None:
    roster_id = await planned(centre)
    for change in (await centre.publish(roster_id))["changes"].values():
        await centre.confirm(change)
    await write(centre, roster_id, A001_1="晚")
    first = (await centre.publish(roster_id))["changes"]["A001"]
    await write(centre, roster_id, A001_1="晚", A001_3="休")
    second = (await centre.publish(roster_id))["changes"]["A001"]
    now = await centre.change(second["change_id"])
    assert [(one["on"], one["before"]["code"], one["after"]["code"]) for one in now["days"]] == [
        (day(1), "早", "晚"),
        (day(3), "早", "休"),
    ]
    before = await centre.change(first["change_id"])
    assert (before["state"], before["superseded_by"]) == ("superseded", second["change_id"])


async def test_going_back_to_what_was_confirmed_asks_nobody(centre: Centre) -> None:
    roster_id = await planned(centre)
    for change in (await centre.publish(roster_id))["changes"].values():
        await centre.confirm(change)
    await write(centre, roster_id, A001_1="晚")
    asked = (await centre.publish(roster_id))["changes"]["A001"]
    await write(centre, roster_id)
    assert (await centre.publish(roster_id))["changes"] == {}
    change = await centre.change(asked["change_id"])
    assert (change["state"], change["superseded_by"]) == ("superseded", None)
    type_, data = (await centre.told())[-1]
    assert (type_, data["by_number"], data.get("by_change_id")) == ("roster.shift_change.superseded.v1", 3, None)
    assert (await centre.shift("A001", day(1)))["same"]


async def test_the_deadline_follows_the_publication_and_the_team(centre: Centre) -> None:
    roster_id = await planned(centre)
    change = (await centre.publish(roster_id, confirm_within_minutes=60))["changes"]["A001"]
    assert change["confirm_by"] == "2026-03-02T02:00:00Z"
    assert change["first_start_at"] == "2026-03-03T01:00:00Z"


@pytest.mark.parametrize(
    ("hours_later", "cell", "confirm_by"),
    [
        (0, {}, "2026-03-02T13:00:00Z"),
        (0, {"A001_0": "19:00-23:00"}, "2026-03-02T09:00:00Z"),
        (6, {}, "2026-03-02T14:00:00Z"),
    ],
    ids=["twelve_hours_after_publication", "two_hours_before_the_first_start", "before_the_quiet_hours"],
)
async def test_the_deadline_is_the_earlier_of_two_and_out_of_the_quiet_hours(
    centre: Centre, clock: ManualClock, hours_later: int, cell: dict[str, str], confirm_by: str
) -> None:
    roster_id = await planned(centre, **cell)
    clock.move_to(clock.now() + timedelta(hours=hours_later))
    change = (await centre.publish(roster_id))["changes"]["A001"]
    assert (change["confirm_by"], change["late_notice"]) == (confirm_by, False)


async def test_less_than_the_minimum_notice_is_late_notice(centre: Centre, clock: ManualClock) -> None:
    roster_id = await planned(centre)
    clock.move_to(clock.now() + timedelta(hours=23))
    change = (await centre.publish(roster_id))["changes"]["A001"]
    assert (change["late_notice"], change["confirm_by"]) == (True, "2026-03-03T01:00:00Z")


async def test_only_who_may_publish_does(centre: Centre) -> None:
    roster_id = await planned(centre)
    path = f"/rosters/{roster_id}/publish"
    await centre.ask("POST", path, status=403, json={}, by=centre.agent("A001"))
    await centre.ask("POST", path, status=403, json={}, by=centre.api.as_("lead", staff_no="L001"))
    await centre.ask("POST", path, status=403, json={}, by=centre.api.as_("supervisor", staff_no="S999"))
    await centre.ask("POST", path, status=201, json={}, by=centre.supervisor)
