"""Adherence and conformance, by the published examples and against a second-by-second count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.roster.domain.adherence import (
    SECONDS,
    Done,
    Interval,
    Schedule,
    adherence,
    break_adherence,
    conformance,
    measured,
    occupancy,
)

NINE = datetime(2026, 3, 3, 9, tzinfo=UTC)


def span(starts: float, ends: float) -> Interval:
    """From and to so many minutes after nine."""
    return NINE + timedelta(minutes=starts), NINE + timedelta(minutes=ends)


def percent(value: float | None) -> float | None:
    return None if value is None else round(value * 100, 1)


def test_ten_minutes_late_and_made_up_is_83_or_71_percent_adherence_and_full_conformance() -> None:
    figures = measured(Schedule(work=[span(0, 60)]), Done(work=[span(10, 70)]))
    assert percent(adherence(figures)) == 83.3
    assert percent(adherence(figures, outside_counts=True)) == 71.4
    assert percent(conformance(figures)) == 100


def test_three_minutes_late_and_ten_over_is_95_percent() -> None:
    figures = measured(Schedule(work=[span(240, 300)]), Done(work=[span(243, 310)]))
    assert percent(adherence(figures)) == 95


def test_a_break_taken_five_minutes_late_keeps_a_third_of_the_break() -> None:
    schedule = Schedule(work=[span(0, 180)], breaks=[span(60, 75)])
    figures = measured(schedule, Done(work=[span(0, 65), span(80, 180)], breaks=[span(65, 80)]))
    assert percent(break_adherence(figures)) == 33.3
    assert (figures.exception_seconds, figures.outside_seconds) == (300, 300)


def test_without_a_schedule_nothing_is_defined() -> None:
    figures = measured(Schedule(), Done(work=[span(0, 60)]))
    assert (adherence(figures), conformance(figures), break_adherence(figures), occupancy(figures)) == (None,) * 4
    assert figures.outside_seconds == 3600


def test_nobody_falls_below_nothing() -> None:
    figures = measured(Schedule(work=[span(0, 30)], breaks=[span(10, 15)]), Done(work=[span(60, 600)], breaks=[]))
    assert adherence(figures) == 0
    assert adherence(figures, outside_counts=True) == 0
    assert break_adherence(figures) == 0


def test_who_only_punches_is_not_asked_about_breaks() -> None:
    figures = measured(Schedule(work=[span(0, 540)], breaks=[span(180, 240)]), Done(work=[span(0, 540)]))
    assert (percent(adherence(figures)), percent(conformance(figures))) == (100, 100)
    assert (figures.scheduled_seconds, figures.worked_seconds, break_adherence(figures)) == (480 * 60, 480 * 60, None)


def test_occupancy_is_busy_by_busy_and_ready() -> None:
    done = Done(work=[span(0, 60)], breaks=[], busy=[span(0, 45)], ready=[span(45, 60)])
    assert percent(occupancy(measured(Schedule(work=[span(0, 60)]), done))) == 75


def test_quarters_are_those_of_the_clock() -> None:
    figures = measured(Schedule(work=[span(10, 35)]), Done(work=[span(10, 20)]))
    assert [(one.starts_at.minute, one.scheduled_seconds, one.exception_seconds) for one in figures.intervals] == [
        (0, 300, 0),
        (15, 900, 600),
        (30, 300, 300),
    ]


spans = st.lists(
    st.tuples(st.integers(0, 120), st.integers(1, 60)).map(lambda one: span(one[0], one[0] + one[1])), max_size=5
)


@given(spans, spans, spans, spans)
def test_figures_are_those_of_counting_every_minute(
    work: list[Interval], breaks: list[Interval], worked: list[Interval], taken: list[Interval]
) -> None:
    figures = measured(Schedule(work=work, breaks=breaks), Done(work=worked, breaks=taken))
    counted = dict.fromkeys(SECONDS, 0)
    for minute in range(200):
        here = NINE + timedelta(minutes=minute)
        at_work, on_break, did, took = (
            any(start <= here < end for start, end in found) for found in (work, breaks, worked, taken)
        )
        on_break = on_break and at_work
        at_work = at_work and not on_break
        counted["scheduled_seconds"] += 60 * at_work
        counted["worked_seconds"] += 60 * did
        counted["exception_seconds"] += 60 * (at_work and not did)
        counted["outside_seconds"] += 60 * (did and not at_work)
        counted["break_seconds"] += 60 * on_break
        counted["break_exception_seconds"] += 60 * (on_break != took)
    assert {name: getattr(figures, name) for name in SECONDS} == counted


@given(spans, spans, spans)
def test_quarters_add_up_to_the_whole(work: list[Interval], worked: list[Interval], taken: list[Interval]) -> None:
    figures = measured(Schedule(work=work), Done(work=worked, breaks=taken, busy=worked, ready=taken))
    for name in SECONDS:
        assert sum(getattr(one, name) for one in figures.intervals) == getattr(figures, name)
    assert figures.worked_seconds - figures.outside_seconds == figures.scheduled_seconds - figures.exception_seconds


@pytest.mark.parametrize("late", range(0, 61, 15))
def test_every_minute_late_costs_its_share(late: int) -> None:
    figures = measured(Schedule(work=[span(0, 60)]), Done(work=[span(late, 60)]))
    assert percent(adherence(figures)) == round((60 - late) / 60 * 100, 1)
