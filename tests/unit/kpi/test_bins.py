"""Bins: within 1 %, and exact at whole seconds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.kpi.domain.bins import EXACT_TO_SECONDS, LOWEST, bin_of, last_bin_within, middle_ms, percentile_bin
from services.kpi.domain.fact import LONGEST_SECONDS

FLOATS = 1e-9
"""What rounding may add: bins' edges lie at exactly one percent."""
DURATIONS = st.integers(0, LONGEST_SECONDS * 1000)


@given(DURATIONS)
def test_the_middle_of_a_bin_is_within_one_percent_of_what_it_holds(value_ms: int) -> None:
    assert abs(middle_ms(bin_of(value_ms)) - value_ms) <= value_ms * (0.01 + FLOATS)


@given(st.integers(0, EXACT_TO_SECONDS), DURATIONS)
def test_what_lies_within_a_whole_second_is_told_exactly(second: int, value_ms: int) -> None:
    last = last_bin_within(second * 1000)
    assert last is not None
    assert (bin_of(value_ms) <= last) == (value_ms <= second * 1000)


@given(st.integers(1, EXACT_TO_SECONDS), DURATIONS)
def test_what_is_less_than_a_whole_second_is_told_exactly(second: int, value_ms: int) -> None:
    last = last_bin_within(second * 1000 - 1)
    assert last is not None
    assert (bin_of(value_ms) <= last) == (value_ms < second * 1000)


def test_a_bin_is_never_cut() -> None:
    assert last_bin_within(LOWEST[-2] + 5) is None


@given(st.lists(st.integers(0, 10_000_000), min_size=1), st.sampled_from([1, 50, 90, 95, 100]))
def test_the_percentile_is_that_of_the_nearest_rank(values: list[int], percent: int) -> None:
    counts: dict[int, int] = {}
    for value in values:
        counts[bin_of(value)] = counts.get(bin_of(value), 0) + 1
    right = sorted(values)[-(-len(values) * percent // 100) - 1]
    assert percentile_bin(counts, percent) == bin_of(right)


def test_of_nothing_there_is_no_percentile() -> None:
    assert percentile_bin({}, 50) is None
    assert percentile_bin({3: 0}, 50) is None
