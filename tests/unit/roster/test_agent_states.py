"""Reports from the switch: one meaning in any order, against a minute-by-minute reading."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from services.roster.api.attendance import StateBody
from services.roster.domain.states import STATES, WORKING, AgentState, timeline, times_in, within

NINE = datetime(2026, 3, 3, 9, tzinfo=UTC)


def at(minute: int) -> datetime:
    return NINE + timedelta(minutes=minute)


reports = st.lists(
    st.builds(
        lambda start, length, state: AgentState(at(start), at(start + length), state),
        st.integers(0, 60),
        st.integers(0, 40),
        st.sampled_from(STATES),
    ),
    max_size=8,
)


def test_the_api_takes_exactly_the_states_that_mean_something() -> None:
    assert set(get_args(StateBody.model_fields["state"].annotation)) == set(STATES)


def test_a_later_report_cuts_the_one_before() -> None:
    line = timeline([AgentState(at(0), at(60), "ready"), AgentState(at(20), at(30), "talk")])
    assert [(one.starts_at, one.state) for one in line] == [(at(0), "ready"), (at(20), "talk"), (at(30), "ready")]


@given(reports, st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(found: list[AgentState], random: st.DataObject) -> None:
    shuffled = [*found, *found]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert timeline(shuffled) == timeline(found)


@given(reports)
def test_a_timeline_says_for_every_minute_what_the_latest_report_says(found: list[AgentState]) -> None:
    line = timeline(found)
    assert all(one.ends_at <= other.starts_at for one, other in pairwise(line))
    for minute in range(110):
        here = at(minute)
        holding = [one for one in found if one.starts_at <= here < one.ends_at]
        expected = min(
            holding, key=lambda one: (-one.starts_at.timestamp(), -one.ends_at.timestamp(), one.state), default=None
        )
        told = [one.state for one in line if one.starts_at <= here < one.ends_at]
        assert told == ([expected.state] if expected else [])


@given(reports, st.integers(0, 100), st.integers(0, 100))
def test_a_cut_timeline_is_the_timeline_of_what_was_cut(found: list[AgentState], starts: int, ends: int) -> None:
    span = at(min(starts, ends)), at(max(starts, ends))
    minutes = range(min(starts, ends), max(starts, ends))
    for states in (WORKING, ("break",)):
        inside = times_in(within(timeline(found), span), states)
        whole = times_in(timeline(found), states)
        for minute in minutes:
            assert _has(inside, at(minute)) == _has(whole, at(minute))
        assert all(span[0] <= start < end <= span[1] for start, end in inside)


def _has(intervals: list[tuple[datetime, datetime]], here: datetime) -> bool:
    return any(start <= here < end for start, end in intervals)
