"""Days, weeks, months and quarter hours of any zone over HTTP: what they include, and that they add up."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.contracts.roster import Cell, DayChange
from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.unit.kpi.samples import HOUR, NOON, announced, contact, settled

QUARTER = HOUR / 4
ZONES = sorted(available_timezones())


def series(points: list[dict[str, Any]]) -> list[tuple[Any, Any]]:
    return [(point["on"] or point["at"], point["value"]) for point in points]


async def test_dates_include_the_last_day_and_times_exclude_the_last_instant(desk: Desk) -> None:
    midnight = datetime(2026, 3, 2, tzinfo=ZoneInfo("Asia/Shanghai"))
    instant = timedelta(microseconds=1)
    at = [midnight - instant, midnight, midnight + timedelta(days=1) - instant, midnight + timedelta(days=1)]
    await desk.hears(recorded([contact(n, queued_at=each.astimezone(UTC)) for n, each in enumerate(at)]))

    async def handled(from_: str, to: str, **asked: Any) -> set[str]:
        point = await desk.point("contacts_handled", from_=from_, to=to, **asked)
        facts = await desk.facts("contacts_handled", from_=from_, to=to, **asked)
        assert point["value"] == (len(facts) or None)
        return {fact["fact_key"][-1] for fact in facts}

    assert await handled("2026-03-02", "2026-03-02") == {"1", "2"}
    assert await handled("2026-03-01", "2026-03-02") == {"0", "1", "2"}
    assert await handled("2026-03-02T00:00:00+08:00", "2026-03-03T00:00:00+08:00") == {"1", "2"}
    assert await handled("2026-03-02T00:00:00+08:00", "2026-03-03T00:15:00+08:00") == {"1", "2", "3"}
    assert await handled("2026-03-01T16:00:00Z", "2026-03-02") == {"1", "2"}
    assert await handled("2026-03-02", "2026-03-02", tz="UTC") == {"2", "3"}
    assert await handled("2026-03-02", "2026-03-02", agent="A001") == {"1", "2"}


@pytest.mark.parametrize(("day", "length"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
async def test_a_day_has_the_contacts_of_its_23_24_or_25_hours(desk: Desk, day: str, length: int) -> None:
    start = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
    told = [contact(n, queued_at=start + (n - 8) * QUARTER, zone="Europe/Berlin") for n in range(120)]
    await desk.hears(recorded(told))
    for zone, group in (("Europe/Berlin", {}), ("Europe/Berlin", {"agent": "A001"}), ("Europe/Paris", {})):
        asked = {"tz": zone, "from_": day, "to": day, **group}
        assert series(await desk.points("contacts_handled", grain="day", **asked)) == [(day, 4 * length)]
        assert [point["value"] for point in await desk.points("contacts_handled", grain="hour", **asked)] == [
            4
        ] * length
        quarters = await desk.points("contacts_handled", grain="15m", **asked)
        assert [point["value"] for point in quarters] == [1] * 4 * length
        assert len(await desk.facts("contacts_handled", **asked)) == 4 * length


async def test_quarter_hours_and_hours_of_a_zone_off_the_hour_begin_where_its_clock_says(desk: Desk) -> None:
    at = datetime(2026, 3, 1, 18, 15, tzinfo=UTC)
    await desk.hears(recorded([contact(n, queued_at=at + n * QUARTER, queue="vip", agent=f"A{n}") for n in range(6)]))
    asked = {"tz": "Asia/Kathmandu", "from_": "2026-03-02", "to": "2026-03-02"}
    quarters = await desk.points("contacts_handled", grain="15m", **asked)
    assert len(quarters) == 96
    assert series(quarters)[:7] == [
        *((f"2026-03-01T{18 + minutes // 60}:{minutes % 60:02}:00Z", 1) for minutes in range(15, 105, 15)),
        ("2026-03-01T19:45:00Z", None),
    ]
    hours = await desk.points("contacts_handled", grain="hour", **asked)
    assert series(hours)[:3] == [
        ("2026-03-01T18:15:00Z", 4),
        ("2026-03-01T19:15:00Z", 2),
        ("2026-03-01T20:15:00Z", None),
    ]
    [queue] = await desk.points("contacts_handled", grain="hour", by="queue", **asked | {"to": "2026-03-01T19:15:00Z"})
    assert (queue["group"], queue["value"]) == ({"queue": "vip"}, 4)


async def test_weeks_begin_on_monday_and_a_month_of_31_days_has_them_all(desk: Desk) -> None:
    start = datetime(2026, 2, 28, 4, tzinfo=UTC)
    await desk.hears(recorded([contact(n, queued_at=start + timedelta(days=n)) for n in range(33)]))
    for group in ({}, {"agent": "A001"}, {"channel": "phone"}):
        asked = {"from_": "2026-02-28", "to": "2026-04-01", **group}
        assert series(await desk.points("contacts_handled", grain="week", **asked)) == [
            ("2026-02-28", 2),
            ("2026-03-02", 7),
            ("2026-03-09", 7),
            ("2026-03-16", 7),
            ("2026-03-23", 7),
            ("2026-03-30", 3),
        ]
        months = [("2026-02-01", 1), ("2026-03-01", 31), ("2026-04-01", 1)]
        asked |= {"from_": "2026-02-01", "to": "2026-04-30"}
        assert series(await desk.points("contacts_handled", grain="month", **asked)) == months
    assert [date.fromisoformat(f"2026-03-{day:02}").isoweekday() for day in (2, 9, 16, 23, 30)] == [1] * 5


CALLS = [contact(n, queued_at=NOON + n * timedelta(minutes=97), wait=n) for n in range(150)]


@pytest.fixture
async def called(desk: Desk) -> Desk:
    """Ten days with a call every 97 minutes."""
    await desk.hears(recorded(CALLS))
    return desk


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(zone=st.sampled_from(ZONES), first=st.integers(0, 8), length=st.integers(0, 4), by=st.booleans())
async def test_the_days_of_any_iana_zone_are_what_counting_gives(
    called: Desk, zone: str, first: int, length: int, by: bool
) -> None:
    from_, to = date(2026, 3, 2) + timedelta(days=first), date(2026, 3, 2) + timedelta(days=first + length)
    local = Counter(one.queued_at.astimezone(ZoneInfo(zone)).date() for one in CALLS)
    asked = {"grain": "day", "from_": from_, "to": to, "tz": zone} | ({"by": "agent"} if by else {})
    found = {point["on"]: point["denominator"] for point in await called.points("asa", **asked) if point["n"]}
    assert found == {str(day): count for day, count in local.items() if from_ <= day <= to}


@pytest.mark.parametrize("by", ["agent", "team", "topic", "channel", "queue"])
async def test_by_agent_team_topic_channel_and_queue_the_groups_add_up_in_every_grain(desk: Desk, by: str) -> None:
    told = []
    for n in range(40):
        about = {
            "topic": f"t{n % 3}",
            "channel": ("phone", "chat")[n % 2],
            "queue": None if n % 5 == 0 else f"q{n % 2}",
        }
        told.append(contact(n, queued_at=NOON + n * HOUR, agent=f"A{n % 4}", team_name="x", team_id=None, **about))
    await desk.hears(recorded(told))
    names = Counter("x" if by == "team" else getattr(one, by) for one in told)
    assert {point["group"][by]: point["value"] for point in await desk.points("contacts_handled", by=by)} == names
    asked = {"from_": "2026-03-01", "to": "2026-03-08", "by": by}
    for grain in ("15m", "hour", "day", "shift_day", "week", "month"):
        found = Counter[Any]()
        for point in await desk.points("contacts_handled", grain=grain, **asked):
            found[point["group"][by]] += point["value"]
        assert found == names, grain


async def test_numerators_and_denominators_are_summed_and_never_ratios(desk: Desk) -> None:
    busy = [contact(n, wait=10) for n in range(9)]
    quiet = [
        contact(20, queued_at=NOON + 24 * HOUR, answered=False, agent="A002"),
        contact(21, queued_at=NOON + 24 * HOUR),
    ]
    await desk.hears(recorded([*busy, *quiet]))
    asked = {"from_": "2026-03-01", "to": "2026-03-31"}
    days = await desk.points("answer_rate", grain="day", **asked)
    assert [point["value"] for point in days if point["n"]] == [100, 50]
    for whole in (await desk.point("answer_rate", **asked), *await desk.points("answer_rate", grain="month", **asked)):
        assert (whole["value"], whole["numerator"], whole["denominator"]) == (1000 / 11, 10, 11)


async def test_a_night_over_the_end_of_a_month_counts_on_the_day_its_shift_began(desk: Desk) -> None:
    begins = datetime(2026, 3, 31, 14, tzinfo=UTC)
    night = Cell(code="夜", starts_at=begins, ends_at=begins + 8 * HOUR)
    change = announced(days=(DayChange(on=date(2026, 3, 31), before=None, after=night),), zone="Asia/Shanghai")
    shift = settled(shift_on=date(2026, 3, 31), planned=night, accountable=night, deviation="late", cause="agent")
    calls = [contact(n, queued_at=begins + n * HOUR) for n in range(8)]
    by_day = contact(9, queued_at=begins + 3 * HOUR, agent="A002", agent_name="王强")
    await desk.hears([delivery_of(change), delivery_of(shift), *recorded([*calls, by_day])])
    asked = {"from_": "2026-03-31", "to": "2026-04-01"}
    for metric, by_shift, by_clock in (("contacts_handled", [8, 1], [2, 7]), ("deviations", [1, None], [1, None])):
        found = {grain: await desk.points(metric, grain=grain, **asked) for grain in ("shift_day", "day")}
        assert [point["value"] for point in found["shift_day"]] == by_shift
        assert [point["value"] for point in found["day"]] == by_clock
        march = await desk.facts(metric, grain="shift_day", from_="2026-03-01", to="2026-03-31")
        assert (len(march), {fact["shift_on"] for fact in march}) == (by_shift[0], {"2026-03-31"})


async def test_a_shift_that_begins_after_midnight_counts_on_its_own_day_also_where_days_are_cut_by_the_clock(
    desk: Desk,
) -> None:
    midnight = datetime(2026, 3, 31, 16, tzinfo=UTC)
    night = Cell(code="夜", starts_at=midnight + HOUR / 2, ends_at=midnight + 8 * HOUR)
    await desk.hears([delivery_of(settled(shift_on=date(2026, 3, 31), planned=night, accountable=night))])
    asked = {"from_": "2026-03-31", "to": "2026-04-01"}
    for zone in ("Asia/Shanghai", "Asia/Singapore", "UTC"):
        for grain in ("day", "shift_day", "month"):
            points = await desk.points("attendance", grain=grain, tz=zone, **asked)
            assert [point["n"] for point in points] == [1, 0], (zone, grain)
