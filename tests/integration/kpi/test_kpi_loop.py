"""The roster's loop in numbers: changes confirmed, deviations by cause, each with the facts behind it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.cases import ContactFact
from shared.contracts.roster import AttendanceCorrected, Cell, DayChange
from tests.conftest import START
from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.unit.kpi.samples import HOUR, NOON, TEAM, announced, confirmed, contact, settled, superseded, withdrawn
from tests.unit.kpi.test_case_facts import stopped_clock

NIGHT_BEGINS = datetime(2026, 3, 31, 14, tzinfo=UTC)
"""Ten in the evening of the last day of March, in Shanghai."""


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


NIGHT = Cell(code="夜", starts_at=NIGHT_BEGINS, ends_at=NIGHT_BEGINS + 8 * HOUR)
BY_SHIFT = {"grain": "shift_day", "from_": "2026-03-30", "to": "2026-04-02"}


def calls_of_a_night() -> list[ContactFact]:
    """Three before midnight, two behind it, and one of somebody who works by day."""
    at = [NIGHT_BEGINS + n * HOUR for n in (0, 0.5, 1, 3, 7.9)]
    night = [contact(n, queued_at=each, wait=10 * (n + 1)) for n, each in enumerate(at)]
    return [*night, contact(9, queued_at=at[3], agent="A002", agent_name="陈立", wait=1)]


async def by_day(desk: Desk, metric: str, **asked: Any) -> dict[str, Any]:
    return {point["on"]: point["value"] for point in await desk.points(metric, **BY_SHIFT | asked)}


async def test_contacts_behind_midnight_count_on_the_day_of_their_night_shift(desk: Desk) -> None:
    await desk.hears(recorded(calls_of_a_night()))
    days = ("2026-03-30", "2026-03-31", "2026-04-01", "2026-04-02")
    before = dict(zip(days, (None, 3, 3, None), strict=True))
    assert await by_day(desk, "contacts_handled") == before
    change = announced(days=(DayChange(on=date(2026, 3, 31), before=None, after=NIGHT),), zone="Asia/Shanghai")
    await desk.hears([delivery_of(change)])
    for group in ({}, {"team": str(TEAM)}, {"channel": "phone"}):
        assert await by_day(desk, "contacts_handled", **group) == dict(zip(days, (None, 5, 1, None), strict=True))
    assert await by_day(desk, "contacts_handled", grain="day") == before
    assert await by_day(desk, "asa") == dict(zip(days, (None, 30, 1, None), strict=True))
    assert (await by_day(desk, "asa_p50"))["2026-03-31"] == pytest.approx(30, rel=0.01)
    assert await by_day(desk, "service_level_2", threshold=15) == dict(zip(days, (None, 20, 100, None), strict=True))
    whole = await desk.points("contacts_handled", by="agent", **BY_SHIFT)
    assert [(point["group"]["agent"], point["on"], point["value"]) for point in whole if point["value"]] == [
        ("A001", "2026-03-31", 5),
        ("A002", "2026-04-01", 1),
    ]
    one_day = {"grain": "shift_day", "from_": "2026-03-31", "to": "2026-03-31"}
    behind = await desk.facts("contacts_handled", **one_day)
    assert {(fact["fact_key"], fact["shift_on"]) for fact in behind} == {
        (str(UUID(int=number)), "2026-03-31") for number in range(5)
    }
    assert await desk.is_consistent()


async def test_the_shift_that_was_answered_for_goes_before_the_planned_one(desk: Desk) -> None:
    change = announced(days=(DayChange(on=date(2026, 3, 31), before=None, after=NIGHT),), zone="Asia/Shanghai")
    day = Cell(code="早", starts_at=NIGHT_BEGINS - 14 * HOUR, ends_at=NIGHT_BEGINS - 6 * HOUR)
    worked = settled(shift_on=date(2026, 3, 31), planned=NIGHT, accountable=day)
    await desk.hears(recorded(calls_of_a_night()))
    await desk.hears([delivery_of(worked)])
    await desk.hears([delivery_of(change, at=START + HOUR)])
    assert (await by_day(desk, "contacts_handled"))["2026-04-01"] == 3
    again = settled(shift_on=date(2026, 3, 31), planned=NIGHT, accountable=NIGHT)
    await desk.hears([delivery_of(again, sequence=2, at=START + 2 * HOUR)])
    assert (await by_day(desk, "contacts_handled"))["2026-04-01"] == 1
