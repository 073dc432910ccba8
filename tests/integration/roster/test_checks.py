"""Checks on a draft over HTTP: what each finds, how a team weighs it, and what publication does about it."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.notify import ContactRemoved
from shared.platform.ids import new_id, stable_id
from tests.integration.roster.centre import ROOT, Centre, day

WEEK = [day(number) for number in range(1, 8)]


async def checks(centre: Centre, roster_id: str, **more: Any) -> list[dict[str, Any]]:
    found = await centre.get(f"/rosters/{roster_id}/checks", **more)
    assert found["error_count"] == sum(one["level"] == "error" for one in found["items"])
    assert found["error_count"] + found["warning_count"] == len(found["items"])
    return list(found["items"])


async def found(centre: Centre, cells: dict[str, dict[str, str]], days: int = 14) -> list[tuple[str, str, str]]:
    """The check, staff number and day of everything wrong with these cells."""
    roster_id = await centre.roster(days)
    await centre.draft(roster_id, cells)
    return [(one["code"], one["staff_no"], one["on"]) for one in await checks(centre, roster_id)]


async def weigh(centre: Centre, **settings: Any) -> None:
    path = f"/teams/{centre.team['team_id']}"
    version = (await centre.get(path))["version"]
    await centre.ask("PATCH", path, json={"settings": settings}, headers={"If-Match": str(version)})


async def test_a_sound_draft_has_no_problems(centre: Centre) -> None:
    assert await found(centre, {"A001": {day(1): "早", day(2): "早", day(3): "休", day(4): "晚"}}) == []


async def test_rest_below_eleven_hours(centre: Centre) -> None:
    cells = {"A001": {day(1): "晚", day(2): "早"}, "A002": {day(1): "晚", day(2): "08:00-16:00"}}
    assert await found(centre, cells) == [("rest-too-short", "A002", day(2))]


async def test_weekly_hours_above_the_maximum_without_breaks(centre: Centre) -> None:
    pause = [{"starts": "12:00", "ends": "13:00"}]
    await centre.post("/shift-codes", {"code": "长", "name": "x", "starts": "08:00", "ends": "18:00", "breaks": pause})
    five, six = WEEK[:5], WEEK[:6]
    cells = {"A001": dict.fromkeys(six, "早"), "A002": dict.fromkeys(five, "长"), "A003": dict.fromkeys(five, "早")}
    assert await found(centre, cells) == [("weekly-hours-exceeded", "A001", day(6))]


async def test_more_than_six_days_in_a_row(centre: Centre) -> None:
    six, eight = [day(n) for n in range(1, 7)], [day(n) for n in range(1, 9)]
    cells = {"A001": dict.fromkeys(six, "14:00-20:00"), "A002": dict.fromkeys(eight, "14:00-20:00")}
    assert await found(centre, cells) == [("too-many-days-in-a-row", "A002", day(7))]


async def test_days_of_the_roster_before_count_for_the_run(centre: Centre) -> None:
    before = await centre.roster(5)
    await centre.draft(before, {"A001": {day(n): "14:00-20:00" for n in range(1, 5)}})
    await centre.publish(before)
    after = await centre.post("/rosters", {"team_id": centre.team["team_id"], "from": day(5), "to": day(12)})
    await centre.draft(after["roster_id"], {"A001": {day(n): "14:00-20:00" for n in range(5, 8)}})
    [one] = await checks(centre, after["roster_id"])
    assert (one["code"], one["on"]) == ("too-many-days-in-a-row", day(7))


async def test_overlap_and_unknown_people(centre: Centre) -> None:
    other = await centre.post("/teams", {"name": "二组", "code": "T2"})
    await centre.hire("B001", team_id=other["team_id"])
    path = f"/agents/{centre.agents['A003']['agent_id']}"
    await centre.ask("PATCH", path, json={"status": "suspended"}, headers={"If-Match": "1"})
    cells = {"A001": {day(1): "夜", day(2): "05:00-12:00"}, "A003": {day(2): "早"}, "B001": {day(1): "早"}}
    assert await found(centre, cells) == [
        ("shifts-overlap", "A001", day(2)),
        ("agent-not-employed", "A003", day(2)),
        ("agent-not-in-team", "B001", day(1)),
    ]


async def test_headcount_below_the_minimum_of_an_interval(centre: Centre) -> None:
    need = {"starts": "09:00", "ends": "22:00", "agents": 2, "weekdays": [2]}
    await weigh(centre, headcount=[need], checks={"headcount": "error"})
    tuesday = day(1)
    roster_id = await centre.roster(7)
    cells = {"A001": {tuesday: "早"}, "A002": {tuesday: "早"}, "A003": {tuesday: "晚", day(2): "早"}}
    await centre.draft(roster_id, cells)
    [one] = await checks(centre, roster_id)
    assert (one["code"], one["staff_no"], one["on"], one["level"]) == (
        "headcount-below-minimum",
        None,
        tuesday,
        "error",
    )
    assert "18:00–22:00" in one["message"]
    refused = await centre.ask("POST", f"/rosters/{roster_id}/publish", status=409, json={})
    assert [error["field"] for error in refused["errors"]] == [f"headcount {tuesday}"]
    await weigh(centre, headcount=[need | {"agents": 1}])
    assert await checks(centre, roster_id) == []


async def test_short_notice_is_a_warning(centre: Centre) -> None:
    cells = {"A001": {day(0): "18:00-22:00"}, "A002": {day(1): "早"}}
    assert await found(centre, cells) == [("short-notice", "A001", day(0))]


async def test_leave_conflict(centre: Centre) -> None:
    asked = {"staff_no": "A001", "kind": "annual", "from": day(2), "to": day(3)}
    leave = await centre.ask("POST", "/leave-requests", by=centre.agent("A001"), status=201, json=asked)
    path = f"/leave-requests/{leave['leave_id']}/approve"
    await centre.ask("POST", path, by=centre.supervisor, json={})
    cells = {"A001": {day(1): "早", day(2): "早", day(3): "休"}}
    assert await found(centre, cells) == [("agent-on-leave", "A001", day(2))]


async def test_each_check_is_off_a_warning_or_an_error_as_the_team_decides(centre: Centre) -> None:
    roster_id = await centre.roster(3)
    await centre.draft(roster_id, {"A001": {day(1): "晚", day(2): "08:00-16:00"}})
    assert [one["level"] for one in await checks(centre, roster_id)] == ["warning"]
    await weigh(centre, checks={"rest": "error"})
    assert [one["level"] for one in await checks(centre, roster_id)] == ["error"]
    refused = await centre.ask("POST", f"/rosters/{roster_id}/publish", status=409, json={})
    assert refused["code"] == "preflight-failed"
    await weigh(centre, min_rest_minutes=600)
    assert await checks(centre, roster_id) == []
    await weigh(centre, min_rest_minutes=660, checks={"rest": "off"})
    assert await checks(centre, roster_id) == []
    settings = (await centre.get(f"/teams/{centre.team['team_id']}"))["settings"]
    assert (settings["checks"]["rest"], settings["checks"]["overlap"]) == ("off", "error")
    assert (await centre.publish(roster_id))["number"] == 1


EVERY_CHECK = (
    *("overlap", "rest", "weekly_hours", "consecutive_days", "leave", "employment", "team", "headcount"),
    *("code", "short_notice", "contact", "escalation"),
)


async def everything_wrong(centre: Centre) -> str:
    """A draft in which each check finds something."""
    need = {"starts": "09:00", "ends": "12:00", "agents": 50}
    await weigh(centre, max_weekly_minutes=600, max_consecutive_days=1, headcount=[need])
    path = f"/teams/{centre.team['team_id']}"
    await centre.ask("PATCH", path, json={"supervisor": None}, headers={"If-Match": "2"})
    other = await centre.post("/teams", {"name": "二组", "code": "T2"})
    await centre.hire("B001", team_id=other["team_id"])
    await centre.hire("A004", "A005")
    left = f"/agents/{centre.agents['A003']['agent_id']}"
    await centre.ask("PATCH", left, json={"left_on": day(1)}, headers={"If-Match": "1"})
    leave = await centre.post("/leave-requests", {"staff_no": "A004", "from": day(2), "to": day(2)})
    await centre.ask("POST", f"/leave-requests/{leave['leave_id']}/approve")
    removed = ContactRemoved(contact_id=stable_id("contact", "A005"), staff_no="A005", channel="captured")
    await centre.hear(removed, sequence=2)
    gone = await centre.post("/shift-codes", {"code": "短", "name": "x", "starts": "09:00", "ends": "12:00"})
    roster_id = await centre.roster(5)
    cells = {
        "A001": {day(0): "18:00-22:00", day(1): "夜", day(2): "05:00-12:00"},
        "A002": {day(1): "晚", day(2): "08:00-16:00"},
        "A003": {day(2): "早"},
        "A004": {day(2): "早"},
        "A005": {day(2): "短", day(3): "早"},
        "B001": {day(1): "早"},
    }
    await centre.draft(roster_id, cells)
    async with centre.database.work() as work:
        await work.conn.exec_driver_sql(f"DELETE FROM roster.shift_codes WHERE code_id = '{gone['code_id']}'")
    return roster_id


async def test_every_check_is_off_a_warning_or_an_error_as_the_team_decides(centre: Centre) -> None:
    roster_id = await everything_wrong(centre)
    await weigh(centre, checks=dict.fromkeys(EVERY_CHECK, "off"))
    assert await checks(centre, roster_id) == []
    for check in EVERY_CHECK:
        await weigh(centre, checks={check: "warning"})
        assert {(one["check"], one["level"]) for one in await checks(centre, roster_id)} == {(check, "warning")}
        await weigh(centre, checks={check: "error"})
        assert {(one["check"], one["level"]) for one in await checks(centre, roster_id)} == {(check, "error")}
        refused = await centre.ask("POST", f"/rosters/{roster_id}/publish", status=409, json={})
        assert refused["code"] == "preflight-failed"
        await weigh(centre, checks={check: "off"})


async def test_a_warning_does_not_stop_publication_and_is_kept_with_it(centre: Centre) -> None:
    roster_id = await centre.roster(3)
    await centre.draft(roster_id, {"A001": {day(1): "晚", day(2): "08:00-16:00"}})
    await centre.publish(roster_id)
    version = await centre.get(f"/rosters/{roster_id}/versions/1")
    assert version["override_reason"] is None
    assert [(one["code"], one["level"]) for one in version["problems"]] == [("rest-too-short", "warning")]


@pytest.mark.parametrize(
    "settings", [{"checks": {"rest": "loud"}}, {"checks": {"mood": "error"}}, {"min_rest_minutes": -1}]
)
async def test_settings_that_mean_nothing_are_refused(centre: Centre, settings: dict[str, Any]) -> None:
    path = f"/teams/{centre.team['team_id']}"
    await centre.ask("PATCH", path, status=422, json={"settings": settings}, headers={"If-Match": "1"})


async def test_an_affected_agent_without_a_verified_contact_stops_publication(centre: Centre) -> None:
    removed = ContactRemoved(contact_id=stable_id("contact", "A002"), staff_no="A002", channel="captured")
    await centre.hear(removed, sequence=2)
    await centre.vouch("A002")  # the older news, coming late
    roster_id = await centre.roster(3)
    await centre.draft(roster_id, {"A001": {day(1): "早"}, "A002": {day(1): "早"}})
    refused = await centre.ask("POST", f"/rosters/{roster_id}/publish", status=409, json={})
    assert [(error["field"], error["code"]) for error in refused["errors"]] == [(f"A002 {day(1)}", "contact-missing")]
    published = await centre.publish(roster_id, override={"reason": "已电话告知"})
    assert sorted(published["changes"]) == ["A001", "A002"]
    await centre.draft(roster_id, {"A001": {day(1): "晚"}, "A002": {day(1): "早"}})
    assert await checks(centre, roster_id) == [], "who is not affected need not be reached"


@pytest.mark.parametrize(
    ("above", "code"),
    [
        ({"supervisor": None}, "escalation-target-missing"),
        ({"supervisor": "S404"}, "escalation-target-gone"),
        ({"lead": "L404"}, "escalation-target-gone"),
        ({"lead": None}, None),
    ],
)
async def test_an_escalation_target_that_cannot_be_reached_stops_publication(
    centre: Centre, above: dict[str, Any], code: str | None
) -> None:
    path = f"/teams/{centre.team['team_id']}"
    await centre.ask("PATCH", path, json=above, headers={"If-Match": "1"})
    roster_id = await centre.roster(3)
    await centre.draft(roster_id, {"A001": {day(1): "早"}})
    assert [one["code"] for one in await checks(centre, roster_id)] == ([code] if code else [])
    answer = await centre.ask("POST", f"/rosters/{roster_id}/publish", status=409 if code else 201, json={})
    assert (answer.get("code") == "preflight-failed") is bool(code)


async def test_a_lead_without_a_verified_contact_is_no_escalation_target(centre: Centre) -> None:
    removed = ContactRemoved(contact_id=stable_id("contact", "L001"), staff_no="L001", channel="captured")
    await centre.hear(removed, sequence=2)
    roster_id = await centre.roster(3)
    await centre.draft(roster_id, {"A001": {day(1): "早"}})
    assert [one["code"] for one in await checks(centre, roster_id)] == ["escalation-target-unreachable"]


async def test_problems_are_told_in_the_callers_language(centre: Centre) -> None:
    roster_id = await centre.roster(3)
    await centre.draft(roster_id, {"A001": {day(1): "晚", day(2): "08:00-16:00"}})
    english = centre.api.as_("manager", language="en")
    [told] = (await centre.ask("GET", f"/rosters/{roster_id}/checks", by=english))["items"]
    assert told["message"] == f"A001 客服A001 has 10 h of rest before the shift of {day(2)}, less than 11 h."


async def two_teams(centre: Centre) -> list[str]:
    """Rosters of two teams that both want A001: a night, and the early morning after it."""
    other = await centre.post("/teams", {"name": "二组", "code": "T2", "supervisor": "S001"})
    made = []
    for team, cells in ((centre.team, {day(1): "夜"}), (other, {day(2): "05:00-12:00"})):
        body = {"team_id": team["team_id"], "from": day(0), "to": day(5)}
        made.append(str((await centre.post("/rosters", body))["roster_id"]))
        await centre.draft(made[-1], {"A001": cells})
    return made


async def test_two_rosters_published_at_once_never_plan_one_agent_twice(centre: Centre) -> None:
    rosters = await two_teams(centre)
    body = {"override": {"reason": "借调"}}
    paths = [f"{ROOT}/rosters/{roster_id}/publish" for roster_id in rosters]
    answers = await asyncio.gather(*(centre.manager.post(path, json=body) for path in paths))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    [refused] = [answer.json() for answer in answers if answer.status_code == 409]
    assert refused["code"] in ("planned-twice", "preflight-failed", "conflict")


async def test_overlap_is_impossible_in_the_database(centre: Centre) -> None:
    agent_id = UUID(centre.agents["A001"]["agent_id"])
    insert = (
        "INSERT INTO roster.shifts (agent_id, shift_on, team_id, planned_starts_at, planned_ends_at) VALUES "
        f"('{agent_id}', '2026-03-31', '{new_id()}', '2026-03-31 14:00+00', '2026-03-31 22:00+00'), "
        f"('{agent_id}', '2026-04-01', '{new_id()}', '%s', '2026-04-01 06:00+00')"
    )
    with pytest.raises(Exception, match="planned_hours_apart"):
        async with centre.database.work() as work:
            await work.conn.exec_driver_sql(insert % "2026-03-31 21:59+00")
    async with centre.database.work() as work:
        await work.conn.exec_driver_sql(insert % "2026-03-31 22:00+00")
    with pytest.raises(Exception, match="planned_hours_apart"):
        async with centre.database.work() as work:
            await work.conn.exec_driver_sql(
                "UPDATE roster.shifts SET planned_ends_at = '2026-03-31 23:00+00' WHERE shift_on = '2026-03-31'"
            )
