"""Punches and settled shifts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from services.roster.commands.shifts import SETTLEMENT
from services.roster.consumers import TIMERS
from shared.platform.timers import Timekeeper
from tests.conftest import ManualClock
from tests.integration.roster.centre import ROOT, Centre, day


def local(number: int, hour: int, minute: int = 0) -> str:
    """Shanghai time on the n-th day, with its offset."""
    return f"{day(number)}T{hour:02}:{minute:02}:00+08:00"


@pytest.fixture
async def roster_id(centre: Centre) -> str:
    """Confirmed: A001 and A002 work early tomorrow and the day after, A003 is off."""
    made = await centre.roster(5)
    await plan(centre, made)
    for change in (await centre.publish(made))["changes"].values():
        await centre.confirm(change)
    return made


async def plan(centre: Centre, roster_id: str, **tomorrow: str) -> None:
    cells = {"A001": "早", "A002": "早", "A003": "休"} | tomorrow
    await centre.draft(roster_id, {one: {day(1): code, day(2): code} for one, code in cells.items()})


async def punch(centre: Centre, staff_no: str, *moments: str, status: str = "recorded") -> None:
    for kind, at in zip(("in", "out") * 4, moments, strict=False):
        answer = await centre.post("/punches", {"staff_no": staff_no, "kind": kind, "at": at})
        assert answer["status"] == status


async def settled(centre: Centre, clock: ManualClock, number: int = 1) -> dict[str, dict[str, Any]]:
    """Wait until the n-th day is over and settled; its records by staff number."""
    after = datetime.fromisoformat(local(number + 1, 0, 30)).astimezone(UTC)
    clock.move_to(after)
    await centre.worker().fire_due()
    found = await centre.get("/attendance", team="T1", on=day(number))
    return {one["staff_no"]: one for one in found["items"]}


async def test_the_confirmed_absentee_answers_and_the_silent_one_does_not(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    await plan(centre, roster_id, A001="晚", A002="晚")
    changes = (await centre.publish(roster_id))["changes"]
    await centre.confirm(changes["A001"])
    clock.move_to(datetime.fromisoformat(local(1, 18, 5)))
    await centre.worker().fire_due()
    await punch(centre, "A002", local(1, 9), local(1, 18))
    found = await settled(centre, clock)
    assert (found["A001"]["deviation"], found["A001"]["cause"]) == ("absent", "agent")
    silent = found["A002"]
    assert (silent["deviation"], silent["cause"]) == ("wrong_shift", "management")
    assert (silent["planned"]["code"], silent["accountable"]["code"]) == ("晚", "早")
    assert (silent["planned_number"], silent["accountable_number"], silent["why_different"]) == (2, 1, "expired")
    evidence = silent["evidence"]["change"]
    assert (evidence["change_id"], evidence["state"], evidence["answer"]) == (
        changes["A002"]["change_id"],
        "expired",
        None,
    )
    assert "A003" not in found


async def test_a_shift_is_settled_after_its_end_and_the_grace_of_its_team(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    worker = centre.worker()
    clock.move_to(datetime.fromisoformat(local(1, 18, 9)))
    await worker.fire_due()
    assert (await centre.get("/attendance"))["items"] == []
    clock.move_to(datetime.fromisoformat(local(1, 18, 10)))
    assert await worker.fire_due() == 1, "one timer for all who end together"
    assert len((await centre.get("/attendance"))["items"]) == 2


async def test_a_shift_taken_away_unconfirmed_is_settled_for_who_worked_it(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    await plan(centre, roster_id, A001="休")
    await centre.publish(roster_id)
    clock.move_to(datetime.fromisoformat(local(1, 18, 5)))
    await punch(centre, "A001", local(1, 9), local(1, 18))
    found = (await settled(centre, clock))["A001"]
    assert (found["deviation"], found["cause"], found["deviation_minutes"]) == ("unscheduled", "management", 540)


async def test_a_late_punch_settles_again_and_the_first_judgement_stays(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    first = (await settled(centre, clock))["A001"]
    assert (first["deviation"], first["revision"]) == ("absent", 1)
    await punch(centre, "A001", local(1, 9), local(1, 18))
    now = (await settled(centre, clock))["A001"]
    assert (now["deviation"], now["cause"], now["reason"]) == ("none", None, "late punch")
    history = (await centre.get(f"/attendance/{now['attendance_id']}"))["items"]
    assert (history[0]["revision"], history[0]["current"], history[0]["deviation"]) == (1, False, "absent")
    assert [one["current"] for one in history].count(True) == 1
    told = [(type_, data["revision"]) for type_, data in await centre.told() if "attendance" in type_]
    assert ("roster.attendance.corrected.v1", now["revision"]) == told[-1]
    before = len(told)
    await punch(centre, "A001", local(1, 9), local(1, 18), status="duplicate")
    assert len([type_ for type_, _ in await centre.told() if "attendance" in type_]) == before


@pytest.mark.parametrize("order", [*permutations(range(3))])
async def test_punches_in_any_order_before_or_after_the_settlement_give_the_same(
    centre: Centre, roster_id: str, clock: ManualClock, order: tuple[int, ...]
) -> None:
    rows = [("in", local(1, 9, 30)), ("out", local(1, 12)), ("out", local(1, 17))]
    clock.move_to(datetime.fromisoformat(local(1, 17, 30)))
    for place, index in enumerate(order):
        if place == 2:
            await settled(centre, clock)
        kind, at = rows[index]
        await centre.post("/punches", {"staff_no": "A001", "kind": kind, "at": at})
    found = (await settled(centre, clock))["A001"]
    assert (found["deviation"], found["deviation_minutes"], found["cause"]) == ("left_early", 360, "agent")


async def test_work_that_nobody_planned_is_settled_when_the_day_is_over(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    clock.move_to(datetime.fromisoformat(local(1, 13)))
    await punch(centre, "A003", local(1, 10), local(1, 12))
    clock.move_to(datetime.fromisoformat(local(1, 23)))
    await centre.worker().fire_due()
    assert (await centre.get("/attendance", agent="A003"))["items"] == []
    found = (await settled(centre, clock))["A003"]
    assert (found["deviation"], found["deviation_minutes"], found["cause"]) == ("unscheduled", 120, "management")


async def test_a_batch_answers_row_by_row(centre: Centre, clock: ManualClock) -> None:
    good = {"staff_no": "A001", "kind": "in", "at": local(0, 8)}
    rows = [good, good, good | {"staff_no": "A404"}, good | {"kind": "sideways"}, good | {"at": local(3, 9)}, 7]
    answer = await centre.ask("POST", "/punches:batch", json=rows)
    assert (answer["recorded"], answer["duplicates"], answer["refused"]) == (1, 1, 4)
    assert [(one["row"], one["status"], one["code"]) for one in answer["items"]] == [
        (1, "recorded", None),
        (2, "duplicate", None),
        (3, "refused", "agent-unknown"),
        (4, "refused", "invalid-value"),
        (5, "refused", "punch-in-future"),
        (6, "refused", "invalid-value"),
    ]
    lines = "\n".join(json.dumps(row) for row in (good, good | {"kind": "out"}))
    headers = {"Content-Type": "application/x-ndjson"}
    again = await centre.ask("POST", "/punches:batch", content=lines.encode(), headers=headers)
    assert (again["recorded"], again["duplicates"]) == (1, 1)


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b"\xff", b'{"a": 1}', b"7"])
async def test_a_batch_that_is_none_is_refused(centre: Centre, body: bytes) -> None:
    answer = await centre.manager.post(f"{ROOT}/punches:batch", content=body)
    assert answer.status_code in (400, 422)


async def test_a_single_punch_that_cannot_be_is_refused(centre: Centre) -> None:
    body = {"staff_no": "A001", "kind": "in", "at": local(0, 8)}
    for wrong, code in (
        ({"staff_no": "A404"}, "agent-unknown"),
        ({"at": local(1, 8)}, "punch-in-future"),
        ({"at": f"{day(0)}T08:00:00"}, "offset-missing"),
    ):
        answer = await centre.ask("POST", "/punches", status=422, json=body | wrong)
        assert answer["errors"][0]["code"] == code
    await centre.ask("POST", "/punches", status=403, json=body, by=centre.agent("A001"))
    await centre.ask("POST", "/punches", status=201, json=body, by=centre.api.as_("lead", staff_no="L001"))
    stranger = centre.api.as_("lead", staff_no="L999", teams=("T9",))
    await centre.ask("POST", "/punches", status=403, json=body, by=stranger)


async def test_attendance_is_filtered_and_each_sees_their_own(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    await punch(centre, "A002", *())
    await settled(centre, clock)
    assert len((await centre.get("/attendance", cause="agent", deviation="absent"))["items"]) == 2
    assert (await centre.get("/attendance", cause="management"))["items"] == []
    mine = await centre.ask("GET", "/attendance", by=centre.agent("A002"))
    assert [one["staff_no"] for one in mine["items"]] == ["A002"]
    other = (await centre.get("/attendance", agent="A001"))["items"][0]["attendance_id"]
    await centre.ask("GET", f"/attendance/{other}", status=403, by=centre.agent("A002"))


async def test_many_shifts_settle_in_one_go(centre: Centre, roster_id: str, clock: ManualClock) -> None:
    clock.move_to(clock.now() + timedelta(days=4))
    settling = Timekeeper(centre.database, {SETTLEMENT: TIMERS[SETTLEMENT]})
    assert await settling.fire_due() == 2
    assert len((await centre.get("/attendance"))["items"]) == 4
