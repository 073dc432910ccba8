"""Teams, agents and shift codes over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.roster.centre import ROOT, Centre, day


async def test_a_team_has_the_settings_that_it_was_not_given(centre: Centre) -> None:
    team = await centre.post("/teams", {"name": "二组", "timezone": "Europe/Berlin", "settings": {"grace_minutes": 20}})
    assert (team["code"], team["zone"], team["version"]) == ("二组", "Europe/Berlin", 1)
    assert team["settings"] == {
        "confirm_within_minutes": 720,
        "min_notice_minutes": 120,
        "quiet_from": "22:00:00",
        "quiet_to": "08:00:00",
        "grace_minutes": 20,
        "tolerance_minutes": 5,
        "swap_approval": "lead",
        "leave_code": None,
        "decide_within_minutes": 1440,
        "min_rest_minutes": 660,
        "max_weekly_minutes": 2880,
        "max_consecutive_days": 6,
        "short_notice_minutes": 720,
        "headcount": [],
        "checks": {
            "overlap": "error",
            "code": "error",
            "employment": "error",
            "team": "error",
            "leave": "error",
            "contact": "error",
            "escalation": "error",
            "rest": "warning",
            "weekly_hours": "warning",
            "consecutive_days": "warning",
            "headcount": "warning",
            "short_notice": "warning",
        },
    }
    assert await centre.get(f"/teams/{team['team_id']}") == team


async def test_a_change_to_a_team_leaves_the_rest_as_it_was(centre: Centre) -> None:
    path = f"/teams/{centre.team['team_id']}"
    body = {"name": "甲组", "settings": {"grace_minutes": 0}, "lead": None}
    changed = await centre.ask("PATCH", path, json=body, headers={"If-Match": '"1"'})
    assert (changed["name"], changed["lead"], changed["supervisor"], changed["version"]) == ("甲组", None, "S001", 2)
    assert (changed["settings"]["grace_minutes"], changed["settings"]["min_notice_minutes"]) == (0, 120)
    stale = await centre.ask("PATCH", path, status=412, json=body, headers={"If-Match": '"1"'})
    assert stale["code"] == "stale-version"
    assert (await centre.ask("PATCH", path, status=428, json=body))["code"] == "if-match-required"


async def test_no_team_stands_above_itself(centre: Centre) -> None:
    top = centre.team["team_id"]
    below = await centre.post("/teams", {"name": "二组", "parent_id": top})
    answer = await centre.ask(
        "PATCH", f"/teams/{top}", status=422, json={"parent_id": below["team_id"]}, headers={"If-Match": "1"}
    )
    assert answer["code"] == "team-above-itself"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "x", "zone": "Mars/Olympus"}, "zone-unknown"),
        ({"name": "x", "zone": "../etc/passwd"}, "zone-unknown"),
        ({"name": "x", "colour": "red"}, "invalid-value"),
        ({"name": ""}, "invalid-value"),
        ({"name": "x", "settings": {"quiet_from": "25:00"}}, "invalid-value"),
        ({"name": "x", "parent_id": "6f0c1a52-7f0e-7d5a-9f0b-9b1d4c1f3a77"}, "team-unknown"),
    ],
)
async def test_a_team_that_cannot_be_is_refused(centre: Centre, body: dict[str, Any], code: str) -> None:
    assert (await centre.ask("POST", "/teams", status=422, json=body))["code"] == code


async def test_codes_and_staff_numbers_are_taken_once(centre: Centre) -> None:
    team_id = centre.team["team_id"]
    assert (await centre.ask("POST", "/teams", status=409, json={"name": "x", "code": "T1"}))[
        "code"
    ] == "team-code-taken"
    agent = {"staff_no": "A001", "name": "x", "team_id": team_id, "hired_on": "2026-01-01"}
    assert (await centre.ask("POST", "/agents", status=409, json=agent))["code"] == "staff-no-taken"
    code = {"code": "早", "name": "x"}
    assert (await centre.ask("POST", "/shift-codes", status=409, json=code))["code"] == "shift-code-taken"
    await centre.post("/shift-codes", code | {"team_id": team_id, "starts": "08:00", "ends": "16:00"})


async def test_an_agent_moves_leaves_and_every_step_is_told(centre: Centre) -> None:
    other = await centre.post("/teams", {"name": "二组", "code": "T2"})
    path = f"/agents/{centre.agents['A001']['agent_id']}"
    moved = await centre.ask("PATCH", path, json={"team_id": other["team_id"]}, headers={"If-Match": "1"})
    assert (moved["team_name"], moved["version"]) == ("二组", 2)
    left = await centre.ask("PATCH", path, json={"left_on": "2026-05-01"}, headers={"If-Match": "2"})
    assert left["left_on"] == "2026-05-01"
    early = await centre.ask("PATCH", path, status=422, json={"left_on": "2020-05-01"}, headers={"If-Match": "3"})
    assert early["errors"][0]["code"] == "left-before-hired"
    told = [type_ for type_, _ in await centre.told() if "agent" in type_]
    assert told[-3:] == ["roster.agent.joined.v1", "roster.agent.changed.v1", "roster.agent.left.v1"]


async def test_an_agent_sees_themselves_and_a_supervisor_their_team(centre: Centre) -> None:
    other = await centre.post("/teams", {"name": "二组", "code": "T2"})
    await centre.hire("B001", team_id=other["team_id"])
    mine = await centre.ask("GET", "/agents", by=centre.agent("A001"))
    assert [one["staff_no"] for one in mine["items"]] == ["A001"]
    ours = await centre.ask("GET", "/agents", by=centre.supervisor)
    assert [one["staff_no"] for one in ours["items"]] == ["S001", "A001", "A002", "A003"]
    by_token = await centre.ask("GET", "/agents", by=centre.api.as_("lead", staff_no="X", teams=("T2",)))
    assert [one["staff_no"] for one in by_token["items"]] == ["B001"]
    path = f"/agents/{centre.agents['A002']['agent_id']}"
    assert (await centre.ask("GET", path, status=403, by=centre.agent("A001")))["code"] == "not-yours"


async def test_a_supervisor_hires_into_their_own_team_only(centre: Centre) -> None:
    other = await centre.post("/teams", {"name": "二组", "code": "T2"})
    body = {"staff_no": "C001", "name": "x", "hired_on": "2026-01-01"}
    own, foreign = body | {"team_id": centre.team["team_id"]}, body | {"team_id": other["team_id"]}
    await centre.ask("POST", "/agents", status=403, by=centre.supervisor, json=foreign)
    await centre.ask("POST", "/agents", status=201, by=centre.supervisor, json=own)
    house = {"code": "新", "name": "x"}
    await centre.ask("POST", "/shift-codes", status=403, by=centre.supervisor, json=house)


async def test_agents_are_found_by_skill_mentor_standing_and_day(centre: Centre) -> None:
    path = f"/agents/{centre.agents['A002']['agent_id']}"
    body = {"skills": ["voice", "chat"], "mentor": "A001", "status": "trainee", "left_on": day(3)}
    await centre.ask("PATCH", path, json=body, headers={"If-Match": "1"})
    own = await centre.ask("PATCH", path, status=422, json={"mentor": "A002"}, headers={"If-Match": "2"})
    assert [error["code"] for error in own["errors"]] == ["mentor-is-self"]
    for params in ({"skill": "chat"}, {"mentor": "A001"}, {"status": "trainee"}):
        assert [one["staff_no"] for one in (await centre.get("/agents", **params))["items"]] == ["A002"]
    on_the_staff = (await centre.get("/agents", team="T1", on=day(4)))["items"]
    assert [one["staff_no"] for one in on_the_staff] == ["A001", "A003"]


async def test_lists_come_in_pages_and_by_change(centre: Centre) -> None:
    first = await centre.get("/agents", team="T1", limit=2)
    rest = await centre.get("/agents", team="T1", limit=2, after=first["next"])
    assert [one["staff_no"] for one in first["items"] + rest["items"]] == ["A001", "A002", "A003"]
    assert rest["next"] is None
    changed = await centre.get("/agents", updated_after="2026-03-02T00:00:00Z", limit=3)
    again = await centre.get("/agents", updated_after="2026-03-02T00:00:00Z", after=changed["next"])
    assert len(again["items"]) == 2
    assert (await centre.get("/agents", updated_after="2026-03-02T01:00:00Z"))["items"] == []
    assert [one["code"] for one in (await centre.get("/teams", parent=centre.team["team_id"]))["items"]] == []
    assert len((await centre.get("/shift-codes", team=centre.team["team_id"]))["items"]) == 4


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"starts": "09:00"}, "shift-times-incomplete"),
        ({"starts": "09:00", "ends": "18:00", "breaks": [{"starts": "19:00", "ends": "19:30"}]}, "break-outside-shift"),
        ({"breaks": [{"starts": "12:00", "ends": "12:30"}]}, "break-outside-shift"),
        ({"code": "09:00-18:00"}, "shift-code-reads-as-times"),
    ],
)
async def test_a_shift_code_that_makes_no_sense_is_refused(centre: Centre, body: dict[str, Any], code: str) -> None:
    answer = await centre.ask("POST", "/shift-codes", status=422, json={"code": "新", "name": "x"} | body)
    assert code in [error["code"] for error in answer["errors"]]


async def test_a_shift_code_changes_and_keeps_its_breaks(centre: Centre) -> None:
    body = {"code": "长", "name": "长班", "starts": "22:00", "ends": "06:00"}
    made = await centre.post("/shift-codes", body | {"breaks": [{"starts": "01:00", "ends": "01:30"}]})
    path = f"/shift-codes/{made['code_id']}"
    changed = await centre.ask("PATCH", path, json={"ends": "07:00"}, headers={"If-Match": "1"})
    assert changed["breaks"] == [{"starts": "01:00:00", "ends": "01:30:00"}]
    assert (await centre.get(path))["ends"] == "07:00:00"


async def test_what_is_not_there_is_not_found(centre: Centre) -> None:
    nothing = "00000000-0000-7000-8000-000000000000"
    for path in ("teams", "agents", "shift-codes", "rosters", "shift-changes", "attendance"):
        answer = await centre.ask("GET", f"/{path}/{nothing}", status=404)
        assert answer["code"] == "not-found"


async def test_nobody_comes_in_without_a_token(centre: Centre) -> None:
    assert (await centre.api.client().get(f"{ROOT}/teams")).status_code == 401
