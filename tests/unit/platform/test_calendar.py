"""Working time, against an oracle that walks minute by minute and reads the clock on the wall."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.platform.calendar import (
    OFFICE_HOURS,
    Kind,
    Window,
    WorkCalendar,
    add_working_time,
    is_provisional,
    is_working_day,
    official_day,
    windows_on,
    working_seconds_between,
)

OFFICE = WorkCalendar()
MINUTE = timedelta(minutes=1)


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


@pytest.mark.parametrize(
    ("on", "working"),
    [
        (date(2026, 2, 13), True),
        (date(2026, 2, 14), True),
        (date(2026, 2, 15), False),
        (date(2026, 2, 17), False),
        (date(2026, 2, 20), False),
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),
        (date(2026, 3, 1), False),
        (date(2026, 10, 10), True),
        (date(2025, 1, 26), True),
        (date(2024, 10, 12), True),
    ],
)
def test_a_day_is_worked_as_officially_announced(on: date, working: bool) -> None:
    assert is_working_day(OFFICE, on) is working


def test_a_day_knows_the_holiday_it_belongs_to() -> None:
    festival = official_day(date(2026, 2, 17))
    assert (festival.kind, festival.name_zh, festival.name_en) == (Kind.HOLIDAY, "春节", "Spring Festival")
    assert official_day(date(2026, 2, 14)).kind is Kind.MAKE_UP
    assert official_day(date(2026, 2, 14)).name_zh == "春节"
    assert official_day(date(2026, 3, 7)).kind is Kind.ORDINARY


def test_a_year_not_announced_yet_is_answered_as_provisional() -> None:
    assert not is_provisional(date(2026, 12, 31))
    assert is_provisional(date(2027, 1, 1))
    new_year = official_day(date(2027, 1, 1))
    assert (new_year.kind, new_year.provisional, new_year.name_zh) == (Kind.HOLIDAY, True, "元旦")
    assert official_day(date(2027, 3, 3)).provisional
    assert is_working_day(OFFICE, date(2027, 3, 3))


def test_the_organisation_decides_over_the_official_calendar() -> None:
    short = (Window(time(10), time(12)),)
    own = WorkCalendar(overrides={date(2026, 2, 17): short, date(2026, 3, 2): ()})
    assert windows_on(own, date(2026, 2, 17)) == short
    assert not is_working_day(own, date(2026, 3, 2))


def test_a_hotline_works_through_holidays_and_knows_no_make_up_days() -> None:
    hotline = WorkCalendar(holidays=False)
    assert is_working_day(hotline, date(2026, 2, 17))
    assert not is_working_day(hotline, date(2026, 2, 14))


def test_a_make_up_saturday_works_its_own_hours_when_saturdays_have_some() -> None:
    saturdays = (Window(time(9), time(12)),)
    calendar = WorkCalendar(windows={0: OFFICE_HOURS, 5: saturdays})
    assert windows_on(calendar, date(2026, 2, 14)) == saturdays
    assert windows_on(calendar, date(2026, 3, 7)) == saturdays
    assert windows_on(calendar, date(2026, 2, 21)) == ()


def test_working_time_pauses_over_a_holiday() -> None:
    due = add_working_time(OFFICE, shanghai("2026-02-14T17:00"), 2 * 3600)
    assert due == shanghai("2026-02-24T10:00")
    assert working_seconds_between(OFFICE, shanghai("2026-02-14T17:00"), due) == 2 * 3600


def test_time_that_ends_with_the_day_is_due_that_evening_not_the_next_morning() -> None:
    assert add_working_time(OFFICE, shanghai("2026-03-02T17:00"), 3600) == shanghai("2026-03-02T18:00")


def test_no_time_at_all_is_due_at_once() -> None:
    assert add_working_time(OFFICE, shanghai("2026-03-01T03:00"), 0) == shanghai("2026-03-01T03:00")


def test_a_night_window_belongs_to_the_day_it_begins_on() -> None:
    nights = WorkCalendar(windows={4: (Window(time(22), time(6)),)}, holidays=False)
    assert working_seconds_between(nights, shanghai("2026-03-06T00:00"), shanghai("2026-03-09T00:00")) == 8 * 3600
    assert add_working_time(nights, shanghai("2026-03-07T05:00"), 2 * 3600) == shanghai("2026-03-13T23:00")


def test_a_window_from_midnight_to_midnight_is_the_whole_day() -> None:
    always = WorkCalendar(windows=dict.fromkeys(range(7), (Window(time(0), time(0)),)), holidays=False)
    assert working_seconds_between(always, shanghai("2026-03-06T00:00"), shanghai("2026-03-09T00:00")) == 3 * 86400


@pytest.mark.parametrize(("night", "hours"), [("2026-03-28", 7), ("2026-10-24", 9), ("2026-06-06", 8)])
def test_a_night_shift_is_as_long_as_the_night(night: str, hours: int) -> None:
    berlin = WorkCalendar(
        zone="Europe/Berlin", windows=dict.fromkeys(range(7), (Window(time(22), time(6)),)), holidays=False
    )
    start = datetime.fromisoformat(f"{night}T12:00").replace(tzinfo=ZoneInfo("Europe/Berlin"))
    assert working_seconds_between(berlin, start, start + timedelta(hours=20)) == hours * 3600


def test_overlapping_windows_count_once() -> None:
    calendar = WorkCalendar(windows={0: (Window(time(9), time(13)), Window(time(12), time(18)))}, holidays=False)
    assert working_seconds_between(calendar, shanghai("2026-03-02T00:00"), shanghai("2026-03-03T00:00")) == 9 * 3600


def test_a_calendar_without_working_time_says_so() -> None:
    with pytest.raises(ValueError, match="not enough working time"):
        add_working_time(WorkCalendar(windows={}, make_up=()), shanghai("2026-03-02T09:00"), 1)
    with pytest.raises(ValueError, match="not taken away"):
        add_working_time(OFFICE, shanghai("2026-03-02T09:00"), -1)


def clock_times(zone: str) -> st.SearchStrategy[time]:
    """Any quarter hour; where clocks change, not one that a change skips or repeats."""
    changing = zone != "Asia/Shanghai"
    quarters = [quarter for quarter in range(96) if not (changing and quarter < 16)]
    return st.sampled_from(quarters).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    zone = draw(st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]))
    windows = st.lists(st.builds(Window, clock_times(zone), clock_times(zone)), max_size=2).map(tuple)
    days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
    return WorkCalendar(
        zone=zone,
        windows=draw(st.dictionaries(st.integers(0, 6), windows)),
        make_up=draw(windows),
        overrides=draw(st.dictionaries(days, windows, max_size=3)),
        holidays=draw(st.booleans()),
    )


STARTS = st.datetimes(datetime(2026, 1, 2), datetime(2026, 12, 20), timezones=st.just(UTC)).map(
    lambda at: at.replace(second=0, microsecond=0)
)


def is_open(calendar: WorkCalendar, at: datetime) -> bool:
    """The oracle: what the clock on the wall says."""
    local = at.astimezone(ZoneInfo(calendar.zone))
    now, yesterday = local.time(), local.date() - timedelta(days=1)
    today = any(
        window.start <= now and (now < window.end or window.end <= window.start)
        for window in windows_on(calendar, local.date())
    )
    overnight = any(now < window.end <= window.start for window in windows_on(calendar, yesterday))
    return today or overnight


@settings(max_examples=120, deadline=None)
@given(calendar=calendars(), start=STARTS, minutes=st.integers(0, 5 * 1440))
def test_working_seconds_are_the_minutes_that_the_clock_on_the_wall_calls_open(
    calendar: WorkCalendar, start: datetime, minutes: int
) -> None:
    expected = sum(60 for minute in range(minutes) if is_open(calendar, start + minute * MINUTE))
    assert working_seconds_between(calendar, start, start + minutes * MINUTE) == expected


@settings(max_examples=150, deadline=None)
@given(calendar=calendars(), start=STARTS, seconds=st.integers(1, 40 * 3600))
def test_the_due_time_is_the_first_instant_with_that_much_working_time(
    calendar: WorkCalendar, start: datetime, seconds: int
) -> None:
    if not any(calendar.windows.values()):
        return
    due = add_working_time(calendar, start, seconds)
    assert working_seconds_between(calendar, start, due) == seconds
    assert working_seconds_between(calendar, start, due - timedelta(seconds=1)) == seconds - 1


@given(calendar=calendars(), start=STARTS, gaps=st.lists(st.integers(0, 3 * 86400), min_size=2, max_size=2))
def test_working_seconds_add_up(calendar: WorkCalendar, start: datetime, gaps: list[int]) -> None:
    middle = start + timedelta(seconds=gaps[0])
    end = middle + timedelta(seconds=gaps[1])
    parts = working_seconds_between(calendar, start, middle) + working_seconds_between(calendar, middle, end)
    assert parts == working_seconds_between(calendar, start, end)
    assert working_seconds_between(calendar, end, start) == 0


def test_the_holiday_libraries_are_not_loaded_until_needed() -> None:
    look = "import sys, shared.platform.calendar; sys.exit(bool({'holidays', 'chinese_calendar'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0
