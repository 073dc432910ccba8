"""The roster's loop in numbers: changes confirmed, deviations by cause, each with the facts behind it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from shared.contracts.roster import AttendanceCorrected, Cell
from tests.integration.kpi.conftest import Desk, delivery_of
from tests.unit.kpi.samples import HOUR, NOON, TEAM, announced, confirmed, settled, superseded, withdrawn
from tests.unit.kpi.test_case_facts import stopped_clock


def change(number: int, staff_no: str = "A001") -> dict[str, object]:
    return {"change_id": UUID(int=number), "staff_no": staff_no, "agent_name": staff_no}


async def test_changes_count_once_whatever_became_of_them(desk: Desk) -> None:
    await desk.hears([delivery_of(announced(**change(n, f"A{n}"))) for n in range(1, 6)])
    assert (await desk.point("change_ack_rate"))["value"] == 0
    await desk.hears(
        [
            delivery_of(confirmed(**change(1, "A1")), sequence=2),
            delivery_of(confirmed(at=NOON + 30 * HOUR, **change(2, "A2")), sequence=2),
            delivery_of(superseded(**change(3, "A3")), sequence=2),
            delivery_of(withdrawn(**change(4, "A4")), sequence=2),
        ]
    )
    point = await desk.point("change_ack_rate")
    assert (point["numerator"], point["denominator"], point["n"]) == (1, 3, 3)
    assert point["value"] == 100 / 3
    assert point["definition_version"] == 1
    assert point["as_of"] == "2026-03-02T01:00:00Z"
    assert point["maturing_until"] is None
    facts = await desk.facts("change_ack_rate")
    assert {fact["dimensions"]["agent"] for fact in facts} == {"A1", "A2", "A5"}
    assert sum(fact["numerator"] for fact in facts) == 1
    assert await desk.is_consistent()


async def test_a_confirmation_that_comes_before_its_announcement_counts_the_same(desk: Desk) -> None:
    await desk.hears([delivery_of(confirmed(), sequence=2)])
    await desk.hears([delivery_of(announced(), sequence=1)])
    point = await desk.point("change_ack_rate", by="team")
    assert (point["numerator"], point["denominator"]) == (1, 1)
    assert point["group"] == {"team": str(TEAM), "team_name": "热线一组"}


async def test_deviations_are_told_by_cause_with_and_without_management(desk: Desk) -> None:
    causes = [None, None, "agent", "management", "management", "system"]
    await desk.hears(
        [
            delivery_of(settled(n, deviation="absent" if cause else "none", cause=cause, staff_no=f"A{n}"))
            for n, cause in enumerate(causes)
        ]
    )
    by_cause = {point["group"]["cause"]: point["value"] for point in await desk.points("deviations", by="cause")}
    assert by_cause == {"agent": 1, "management": 2, "system": 1}
    counts = [(await desk.point(name))["value"] for name in ("deviations", "deviations_without_management")]
    assert counts == [4, 2]
    assert (await desk.point("deviations_by_agent"))["value"] == 1
    assert (await desk.point("deviations"))["denominator"] == 6
    [absent] = await desk.facts("deviations", cause="agent")
    assert (absent["dimensions"]["agent"], absent["dimensions"]["deviation"]) == ("A2", "absent")
    assert len(await desk.facts("deviations")) == 4
    assert len(await desk.facts("deviations", side="denominator")) == 6
    assert len(await desk.facts("deviations", side="denominator", without="cause")) == 2


async def test_no_deviation_is_zero_and_no_shift_is_nothing(desk: Desk) -> None:
    assert (await desk.point("deviations"))["value"] is None
    await desk.hears([delivery_of(settled())])
    assert (await desk.point("deviations"))["value"] == 0
    assert await desk.points("deviations", by="cause") == []


async def test_a_corrected_settlement_takes_the_old_one_out(desk: Desk) -> None:
    first = settled(deviation="absent", cause="agent")
    told = {name: getattr(first, name) for name in first.__dataclass_fields__ if name not in ("type", "subject_field")}
    corrected = AttendanceCorrected(**told | {"cause": "excused", "revision": 2, "reason": "hospital"})
    await desk.hears([delivery_of(first, sequence=1)])
    await desk.hears([delivery_of(corrected, sequence=2)])
    [point] = await desk.points("deviations", by="cause")
    assert (point["group"], point["value"]) == ({"cause": "excused"}, 1)
    assert (await desk.point("deviations_by_agent"))["value"] == 0
    assert await desk.is_consistent()


async def test_a_night_shift_at_the_end_of_a_month_counts_in_that_month(desk: Desk) -> None:
    midnight = datetime(2026, 1, 31, 16, tzinfo=UTC)
    night = Cell(code="夜", starts_at=midnight, ends_at=midnight + timedelta(hours=8))
    told = {"planned": night, "accountable": night, "deviation": "late", "cause": "agent"}
    await desk.hears([delivery_of(settled(shift_on=date(2026, 1, 31), **told))])
    for grain in ("day", "shift_day", "month"):
        points = await desk.points("deviations", grain=grain, from_="2026-01-31", to="2026-02-01", tz="Asia/Shanghai")
        assert [point["value"] for point in points][:2] == [1, None]
    elsewhere = {"from_": "2026-01-31", "to": "2026-02-01", "tz": "Asia/Tokyo"}
    assert [point["value"] for point in await desk.points("deviations", grain="shift_day", **elsewhere)] == [1, None]
    assert [point["value"] for point in await desk.points("deviations", grain="day", **elsewhere)] == [None, 1]
    assert len(await desk.facts("deviations", grain="shift_day", **elsewhere | {"to": "2026-01-31"})) == 1


async def test_a_fact_keeps_the_versions_of_the_rules_it_was_judged_by(desk: Desk) -> None:
    await desk.hears([delivery_of(settled(planned_number=3, accountable_number=2)), delivery_of(stopped_clock(True))])
    [shift] = await desk.facts("attendance")
    assert shift["judged_by"] == {"planned_roster_version": 3, "accountable_roster_version": 2}
    [clock] = await desk.facts("sla_attainment")
    assert clock["judged_by"] == {"policy": "standard", "policy_version": 1}
    await desk.hears([delivery_of(settled(planned_number=4, accountable_number=4), sequence=2)])
    [shift] = await desk.facts("attendance")
    assert shift["judged_by"] == {"planned_roster_version": 4, "accountable_roster_version": 4}
