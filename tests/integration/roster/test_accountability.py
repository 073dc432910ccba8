"""At shift end plus grace the shift is settled: planned, accountable, actual; the deviation with minutes; the cause."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.notify import MessageDelivered, MessageFailed
from shared.platform.ids import new_id
from tests.conftest import ManualClock
from tests.integration.roster.centre import Centre, day

EARLY = ("09:00", "18:00")


def local(number: int, hour_minute: str) -> str:
    """Shanghai time on the n-th day, with its offset."""
    return f"{day(number)}T{hour_minute}:00+08:00"


def instant(number: int, hour_minute: str) -> datetime:
    return datetime.fromisoformat(local(number, hour_minute)).astimezone(UTC)


@pytest.fixture
async def roster_id(centre: Centre) -> str:
    """Confirmed: A001 works early tomorrow, A003 is off."""
    made = await centre.roster(5)
    await plan(centre, made)
    for change in (await centre.publish(made))["changes"].values():
        await centre.confirm(change)
    return made


async def plan(centre: Centre, roster_id: str, code: str = "早") -> None:
    await centre.draft(roster_id, {"A001": {day(1): code}, "A003": {day(1): "休"}})


async def moved_to_late(centre: Centre, roster_id: str) -> dict[str, Any]:
    """A001 is planned late instead; the change that asks them."""
    await plan(centre, roster_id, "晚")
    return dict((await centre.publish(roster_id))["changes"]["A001"])


async def settled(centre: Centre, clock: ManualClock, staff_no: str, *punches: str) -> dict[str, Any]:
    """The day's record after it, when they came and went at these times."""
    clock.move_to(instant(1, "23:59"))
    for kind, at in zip(("in", "out") * 2, punches, strict=False):
        await centre.post("/punches", {"staff_no": staff_no, "kind": kind, "at": local(1, at)})
    clock.move_to(instant(2, "00:30"))
    await centre.worker().fire_due()
    [found] = (await centre.get("/attendance", agent=staff_no, on=day(1)))["items"]
    return dict(found)


@pytest.mark.parametrize(
    ("staff_no", "punches", "deviation", "minutes", "cause"),
    [
        ("A001", EARLY, "none", 0, None),
        ("A001", ("09:05", "17:55"), "none", 0, None),
        ("A001", ("09:20", "18:00"), "late", 20, "agent"),
        ("A001", ("09:00", "17:15"), "left_early", 45, "agent"),
        ("A001", (), "absent", 540, "agent"),
        ("A001", ("19:00", "21:00"), "wrong_shift", 540, "agent"),
        ("A003", ("10:00", "12:00"), "unscheduled", 120, "management"),
    ],
)
async def test_each_deviation_is_named_with_its_minutes(
    centre: Centre,
    roster_id: str,
    clock: ManualClock,
    staff_no: str,
    punches: tuple[str, ...],
    deviation: str,
    minutes: int,
    cause: str | None,
) -> None:
    found = await settled(centre, clock, staff_no, *punches)
    assert (found["deviation"], found["deviation_minutes"], found["cause"]) == (deviation, minutes, cause)
    assert found["can_ground_error_slip"] == (cause == "agent")


