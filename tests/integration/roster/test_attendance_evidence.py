"""Agent states, corrections as revisions, adherence against the version in force and against later ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import httpx
import pytest

from tests.conftest import ManualClock
from tests.integration.roster.centre import ROOT, Centre, day


def local(number: int, hour: int, minute: int = 0) -> str:
    return f"{day(number)}T{hour:02}:{minute:02}:00+08:00"


def state(name: str, starts_at: str, ends_at: str, staff_no: str = "A001") -> dict[str, str]:
    return {"staff_no": staff_no, "state": name, "starts_at": starts_at, "ends_at": ends_at}


@pytest.fixture
async def roster_id(centre: Centre) -> str:
    """Confirmed: A001 works 班 (09:00-12:00 with a break 10:00-10:15) tomorrow, A002 early, A003 is off."""
    pause = {"starts": "10:00", "ends": "10:15"}
    code = {"code": "班", "name": "上午", "starts": "09:00", "ends": "12:00", "breaks": [pause]}
    await centre.post("/shift-codes", code)
    made = await centre.roster(5)
    await centre.draft(made, {"A001": {day(1): "班"}, "A002": {day(1): "早"}, "A003": {day(1): "休"}})
    for change in (await centre.publish(made))["changes"].values():
        await centre.confirm(change)
    return made


@pytest.fixture
def supervisor(centre: Centre) -> httpx.AsyncClient:
    return centre.supervisor


async def report(centre: Centre, *states: dict[str, str]) -> dict[str, Any]:
    return await centre.ask("POST", "/states:batch", json=[*states])


async def punch(centre: Centre, staff_no: str, *moments: str) -> None:
    for kind, at in zip(("in", "out") * 4, moments, strict=False):
        await centre.post("/punches", {"staff_no": staff_no, "kind": kind, "at": at})


async def settle(centre: Centre, clock: ManualClock, number: int = 1) -> None:
    clock.move_to(datetime.fromisoformat(local(number + 1, 0, 30)).astimezone(UTC))
    await centre.worker().fire_due()


async def attendance(centre: Centre, staff_no: str) -> dict[str, Any]:
    [found] = (await centre.get("/attendance", agent=staff_no, on=day(1)))["items"]
    return dict(found)


async def figures(centre: Centre, staff_no: str) -> list[dict[str, Any]]:
    items = (await centre.get("/adherence", agent=staff_no, on=day(1)))["items"]
    return sorted(items, key=lambda one: one["basis"], reverse=True)


MORNING = [
    state("ready", local(1, 9, 10), local(1, 10, 5)),
    state("talk", local(1, 9, 30), local(1, 9, 45)),
    state("break", local(1, 10, 5), local(1, 10, 20)),
    state("ready", local(1, 10, 20), local(1, 12)),
]


async def test_agent_states_settle_a_shift_where_nobody_punched(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    clock.move_to(datetime.fromisoformat(local(1, 12, 5)))
    answer = await report(centre, *MORNING)
    assert (answer["recorded"], answer["refused"]) == (4, 0)
    await settle(centre, clock)
    found = await attendance(centre, "A001")
    assert (found["deviation"], found["deviation_minutes"], found["cause"]) == ("late", 10, "agent")
    assert (found["evidence"]["source"], found["came_at"]) == ("states", "2026-03-03T01:10:00Z")


async def test_adherence_is_measured_by_the_quarter_hour(centre: Centre, roster_id: str, clock: ManualClock) -> None:
    clock.move_to(datetime.fromisoformat(local(1, 12, 5)))
    await report(centre, *MORNING)
    await settle(centre, clock)
    [figure] = await figures(centre, "A001")
    assert (figure["basis"], figure["planned_number"], figure["source"]) == ("in_force", 1, "states")
    assert (figure["scheduled_seconds"], figure["exception_seconds"], figure["outside_seconds"]) == (9900, 900, 300)
    assert figure["rates"] == {
        "adherence": 90.91,
        "adherence_outside_counts": 88.24,
        "conformance": 93.94,
        "break_adherence": 33.33,
        "occupancy": 9.68,
    }
    first = figure["intervals"][0]
    assert (first["starts_at"], first["exception_seconds"], first["rates"]["adherence"]) == (
        "2026-03-03T01:00:00Z",
        600,
        33.33,
    )
    told = [data for type_, data in await centre.told() if type_ == "roster.adherence.measured.v1"]
    mine = next(one for one in told if one["staff_no"] == "A001")
    assert (mine["measure_id"], len(mine["intervals"])) == (figure["measure_id"], 12)


@pytest.mark.parametrize("order", [*permutations(range(3))])
async def test_states_in_any_order_before_or_after_the_settlement_give_the_same(
    centre: Centre, roster_id: str, clock: ManualClock, order: tuple[int, ...]
) -> None:
    rows = [
        state("ready", local(1, 9), local(1, 12)),
        state("break", local(1, 10), local(1, 10, 15)),
        state("offline", local(1, 11, 30), local(1, 12)),
    ]
    clock.move_to(datetime.fromisoformat(local(1, 12, 5)))
    for place, index in enumerate(order):
        if place == 2:
            await settle(centre, clock)
        await report(centre, rows[index], rows[index])
    await settle(centre, clock)
    found = await attendance(centre, "A001")
    assert (found["deviation"], found["deviation_minutes"]) == ("left_early", 30)
    [figure] = await figures(centre, "A001")
    assert (figure["worked_seconds"], figure["exception_seconds"], figure["rates"]["break_adherence"]) == (
        2 * 3600 + 900,
        1800,
        100,
    )


async def test_a_state_that_cannot_be_is_refused_row_by_row(centre: Centre, roster_id: str, clock: ManualClock) -> None:
    clock.move_to(datetime.fromisoformat(local(1, 12)))
    good = MORNING[0]
    rows = [
        good,
        good,
        good | {"staff_no": "A404"},
        good | {"state": "dreaming"},
        good | {"ends_at": local(1, 9)},
        good | {"ends_at": local(2, 9)},
        good | {"starts_at": local(-1, 9)},
        [],
    ]
    answer = await report(centre, *rows)  # type: ignore[arg-type]
    assert [(one["status"], one["code"]) for one in answer["items"]] == [
        ("recorded", None),
        ("duplicate", None),
        ("refused", "agent-unknown"),
        ("refused", "invalid-value"),
        ("refused", "state-backwards"),
        ("refused", "state-in-future"),
        ("refused", "state-too-long"),
        ("refused", "invalid-value"),
    ]
    lines = "\n".join(json.dumps(row) for row in MORNING)
    again = await centre.ask(
        "POST", "/states:batch", content=lines.encode(), headers={"Content-Type": "application/x-ndjson"}
    )
    assert (again["recorded"], again["duplicates"]) == (3, 1)
    await centre.ask("POST", "/states:batch", status=403, json=[good], by=centre.agent("A001"))


async def test_who_only_punches_is_measured_by_punches_and_who_stays_away_by_nothing(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    clock.move_to(datetime.fromisoformat(local(1, 12, 5)))
    await punch(centre, "A001", local(1, 9, 15), local(1, 12))
    await settle(centre, clock)
    [mine] = await figures(centre, "A001")
    assert (mine["source"], mine["rates"]["adherence"], mine["rates"]["break_adherence"]) == ("punches", 90.91, None)
    [absent] = await figures(centre, "A002")
    assert (absent["source"], absent["rates"]["adherence"], absent["rates"]["conformance"]) == ("none", 0, 0)
    assert await figures(centre, "A003") == []


async def test_a_version_published_afterwards_adds_a_second_labelled_figure(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    clock.move_to(datetime.fromisoformat(local(1, 12, 5)))
    await punch(centre, "A001", local(1, 9, 30), local(1, 12))
    await settle(centre, clock)
    before = await figures(centre, "A001")
    await centre.draft(roster_id, {"A001": {day(1): "09:30-12:00"}, "A002": {day(1): "早"}, "A003": {day(1): "休"}})
    assert (await centre.publish(roster_id))["changes"] == {}
    in_force, edited = await figures(centre, "A001")
    assert in_force == before[0]
    assert (edited["basis"], edited["planned_number"], edited["rates"]["adherence"]) == ("edited", 2, 100)
    assert in_force["rates"]["adherence"] == 81.82
    record = await attendance(centre, "A001")
    history = await centre.get(f"/attendance/{record['attendance_id']}")
    assert [one["basis"] for one in history["adherence"]] == ["in_force", "edited"]
    assert (record["deviation"], record["planned_number"]) == ("late", 1)
    await punch(centre, "A001", local(1, 9))
    in_force, edited = await figures(centre, "A001")
    assert (in_force["revision"], in_force["rates"]["adherence"], edited["outside_seconds"]) == (2, 100, 1800)


async def test_each_moment_is_measured_against_the_version_in_force_then(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    clock.move_to(datetime.fromisoformat(local(1, 11)))
    cells = {"A001": {day(1): "09:00-14:00"}, "A002": {day(1): "早"}, "A003": {day(1): "休"}}
    await centre.draft(roster_id, cells)
    change = (await centre.publish(roster_id))["changes"]["A001"]
    await centre.confirm(change)
    clock.move_to(datetime.fromisoformat(local(1, 14, 5)))
    await punch(centre, "A001", local(1, 9), local(1, 14))
    await settle(centre, clock)
    [figure] = await figures(centre, "A001")
    assert (figure["planned_number"], figure["rates"]["adherence"]) == (2, 100)
    assert figure["scheduled_seconds"] == 5 * 3600 - 900


async def test_a_correction_is_decided_by_somebody_else_and_settles_again(
    centre: Centre, roster_id: str, clock: ManualClock, supervisor: httpx.AsyncClient
) -> None:
    await settle(centre, clock)
    first = await attendance(centre, "A002")
    assert (first["cause"], first["can_ground_error_slip"], first["disputed"]) == ("agent", True, False)
    path = f"/attendance/{first['attendance_id']}/corrections"
    body = {"reason": "打卡机故障", "came_at": local(1, 9), "went_at": local(1, 18)}
    asked = await centre.ask("POST", path, status=201, json=body, by=centre.agent("A002"))
    assert (asked["state"], asked["revision"]) == ("requested", 1)
    assert (await centre.ask("POST", path, status=409, json=body))["code"] == "correction-open"
    disputed = await attendance(centre, "A002")
    assert (disputed["disputed"], disputed["can_ground_error_slip"]) == (True, False)
    decide = f"/corrections/{asked['correction_id']}"
    await centre.ask("POST", f"{decide}/approve", status=403, by=centre.agent("A002"))
    own = centre.api.as_("supervisor", staff_no="A002", teams=("T1",))
    assert (await centre.ask("POST", f"{decide}/approve", status=403, by=own))["code"] == "decision-is-anothers"
    done = await centre.ask("POST", f"{decide}/approve", by=supervisor, json={"reason": "已核实"})
    assert (done["state"], done["decided_by"], done["decision"]) == ("approved", "S001", "已核实")
    now = await attendance(centre, "A002")
    assert (now["deviation"], now["cause"], now["revision"]) == ("none", None, 2)
    assert (now["correction_id"], now["reason"]) == (asked["correction_id"], "打卡机故障")
    history = await centre.get(f"/attendance/{now['attendance_id']}")
    assert [(one["revision"], one["cause"], one["can_ground_error_slip"]) for one in history["items"]] == [
        (1, "agent", False),
        (2, None, False),
    ]
    assert [one["state"] for one in history["corrections"]] == ["approved"]
    told = [data for type_, data in await centre.told() if type_ == "roster.attendance.corrected.v1"]
    assert [(one["correction_id"], one["revision"]) for one in told] == [(asked["correction_id"], 2)]


async def test_what_an_approved_correction_leaves_is_excused_and_a_rejected_one_changes_nothing(
    centre: Centre, roster_id: str, clock: ManualClock, supervisor: httpx.AsyncClient
) -> None:
    await settle(centre, clock)
    for staff_no, verb, cause in (("A001", "approve", "excused"), ("A002", "reject", "agent")):
        record = await attendance(centre, staff_no)
        path = f"/attendance/{record['attendance_id']}/corrections"
        asked = await centre.ask("POST", path, status=201, json={"reason": "地铁停运"}, by=centre.agent(staff_no))
        await centre.ask("POST", f"/corrections/{asked['correction_id']}/{verb}", by=supervisor)
        after = await attendance(centre, staff_no)
        assert (after["deviation"], after["cause"]) == ("absent", cause)
        assert after["can_ground_error_slip"] == (cause == "agent")
        other = "reject" if verb == "approve" else "approve"
        await centre.ask("POST", f"/corrections/{asked['correction_id']}/{other}", status=409, by=supervisor)


async def test_a_correction_that_cannot_be_is_refused(centre: Centre, roster_id: str, clock: ManualClock) -> None:
    await settle(centre, clock)
    record = await attendance(centre, "A001")
    path = f"/attendance/{record['attendance_id']}/corrections"
    for body in (
        {},
        {"reason": "x", "came_at": local(9, 9)},
        {"reason": "x", "came_at": local(1, 18), "went_at": local(1, 9)},
        {"reason": "x", "came_at": local(-5, 9)},
    ):
        await centre.ask("POST", path, status=422, json=body)
    await centre.ask("POST", path, status=403, json={"reason": "x"}, by=centre.agent("A002"))
    nothing = "/attendance/00000000-0000-7000-8000-000000000000/corrections"
    await centre.ask("POST", nothing, status=404, json={"reason": "x"})
    await centre.ask("POST", path, status=201, json={"reason": "x"}, by=centre.agent("A001"))
    mine = await centre.ask("GET", "/corrections", by=centre.agent("A001"))
    assert len(mine["items"]) == 1
    assert (await centre.ask("GET", "/corrections", by=centre.agent("A002")))["items"] == []
    one = f"{ROOT}/corrections/{mine['items'][0]['correction_id']}"
    assert (await centre.agent("A002").get(one)).status_code == 403
    assert (await centre.agent("A001").get(one)).json()["state"] == "requested"
