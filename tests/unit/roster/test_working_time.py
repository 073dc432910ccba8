"""Rest, hours, days in a row and headcount, against what a patient person would count by the minute or the day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from services.roster.domain.code import Codebook, ShiftCode
from services.roster.domain.headcount import shortages
from services.roster.domain.line import resolved
from services.roster.domain.team import Headcount
from services.roster.domain.working_time import (
    Timed,
    days_in_a_row,
    long_weeks,
    minutes_of,
    overlaps,
    short_rests,
    timed_shifts,
)
from shared.contracts.roster import Cell
from shared.platform.ids import new_id

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = date(2026, 3, 23)
"""The week in which Berlin's clocks go forward (29 March)."""
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
CODES = [
    ShiftCode(code_id=new_id(), code=name, name=name, starts=starts, ends=ends, updated_at=LONG_AGO)
    for name, starts, ends in (
        ("E", time(6), time(14)),
        ("L", time(14), time(22)),
        ("N", time(22), time(6)),
        ("off", None, None),
    )
]
BOOK = Codebook(CODES, BERLIN)
DAYS = [FIRST + timedelta(days=number) for number in range(14)]
LINES = st.dictionaries(st.sampled_from(DAYS), st.sampled_from(["E", "L", "N", "off", "00:00-24:00"])).map(
    lambda texts: resolved(texts, BOOK)
)

STEP = timedelta(minutes=30)

Line = dict[date, Cell]


def worked(shift: Timed) -> set[datetime]:
    """The instants of a shift, half an hour apart: everything here begins and ends on the half hour."""
    return {shift.starts_at + STEP * number for number in range(int((shift.ends_at - shift.starts_at) / STEP))}


@settings(deadline=None)
@given(LINES)
def test_shifts_overlap_when_one_moment_is_in_both(line: Line) -> None:
    shifts = timed_shifts(line)
    moments = {shift.on: worked(shift) for shift in shifts}
    together = {on for on in moments for other in moments if on != other and moments[on] & moments[other]}
    found = {on for pair in overlaps(shifts, set(DAYS)) for on in pair}
    assert found == together


@settings(deadline=None)
@given(LINES, st.integers(0, 15))
def test_rest_is_the_time_without_work_before_a_shift(line: Line, hours: int) -> None:
    shifts = timed_shifts(line)
    found = dict(short_rests(shifts, set(DAYS), hours * 60))
    for first, second in pairwise(shifts):
        rest = (second.starts_at - first.ends_at).total_seconds() / 60
        assert (second.on in found) == (0 <= rest < hours * 60)
        assert found.get(second.on, rest) == rest


@settings(deadline=None)
@given(LINES, st.integers(1, 60))
def test_a_week_is_long_when_its_shifts_add_up_to_more(line: Line, hours: int) -> None:
    shifts = timed_shifts(line)
    found = {(on.isocalendar().week, minutes) for on, minutes in long_weeks(shifts, set(DAYS), hours * 60, {"E": 30})}
    totals: dict[int, float] = {}
    for shift in shifts:
        week = shift.on.isocalendar().week
        totals[week] = totals.get(week, 0) + 30 * len(worked(shift)) - (30 if shift.code == "E" else 0)
    assert found == {(week, minutes) for week, minutes in totals.items() if minutes > hours * 60}


@settings(deadline=None)
@given(LINES, st.integers(1, 7))
def test_a_run_is_too_long_from_its_first_day_too_many(line: Line, most: int) -> None:
    work = {shift.on for shift in timed_shifts(line)}
    expected = {}
    for on in sorted(work):
        run = [day for day in DAYS if day <= on and all(one in work for one in DAYS if day <= one <= on)]
        if len(run) == most + 1:
            after = next((day for day in DAYS if day > on and day not in work), DAYS[-1] + timedelta(days=1))
            expected[on] = len(run) + (after - on).days - 1
    assert dict(days_in_a_row(timed_shifts(line), set(DAYS), most)) == expected


@settings(deadline=None)
@given(LINES)
def test_the_hour_that_the_clocks_lose_is_not_worked(line: Line) -> None:
    assert minutes_of(line) == sum(30 * len(worked(shift)) for shift in timed_shifts(line))


def test_the_night_of_the_clock_change_is_an_hour_short() -> None:
    assert minutes_of(resolved({date(2026, 3, 28): "N"}, BOOK)) == 7 * 60


NEEDS = st.builds(
    Headcount,
    weekdays=st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days))),
    starts=st.sampled_from([time(6), time(8), time(20)]),
    ends=st.sampled_from([time(10), time(23), time(2)]),
    agents=st.integers(1, 3),
)


@settings(deadline=None)
@given(st.lists(LINES, max_size=4), NEEDS)
def test_too_few_are_at_work_when_at_one_moment_there_are(lines: list[Line], need: Headcount) -> None:
    found = {short.on: short.found for short in shortages([need], lines, LONG_AGO, BERLIN)}
    at_work = [worked(shift) for line in lines for shift in timed_shifts(line)]
    expected = {}
    for on in sorted({on for line in lines for on in line}):
        if on.isoweekday() in need.weekdays:
            ends_on = on if need.ends > need.starts else on + timedelta(days=1)
            starts = datetime.combine(on, need.starts, BERLIN).astimezone(UTC)
            ends = datetime.combine(ends_on, need.ends, BERLIN).astimezone(UTC)
            interval = worked(Timed(starts, ends, on, ""))
            fewest = min(sum(moment in shift for shift in at_work) for moment in interval)
            if fewest < need.agents:
                expected[on] = fewest
    assert found == expected
