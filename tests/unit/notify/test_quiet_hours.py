"""Quiet hours on the wall clock: across midnight, and in the nights in which clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.quiet import QuietHours, held_until

NIGHT = QuietHours(time(22), time(7), "Asia/Shanghai")
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns")


def at(zone: str, *moment: int) -> datetime:
    return datetime(*moment, tzinfo=ZoneInfo(zone)).astimezone(UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ((2026, 3, 2, 21, 59), None),
        ((2026, 3, 2, 22, 0), (2026, 3, 3, 7)),
        ((2026, 3, 2, 23, 59), (2026, 3, 3, 7)),
        ((2026, 3, 3, 0, 0), (2026, 3, 3, 7)),
        ((2026, 3, 3, 6, 59), (2026, 3, 3, 7)),
        ((2026, 3, 3, 7, 0), None),
    ],
)
def test_a_night_runs_across_midnight(now: tuple[int, ...], until: tuple[int, ...] | None) -> None:
    expected = at("Asia/Shanghai", *until) if until else None
    assert NIGHT.ends_after(at("Asia/Shanghai", *now)) == expected


def test_a_rest_at_noon_stays_within_the_day() -> None:
    noon = QuietHours(time(12), time(14), "Asia/Shanghai")
    assert noon.ends_after(at("Asia/Shanghai", 2026, 3, 2, 13)) == at("Asia/Shanghai", 2026, 3, 2, 14)
    assert noon.ends_after(at("Asia/Shanghai", 2026, 3, 2, 11, 59)) is None
    assert noon.ends_after(at("Asia/Shanghai", 2026, 3, 3, 0)) is None


def test_the_night_of_the_spring_change_is_an_hour_shorter() -> None:
    berlin = QuietHours(time(22), time(7), "Europe/Berlin")
    start, end = at("Europe/Berlin", 2026, 3, 28, 22), at("Europe/Berlin", 2026, 3, 29, 7)
    assert end - start == timedelta(hours=8)
    assert (berlin.ends_after(start), berlin.ends_after(end - timedelta(seconds=1))) == (end, end)
    assert berlin.ends_after(end) is None


def test_the_night_of_the_autumn_change_is_an_hour_longer() -> None:
    berlin = QuietHours(time(22), time(7), "Europe/Berlin")
    start, end = at("Europe/Berlin", 2026, 10, 24, 22), at("Europe/Berlin", 2026, 10, 25, 7)
    assert end - start == timedelta(hours=10)
    assert (berlin.ends_after(start), berlin.ends_after(end - timedelta(seconds=1))) == (end, end)


def test_an_hour_that_does_not_exist_or_comes_twice_still_ends() -> None:
    skipped = QuietHours(time(1), time(2, 30), "Europe/Berlin")
    assert skipped.ends_after(at("Europe/Berlin", 2026, 3, 29, 1, 30)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    twice = QuietHours(time(1), time(2, 30), "Europe/Berlin")
    assert twice.ends_after(at("Europe/Berlin", 2026, 10, 25, 1, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@given(
    st.sampled_from(ZONES),
    st.times(),
    st.times(),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
)
def test_quiet_hours_end_and_never_last_a_whole_day_more(zone: str, start: time, end: time, now: datetime) -> None:
    if start == end:
        return
    ends = QuietHours(start, end, zone).ends_after(now)
    assert ends is None or now < ends <= now + timedelta(hours=25)
    if ends is not None:
        again = QuietHours(start, end, zone).ends_after(ends)
        assert again is None or again > ends


@given(st.sampled_from(ZONES), st.integers(0, 23), st.integers(0, 23), st.integers(0, 365 * 24 * 4))
def test_the_wall_clock_decides_minute_by_minute(zone: str, start: int, end: int, quarter: int) -> None:
    """Against the plain reading of a wall clock, in nights without a change of clocks."""
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * quarter)
    day = timedelta(days=1)
    local = ZoneInfo(zone)
    if start == end or len({(now + day * n).astimezone(local).utcoffset() for n in (-1, 0, 1)}) > 1:
        return
    clock = now.astimezone(local).time()
    quiet = time(start) <= clock < time(end) if start < end else clock >= time(start) or clock < time(end)
    assert (QuietHours(time(start), time(end), zone).ends_after(now) is not None) == quiet


def test_what_would_pass_its_deadline_goes_now() -> None:
    now, morning = at("Asia/Shanghai", 2026, 3, 2, 23), at("Asia/Shanghai", 2026, 3, 3, 7)
    assert held_until(NIGHT, None, now) == morning
    assert held_until(NIGHT, morning + timedelta(minutes=1), now) == morning
    assert held_until(NIGHT, morning, now) is None
    assert held_until(NIGHT, now - timedelta(hours=1), now) is None
    assert held_until(None, None, now) is None
