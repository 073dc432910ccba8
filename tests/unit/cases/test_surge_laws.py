"""Surges: to the letter of their rule, whatever comes in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.domain import sketch
from services.cases.domain.surge import (
    BUCKET,
    Seen,
    SurgeRule,
    Tally,
    baseline_of,
    bucket_of,
    is_surge,
    past_windows,
    standing_out,
)

START = datetime(2026, 3, 2, tzinfo=UTC)
RULE = SurgeRule()
counts = st.dictionaries(
    st.tuples(st.integers(0, 40), st.sampled_from(("", "refund", "delivery"))), st.integers(0, 60), max_size=60
)
tallies = st.builds(lambda own, other: Tally(own, own + other), st.integers(0, 500), st.integers(0, 500))


@given(counts, st.sampled_from((15, 60, 240)))
def test_windows_that_stand_out_are_those_that_a_plain_count_finds(
    found: dict[tuple[int, str], int], minutes: int
) -> None:
    rule = SurgeRule(window_minutes=minutes)
    seen = sorted(Seen(START + place * BUCKET, topic, count) for (place, topic), count in found.items())
    ends = sorted({one.bucket_at + BUCKET for one in seen if one.topic == "refund"})
    wanted = []
    for end in ends:
        window = [one for one in seen if end - rule.window <= one.bucket_at < end]
        own = sum(one.contacts for one in window if one.topic == "refund")
        everything = sum(one.contacts for one in window)
        if own >= 20 and own * 100 > 30 * everything:
            wanted.append((end, Tally(own, everything)))
    assert list(standing_out("refund", rule, ends, seen) if ends else []) == wanted


@given(tallies, st.integers(0, 100), st.none() | st.floats(0, 100))
def test_a_surge_passes_every_condition_of_its_rule(tally: Tally, customers: int, baseline: float | None) -> None:
    if is_surge(tally, customers, baseline, RULE):
        assert tally.share > 30
        assert tally.contacts >= 20
        assert customers >= 5
        assert baseline is None or tally.share > baseline
    assert not is_surge(tally, customers, baseline, SurgeRule(enabled=False))


@given(tallies)
def test_a_topic_at_its_own_baseline_is_no_surge(tally: Tally) -> None:
    assert not is_surge(tally, 1000, tally.share, RULE)


@given(st.lists(tallies, max_size=8))
def test_a_baseline_lies_among_the_weeks_that_say_something(weeks: list[Tally]) -> None:
    said = [week.share for week in weeks if week.all_contacts >= RULE.min_contacts]
    baseline = baseline_of(weeks, RULE)
    assert (baseline is None) == (not said)
    assert baseline is None or min(said) <= baseline <= max(said)


def test_one_bad_week_does_not_make_the_next_one_usual() -> None:
    quiet, outage = Tally(20, 100), Tally(80, 100)
    assert baseline_of([outage, quiet, quiet, quiet], RULE) == pytest.approx(20)


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(("Asia/Shanghai", "Europe/Berlin", "America/New_York")),
)
def test_past_windows_end_at_the_same_hour_of_the_same_weekday(at: datetime, zone: str) -> None:
    end, rule = bucket_of(at) + BUCKET, SurgeRule(zone=zone)
    windows = past_windows(rule, end)
    assert len(windows) == rule.baseline_weeks
    for week, (since, until) in enumerate(windows, start=1):
        assert until - since == rule.window
        local, then = end.astimezone(ZoneInfo(zone)), until.astimezone(ZoneInfo(zone))
        shifted = abs((end - until) - timedelta(weeks=week))
        assert shifted in (timedelta(), timedelta(hours=1))
        assert then.weekday() == local.weekday() or shifted


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.timezones()))
def test_every_instant_lies_in_its_quarter(at: datetime) -> None:
    assert bucket_of(at) <= at < bucket_of(at) + BUCKET


people = st.lists(st.integers(0, 300), max_size=200)


@given(people, people, people)
def test_sketches_merge_in_any_order_and_any_number_of_times(
    first: list[int], second: list[int], third: list[int]
) -> None:
    one, two, three = ([sketch.hash_of(person) for person in group] for group in (first, second, third))
    whole = sketch.merged([one, two, three])
    assert sketch.merged([sketch.merged([three, one]), two, one]) == whole
    assert len(whole) <= sketch.SIZE


@given(st.sets(st.integers(), max_size=sketch.SIZE - 1))
def test_a_few_people_are_counted_exactly(group: set[int]) -> None:
    assert sketch.distinct(sketch.merged([map(sketch.hash_of, group)])) == len(group)


@pytest.mark.parametrize("size", [100, 1_000, 20_000])
def test_many_people_are_estimated(size: int) -> None:
    assert sketch.distinct(sketch.merged([map(sketch.hash_of, range(size))])) == pytest.approx(size, rel=0.35)
