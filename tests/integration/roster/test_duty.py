"""The duty manager: rotation, handovers, overrides and swaps; exactly one person at any instant."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.conftest import ManualClock
from tests.integration.roster.centre import Centre, day


def local(number: int, hour: int, minute: int = 0) -> str:
    return f"{day(number)}T{hour:02}:{minute:02}:00+08:00"


@pytest.fixture
async def rota(centre: Centre) -> dict[str, Any]:
    """L001, L002, L003 hand over at 08:00 and 20:00, for team T1, from today on."""
    await centre.hire("L002", "L003")
    body = {
        "team_id": centre.team["team_id"],
        "handovers": ["08:00", "20:00"],
        "rotation": ["L001", "L002", "L003"],
    }
    return await centre.ask("PUT", "/duty-rota", json=body, by=centre.supervisor)


async def now(centre: Centre, at: str | None = None, by: httpx.AsyncClient | None = None) -> dict[str, Any]:
    params = {"team": "T1"} | ({"at": at} if at else {})
    return await centre.ask("GET", "/duty/now", params=params, by=by)


async def told(centre: Centre) -> list[tuple[str, str, str, str]]:
    return [
        (data["staff_no"], data["starts_at"], data["ends_at"], data["reason"])
        for type_, data in await centre.told()
        if type_ == "roster.duty.assigned.v1"
    ]


async def test_somebody_has_the_duty_at_any_instant(centre: Centre, rota: dict[str, Any]) -> None:
    found = await now(centre, by=centre.agent("A001"))
    assert (found["staff_no"], found["name"], found["source"], found["scope"]) == ("L001", "客服L001", "rota", "team")
    assert (found["starts_at"], found["ends_at"]) == (f"{day(0)}T01:00:00Z", f"{day(0)}T12:00:00Z")
    turns = [(0, 19, "L001"), (0, 20, "L002"), (1, 7, "L002"), (1, 8, "L003"), (1, 21, "L001"), (300, 9, "L001")]
    for number, hour, staff_no in turns:
        assert (await now(centre, local(number, hour)))["staff_no"] == staff_no


async def test_every_handover_is_told_in_time(centre: Centre, rota: dict[str, Any], clock: ManualClock) -> None:
    assert await told(centre) == [("L001", f"{day(0)}T01:00:00Z", f"{day(0)}T12:00:00Z", "rota")]
    clock.move_to(clock.now() + timedelta(hours=36))
    await centre.worker().fire_due()
    assert (await told(centre))[1:] == [
        ("L002", f"{day(0)}T12:00:00Z", f"{day(1)}T00:00:00Z", "handover"),
        ("L003", f"{day(1)}T00:00:00Z", f"{day(1)}T12:00:00Z", "handover"),
        ("L001", f"{day(1)}T12:00:00Z", f"{day(2)}T00:00:00Z", "handover"),
    ]
    last = [data for type_, data in await centre.told() if type_ == "roster.duty.assigned.v1"][-1]
    assert (last["previous_staff_no"], last["team_code"], last["zone"]) == ("L003", "T1", "Asia/Shanghai")


async def test_an_override_holds_and_is_told_at_once_and_at_its_time(
    centre: Centre, rota: dict[str, Any], clock: ManualClock
) -> None:
    body = {
        "team_id": centre.team["team_id"],
        "staff_no": "A001",
        "starts_at": local(0, 18),
        "ends_at": local(0, 22),
        "reason": "培训",
    }
    made = await centre.ask("POST", "/duty-overrides", status=201, json=body, by=centre.supervisor)
    assert (await told(centre))[-1] == ("A001", f"{day(0)}T10:00:00Z", f"{day(0)}T14:00:00Z", "override")
    for hour, staff_no in ((17, "L001"), (18, "A001"), (21, "A001"), (22, "L002")):
        assert (await now(centre, local(0, hour)))["staff_no"] == staff_no
    clock.move_to(datetime.fromisoformat(local(0, 23)))
    await centre.worker().fire_due()
    assert [one[0] for one in await told(centre)] == ["L001", "A001", "A001", "L002"]
    assert (await told(centre))[-1][1:] == (f"{day(0)}T14:00:00Z", f"{day(1)}T00:00:00Z", "handover")
    path = f"/duty-overrides/{made['override_id']}/cancel"
    assert (await centre.ask("POST", path, status=409, by=centre.supervisor))["code"] == "duty-override-over"


async def test_a_cancelled_override_gives_the_duty_back(centre: Centre, rota: dict[str, Any]) -> None:
    body = {"team_id": centre.team["team_id"], "staff_no": "A001", "starts_at": local(0, 9), "ends_at": local(0, 22)}
    made = await centre.ask("POST", "/duty-overrides", status=201, json=body, by=centre.supervisor)
    assert (await now(centre))["staff_no"] == "A001"
    await centre.ask("POST", f"/duty-overrides/{made['override_id']}/cancel", by=centre.supervisor)
    assert (await now(centre))["staff_no"] == "L001"
    assert [(one[0], one[3]) for one in await told(centre)][-2:] == [("L001", "rota"), ("L002", "rota")]
    assert (await centre.get(f"/duty-overrides/{made['override_id']}"))["cancelled_by"] == "S001"
    assert len((await centre.get("/duty-overrides", team="T1"))["items"]) == 1


async def test_two_take_each_others_turn(centre: Centre, rota: dict[str, Any]) -> None:
    body = {"team_id": centre.team["team_id"], "first_at": local(1, 9), "second_at": local(2, 9)}
    before = [(await now(centre, local(number, 9)))["staff_no"] for number in (1, 2)]
    done = await centre.ask("POST", "/duty-swaps", status=201, json=body, by=centre.supervisor)
    assert [one["kind"] for one in done["items"]] == ["swap", "swap"]
    assert [(await now(centre, local(number, 9)))["staff_no"] for number in (1, 2)] == before[::-1]
    assert (await now(centre, local(1, 9)))["source"] == "swap"
    assert [one[3] for one in await told(centre)][-2:] == ["swap", "swap"]
    same = body | {"second_at": local(1, 10)}
    answer = await centre.ask("POST", "/duty-swaps", status=409, json=same, by=centre.supervisor)
    assert answer["code"] == "duty-same-person"


async def test_a_rota_with_gaps_is_refused_and_each_gap_is_named(centre: Centre, rota: dict[str, Any]) -> None:
    body = {
        "team_id": centre.team["team_id"],
        "from": day(1),
        "to": day(2),
        "slots": [{"starts": "08:00", "ends": "20:00"}],
        "rotation": ["L001"],
    }
    answer = await centre.ask("PUT", "/duty-rota", status=409, json=body, by=centre.supervisor)
    assert answer["code"] == "duty-rota-unsound"
    assert [one["code"] for one in answer["errors"]] == ["duty-gap", "duty-gap"]
    assert answer["errors"][1]["field"] == f"{local(1, 20)}/{local(2, 8)}"
    assert "无人值班" in answer["errors"][1]["message"]
    twice = body | {"slots": [{"starts": "08:00", "ends": "20:00"}, {"starts": "19:00", "ends": "09:00"}]}
    answer = await centre.ask("PUT", "/duty-rota", status=409, json=twice, by=centre.supervisor)
    assert {one["code"] for one in answer["errors"]} == {"duty-overlap"}
    assert (await now(centre, local(1, 9)))["staff_no"] == "L003", "the rota in force stays"


async def test_who_leaves_is_stood_in_for_and_a_rotation_of_one_who_leaves_is_a_gap(
    centre: Centre, rota: dict[str, Any]
) -> None:
    path = f"/agents/{centre.agents['L003']['agent_id']}"
    await centre.ask("PATCH", path, json={"left_on": day(0)}, headers={"If-Match": '"1"'})
    assert (await now(centre, local(1, 9)))["staff_no"] == "L001"
    body = {"team_id": centre.team["team_id"], "handovers": ["08:00"], "rotation": ["L003"]}
    answer = await centre.ask("PUT", "/duty-rota", status=409, json=body, by=centre.supervisor)
    assert [one["code"] for one in answer["errors"]] == ["duty-gap"]


async def test_who_goes_on_leave_during_their_turn_is_stood_in_for_at_once(
    centre: Centre, rota: dict[str, Any]
) -> None:
    body = {"staff_no": "L001", "kind": "sick", "from": day(0), "to": day(0)}
    leave = await centre.ask("POST", "/leave-requests", status=201, json=body)
    await centre.ask("POST", f"/leave-requests/{leave['leave_id']}/approve")
    assert (await now(centre))["staff_no"] == "L002"
    assert (await told(centre))[-1] == ("L002", f"{day(0)}T01:00:00Z", f"{day(0)}T12:00:00Z", "rota")
    last = [data for type_, data in await centre.told() if type_ == "roster.duty.assigned.v1"][-1]
    assert last["previous_staff_no"] == "L001"


async def test_a_new_rota_leaves_the_past_as_it_was(centre: Centre, rota: dict[str, Any], clock: ManualClock) -> None:
    clock.move_to(datetime.fromisoformat(local(2, 12)))
    body = {"team_id": centre.team["team_id"], "handovers": ["00:00"], "rotation": ["L003"], "rotate": "day"}
    stale = await centre.ask(
        "PUT", "/duty-rota", status=412, json=body, by=centre.supervisor, headers={"If-Match": '"7"'}
    )
    assert stale["code"] == "stale-version"
    after = await centre.ask("PUT", "/duty-rota", json=body, by=centre.supervisor, headers={"If-Match": '"1"'})
    assert (after["version"], len(after["rotas"])) == (2, 2)
    assert (await now(centre))["staff_no"] == "L003"
    assert (await now(centre, local(0, 9)))["staff_no"] == "L001"
    turns = (await centre.get("/duty/turns", team="T1", **{"from": day(1), "to": day(3)}))["items"]
    assert [one["staff_no"] for one in turns] == ["L002", "L003", "L001", "L002", "L003", "L003"]
    assert (await centre.get("/duty-rota", team="T1"))["version"] == 2


async def test_a_team_without_a_rota_asks_the_one_above_then_the_centre_then_its_lead(centre: Centre) -> None:
    assert (await now(centre))["source"] == "lead"
    below = await centre.post(
        "/teams", {"name": "三组", "code": "T3", "parent_id": centre.team["team_id"], "supervisor": "S003"}
    )
    assert (await centre.get("/duty/now", team="T3"))["staff_no"] == "S003"
    nobody = await centre.post("/teams", {"name": "四组", "code": "T4"})
    assert (await centre.ask("GET", "/duty/now?team=T4", status=409))["code"] == "duty-nobody"
    await centre.hire("M001")
    centre_wide = {"handovers": ["09:00"], "rotation": ["M001"], "zone": "Europe/Berlin"}
    await centre.ask("PUT", "/duty-rota", status=403, json=centre_wide, by=centre.supervisor)
    await centre.ask("PUT", "/duty-rota", json=centre_wide)
    found = await centre.get("/duty/now", team=nobody["team_id"])
    assert (found["staff_no"], found["scope"], found["zone"]) == ("M001", "centre", "Europe/Berlin")
    assert (await centre.get("/duty/now"))["staff_no"] == "M001"
    own = {"team_id": centre.team["team_id"], "handovers": ["09:00"], "rotation": ["L001"]}
    await centre.ask("PUT", "/duty-rota", json=own)
    assert (await centre.get("/duty/now", team=below["team_id"]))["staff_no"] == "L001"


async def test_a_rota_that_makes_no_sense_is_refused(centre: Centre, rota: dict[str, Any]) -> None:
    async def refused(**more: Any) -> str:
        body = {"team_id": centre.team["team_id"], "handovers": ["08:00"], "rotation": ["L001"]} | more
        answer = await centre.ask("PUT", "/duty-rota", status=422, json=body)
        return str(answer["errors"][0]["code"])

    assert await refused(handovers=[]) == "duty-slots-or-handovers"
    assert await refused(rotation=[]) == "duty-rotation-empty"
    assert await refused(rotation=["A404"]) == "agent-unknown"
    assert await refused(zone="Mars/Base") == "zone-unknown"
    assert await refused(team_id="00000000-0000-7000-8000-000000000000") == "team-unknown"
    assert await refused(**{"from": day(5), "to": day(2)}) == "period-backwards"
    stranger = centre.api.as_("supervisor", staff_no="S999", teams=("T9",))
    body = {"team_id": centre.team["team_id"], "handovers": ["08:00"], "rotation": ["L001"]}
    await centre.ask("PUT", "/duty-rota", status=403, json=body, by=stranger)
    span = {"team_id": centre.team["team_id"], "staff_no": "L001", "starts_at": local(0, 9)}
    for ends_at, code in ((local(0, 8), "duty-override-length"), (local(60, 8), "duty-override-length")):
        json = span | {"ends_at": ends_at}
        answer = await centre.ask("POST", "/duty-overrides", status=422, json=json, by=centre.supervisor)
        assert answer["errors"][0]["code"] == code
    await centre.ask("GET", "/duty/now?team=T404", status=422)
    await centre.ask("GET", "/duty-rota", status=404)
