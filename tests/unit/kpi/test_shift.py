"""Who works when, as roster tells it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.kpi.domain.shift import Shift, newest, shifts_told
from shared.contracts.roster import Cell, DayChange
from tests.unit.kpi.samples import HOUR, NOON, announced, confirmed, enveloped, settled

EVENING = datetime(2026, 3, 2, 14, tzinfo=UTC)
"""Ten in the evening in Shanghai."""

TODAY, TOMORROW = date(2026, 3, 2), date(2026, 3, 3)


def cell(hours: float) -> Cell:
    return Cell(code="夜", starts_at=EVENING, ends_at=EVENING + hours * HOUR)


@pytest.mark.parametrize(("hours", "over_midnight"), [(1.5, False), (2, False), (2.01, True), (8, True)])
def test_a_shift_goes_over_midnight_when_it_ends_behind_that_of_its_own_zone(hours: float, over_midnight: bool) -> None:
    change = announced(days=(DayChange(on=TODAY, before=None, after=cell(hours)),), zone="Asia/Shanghai")
    [shift] = shifts_told(enveloped(change))
    assert (shift.staff_no, shift.shift_on, shift.over_midnight, shift.settled) == ("A001", TODAY, over_midnight, False)


def test_a_day_off_is_told_too() -> None:
    days = (DayChange(on=TODAY, before=cell(8), after=None), DayChange(on=TOMORROW, before=None, after=Cell(code="休")))
    told = list(shifts_told(enveloped(announced(days=days))))
    assert [(shift.shift_on, shift.starts_at, shift.over_midnight) for shift in told] == [
        (TODAY, None, False),
        (TOMORROW, None, False),
    ]


def test_settled_it_is_the_shift_that_the_agent_answers_for() -> None:
    [shift] = shifts_told(enveloped(settled(planned=cell(2), accountable=cell(8))))
    assert (shift.settled, shift.ends_at) == (True, EVENING + 8 * HOUR)
    [planned] = shifts_told(enveloped(settled(planned=cell(8), accountable=None)))
    assert planned.ends_at == EVENING + 8 * HOUR


def test_what_says_nothing_of_times_tells_of_no_shift() -> None:
    assert list(shifts_told(enveloped(confirmed()))) == []


def test_of_a_day_the_settled_shift_counts_and_then_the_newest() -> None:
    [planned] = shifts_told(enveloped(announced(days=(DayChange(on=TODAY, before=None, after=cell(8)),))))
    later: Shift = planned._replace(told_at=NOON + timedelta(days=2))
    [done] = shifts_told(enveloped(settled()))
    assert newest([planned, later, planned]) == [later]
    assert newest([later, done, planned]) == [done]
    other = replace(settled(), staff_no="A000")
    assert [shift.staff_no for shift in newest([done, *shifts_told(enveloped(other))])] == ["A000", "A001"]