async def test_the_cause_is_the_agents_when_the_accountable_shift_was_not_worked(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    await centre.confirm(await moved_to_late(centre, roster_id))
    found = await settled(centre, clock, "A001", *EARLY)
    assert (found["planned"]["code"], found["accountable"]["code"]) == ("晚", "晚")
    assert (found["deviation"], found["cause"], found["can_ground_error_slip"]) == ("left_early", "agent", True)


async def test_the_cause_is_managements_when_the_change_was_unconfirmed(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    await moved_to_late(centre, roster_id)
    found = await settled(centre, clock, "A001", *EARLY)
    assert (found["deviation"], found["cause"], found["can_ground_error_slip"]) == ("wrong_shift", "management", False)


async def test_the_cause_is_managements_when_the_change_was_refused_and_unresolved(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    change = await moved_to_late(centre, roster_id)
    body = {"channel": "console", "reason": "要接孩子"}
    await centre.ask("POST", f"/shift-changes/{change['change_id']}/refuse", by=centre.agent("A001"), json=body)
    found = await settled(centre, clock, "A001", *EARLY)
    assert (found["deviation"], found["cause"], found["why_different"]) == ("wrong_shift", "management", "refused")


async def test_the_cause_is_managements_when_the_notice_was_late(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    clock.move_to(instant(1, "08:00"))
    change = await moved_to_late(centre, roster_id)
    assert change["late_notice"]
    await centre.confirm(change)
    found = await settled(centre, clock, "A001", "14:30", "22:00")
    assert (found["deviation"], found["deviation_minutes"], found["cause"]) == ("late", 30, "management")


async def test_the_cause_is_managements_when_the_agent_worked_the_accountable_shift(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    await plan(centre, roster_id, "休")
    await centre.publish(roster_id)
    found = await settled(centre, clock, "A001", *EARLY)
    assert (found["planned"]["code"], found["accountable"]["code"]) == ("休", "早")
    assert (found["deviation"], found["cause"]) == ("unscheduled", "management")


async def test_who_works_neither_the_planned_nor_the_accountable_shift_is_the_cause_even_unconfirmed(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    await moved_to_late(centre, roster_id)
    assert (await settled(centre, clock, "A001"))["cause"] == "agent"


def message(kind: type[Any], change: dict[str, Any], at: datetime, **more: Any) -> Any:
    return kind(
        message_id=new_id(),
        staff_no="A001",
        channel="sms",
        template="shift_change.asked",
        subject_type="roster.shift_change",
        subject_id=UUID(change["change_id"]),
        **{"failed_at" if kind is MessageFailed else "delivered_at": at},
        **more,
    )


async def test_the_cause_is_the_systems_when_the_notice_was_never_delivered(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    change = await moved_to_late(centre, roster_id)
    await centre.hear(message(MessageFailed, change, clock.now(), reason="空号"))
    found = await settled(centre, clock, "A001", *EARLY)
    assert (found["deviation"], found["cause"], found["can_ground_error_slip"]) == ("wrong_shift", "system", False)
    [failed] = found["evidence"]["deliveries"]
    assert (failed["what"], failed["details"]["reason"]) == ("failed", "空号")


async def test_a_notice_delivered_after_a_failure_is_no_fault_of_the_systems(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    change = await moved_to_late(centre, roster_id)
    await centre.hear(message(MessageFailed, change, clock.now(), reason="超时"))
    await centre.hear(message(MessageDelivered, change, clock.now(), level="delivered"))
    assert (await settled(centre, clock, "A001", *EARLY))["cause"] == "management"


async def test_an_approved_correction_excuses(centre: Centre, roster_id: str, clock: ManualClock) -> None:
    first = await settled(centre, clock, "A001", "09:20", "18:00")
    path = f"/attendance/{first['attendance_id']}/corrections"
    asked = await centre.ask("POST", path, status=201, by=centre.agent("A001"), json={"reason": "班前会"})
    await centre.ask("POST", f"/corrections/{asked['correction_id']}/approve", by=centre.supervisor)
    [now] = (await centre.get("/attendance", agent="A001", on=day(1)))["items"]
    assert (now["deviation"], now["cause"], now["correction_id"]) == ("late", "excused", asked["correction_id"])
    assert (now["revision"], now["can_ground_error_slip"]) == (first["revision"] + 1, False)
    history = (await centre.get(f"/attendance/{now['attendance_id']}"))["items"]
    assert [(one["cause"], one["current"]) for one in history[-2:]] == [("agent", False), ("excused", True)]


async def test_leave_excuses(centre: Centre, roster_id: str, clock: ManualClock) -> None:
    absent = await settled(centre, clock, "A001")
    leave = {"staff_no": "A001", "kind": "sick", "from": day(1), "to": day(1)}
    asked = await centre.post("/leave-requests", leave)
    await centre.ask("POST", f"/leave-requests/{asked['leave_id']}/approve", by=centre.supervisor)
    [now] = (await centre.get("/attendance", agent="A001", on=day(1)))["items"]
    assert (absent["cause"], now["cause"], now["leave_id"]) == ("agent", "excused", asked["leave_id"])


async def test_the_record_links_the_version_the_change_the_answer_and_the_deliveries(
    centre: Centre, roster_id: str, clock: ManualClock
) -> None:
    change = await moved_to_late(centre, roster_id)
    await centre.hear(message(MessageDelivered, change, clock.now(), level="delivered"))
    await centre.confirm(change)
    found = await settled(centre, clock, "A001", "14:00", "22:00")
    evidence = found["evidence"]
    assert (evidence["planned_number"], evidence["accountable_number"], evidence["source"]) == (2, 2, "punches")
    assert (evidence["change"]["change_id"], evidence["change"]["number"]) == (change["change_id"], 2)
    assert evidence["change"]["diff_hash"] == evidence["change"]["answer"]["diff_hash"]
    assert (evidence["change"]["answer"]["said"], evidence["change"]["answer"]["channel"]) == ("confirmed", "console")
    assert [(one["what"], one["details"]["channel"]) for one in evidence["deliveries"]] == [("delivered", "sms")]
    [told] = [data for type_, data in await centre.told() if type_ == "roster.attendance.settled.v1"]
    assert (told["attendance_id"], told["change_id"]) == (found["attendance_id"], change["change_id"])
    assert (told["planned"]["code"], told["accountable"]["code"], told["deviation"]) == ("晚", "晚", "none")


@pytest.mark.parametrize(
    ("hours", "worked", "rates"),
    [
        (("09:00", "10:00"), ("09:10", "10:10"), (83.33, 71.43, 100)),
        (("13:00", "14:00"), ("13:03", "14:10"), (95, 81.43, 111.67)),
    ],
    ids=["ten_late_and_ten_made_up", "three_late_and_ten_over"],
)
async def test_the_vectors_of_adherence_and_conformance(
    centre: Centre,
    clock: ManualClock,
    hours: tuple[str, str],
    worked: tuple[str, str],
    rates: tuple[float, float, float],
) -> None:
    await centre.post("/shift-codes", {"code": "时", "name": "一小时", "starts": hours[0], "ends": hours[1]})
    roster_id = await centre.roster(5)
    await centre.draft(roster_id, {"A001": {day(1): "时"}})
    await centre.confirm((await centre.publish(roster_id))["changes"]["A001"])
    await settled(centre, clock, "A001", *worked)
    [figure] = (await centre.get("/adherence", agent="A001", on=day(1)))["items"]
    found = figure["rates"]
    assert (found["adherence"], found["adherence_outside_counts"], found["conformance"]) == rates


async def test_the_night_in_which_the_clocks_change_is_settled_an_hour_shorter(
    centre: Centre, clock: ManualClock
) -> None:
    """Berlin, 28 to 29 March 2026: 22:00 to 06:00 is seven hours."""
    team = await centre.post("/teams", {"name": "柏林", "code": "BER", "zone": "Europe/Berlin", "lead": "L001"})
    await centre.hire("B001", team_id=team["team_id"])
    body = {"team_id": team["team_id"], "from": "2026-03-28", "to": "2026-03-28"}
    roster_id = (await centre.post("/rosters", body))["roster_id"]
    await centre.draft(roster_id, {"B001": {"2026-03-28": "夜"}})
    await centre.confirm((await centre.publish(roster_id, override={"reason": "测试"}))["changes"]["B001"])
    shift = await centre.shift("B001", "2026-03-28")
    assert (shift["planned"]["starts"], shift["planned"]["ends"]) == (
        "2026-03-28T22:00:00+01:00",
        "2026-03-29T06:00:00+02:00",
    )
    clock.move_to(datetime(2026, 3, 29, 12, tzinfo=UTC))
    await centre.worker().fire_due()
    [found] = (await centre.get("/attendance", agent="B001"))["items"]
    assert (found["shift_on"], found["scheduled_seconds"], found["deviation_minutes"]) == (
        "2026-03-28",
        timedelta(hours=7).total_seconds(),
        420,
    )
