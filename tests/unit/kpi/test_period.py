"""Periods and their steps, in any zone, on any day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.kpi.domain.period import Grain, period
from shared.contracts.refusal import Refusal

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
ZONES = sorted(available_timezones())
NEVER = {(zone, date(2011, 12, 30), 0) for zone in ("Pacific/Apia", "Pacific/Fakaofo")}
"""Days that were skipped whole when the date line moved."""


def hours_of(zone: str, day: date) -> int:
    return len(period(day, day, zone, Grain.HOUR).starts)


def test_dates_are_local_days_and_the_last_one_is_included() -> None:
    asked = period(*MARCH, "Asia/Shanghai", Grain.DAY)
    assert asked.start == datetime(2026, 2, 28, 16, tzinfo=UTC)
    assert asked.end == datetime(2026, 3, 31, 16, tzinfo=UTC)
    assert asked.days == tuple(date(2026, 3, day) for day in range(1, 32))


def test_times_are_instants_and_the_last_one_is_excluded() -> None:
    start = datetime(2026, 3, 1, 8, tzinfo=ZoneInfo("Asia/Shanghai"))
    asked = period(start, start + timedelta(hours=1), "UTC", Grain.QUARTER_HOUR)
    assert asked.starts == tuple(start.astimezone(UTC) + timedelta(minutes=15 * number) for number in range(4))


def test_without_a_grain_there_is_one_step() -> None:
    assert len(period(*MARCH, "UTC", None).starts) == 1
    assert len(period(None, None, "UTC", None).starts) == 1


def test_a_day_has_23_or_25_hours_when_the_clock_is_changed() -> None:
    assert hours_of("Europe/Berlin", date(2026, 3, 29)) == 23
    assert hours_of("Europe/Berlin", date(2026, 10, 25)) == 25
    assert hours_of("Asia/Shanghai", date(2026, 3, 29)) == 24


def test_a_day_whose_midnight_is_skipped_begins_when_the_clock_jumps() -> None:
    asked = period(date(2026, 4, 23), date(2026, 4, 25), "Africa/Cairo", Grain.DAY)
    assert [str(day) for day in asked.days] == ["2026-04-23", "2026-04-24", "2026-04-25"]
    assert asked.starts[1] == datetime(2026, 4, 23, 22, tzinfo=UTC)


def test_a_day_that_never_was_is_left_out() -> None:
    asked = period(date(2011, 12, 29), date(2011, 12, 31), "Pacific/Apia", Grain.DAY)
    assert [str(day) for day in asked.days] == ["2011-12-29", "2011-12-31"]


def test_weeks_begin_on_monday_and_the_first_and_last_are_cut() -> None:
    asked = period(date(2026, 3, 4), date(2026, 3, 17), "UTC", Grain.WEEK)
    assert [str(day) for day in asked.days] == ["2026-03-04", "2026-03-09", "2026-03-16"]


def test_months_have_their_own_length() -> None:
    asked = period(date(2026, 1, 1), date(2026, 4, 30), "UTC", Grain.MONTH)
    assert [str(day) for day in asked.days] == ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"]


@settings(max_examples=300, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    first=st.dates(date(2000, 1, 2), date(2060, 1, 1)),
    length=st.integers(0, 40),
    grain=st.sampled_from(list(Grain)),
)
def test_steps_cover_the_period_without_gap_or_overlap(zone: str, first: date, length: int, grain: Grain) -> None:
    last = first + timedelta(days=length)
    assume((zone, first, length) not in NEVER)
    asked = period(first, last, zone, grain)
    assert list(asked.starts) == sorted(set(asked.starts))
    assert asked.starts[-1] < asked.end
    assert all(start.minute % 15 == 0 and start.second == 0 for start in asked.starts)
    local = [start.astimezone(ZoneInfo(zone)).date() for start in asked.starts]
    assert first <= local[0] <= local[-1] <= last
    assert list(asked.days) in ([], local)


@pytest.mark.parametrize(
    ("from_", "to", "zone", "grain", "code"),
    [
        (*MARCH, "Asia/Nowhere", None, "zone-unknown"),
        (*MARCH, "../etc/passwd", None, "zone-unknown"),
        (*MARCH[::-1], "UTC", None, "period-empty"),
        (None, MARCH[1], "UTC", Grain.DAY, "period-open"),
        (MARCH[0], None, "UTC", Grain.DAY, "period-open"),
        (datetime(2026, 3, 1, tzinfo=UTC), MARCH[1], "UTC", Grain.SHIFT_DAY, "shift-days-need-dates"),
        (datetime(2026, 3, 1, 0, 7, tzinfo=UTC), None, "UTC", None, "time-off-quarter"),
        (date(2000, 1, 1), date(2099, 1, 1), "UTC", Grain.QUARTER_HOUR, "too-many-points"),
    ],
)
def test_what_cannot_be_answered_is_refused(from_: date, to: date, zone: str, grain: Grain, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        period(from_, to, zone, grain)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("first", "last", "grain", "months", "whole"),
    [
        (date(2026, 1, 1), date(2026, 12, 31), None, 12, True),
        (date(2028, 2, 1), date(2028, 2, 29), Grain.MONTH, 1, True),
        (date(2026, 1, 2), date(2026, 12, 31), None, 11, False),
        (date(2026, 1, 1), date(2026, 3, 30), None, 2, False),
        (date(2026, 1, 1), date(2026, 1, 30), None, 0, False),
        (date(2026, 1, 1), date(2026, 1, 31), Grain.DAY, 0, False),
    ],
)
def test_whole_months_leave_no_days_around_them(
    first: date, last: date, grain: Grain | None, months: int, whole: bool
) -> None:
    asked = period(first, last, "Asia/Shanghai", grain)
    assert (len(asked.months), asked.of_whole_months) == (months, whole)
