"""Settling a shift: the deviation from the plan, and whose cause it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.roster.domain.attendance import Notice, Punch, settle
from services.roster.domain.punch_window import days_touched, punch_window
from services.roster.domain.shift import Shift
from shared.contracts.roster import Cell
from shared.platform.ids import new_id

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 3, 3)


def at(hour: float, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC) + timedelta(hours=hour)


def shift(starts: float, ends: float, code: str = "X") -> Cell:
    return Cell(code=code, starts_at=at(starts), ends_at=at(ends))


EARLY, LATE, OFF = shift(9, 18, "早"), shift(14, 22, "晚"), Cell(code="休")
UNANSWERED = Notice(state="expired", reached=True)


def worked(*hours: float) -> list[Punch]:
    return [Punch(at(hour), kind) for hour, kind in zip(hours, ["in", "out"] * len(hours), strict=False)]


def judged(
    planned: Cell | None, accountable: Cell | None, punches: list[Punch], notice: Notice | None = None
) -> tuple[str, int, str | None]:
    outcome = settle(planned, accountable, punches, notice)
    return outcome.deviation, outcome.deviation_minutes, outcome.cause


@pytest.mark.parametrize(
    ("punches", "expected"),
    [
        (worked(9, 18), ("none", 0, None)),
        (worked(8.9, 18.2), ("none", 0, None)),
        (worked(9.05, 18), ("none", 0, None)),
        (worked(9.5, 18), ("late", 30, "agent")),
        (worked(9, 17), ("left_early", 60, "agent")),
        (worked(9.5, 16), ("left_early", 120, "agent")),
        ([], ("absent", 540, "agent")),
        (worked(19, 22), ("wrong_shift", 540, "agent")),
        (worked(9), ("none", 0, None)),
        ([Punch(at(18), "out")], ("none", 0, None)),
        (worked(9, 12, 13, 18), ("none", 0, None)),
    ],
)
def test_who_answers_for_the_plan_is_the_cause_of_its_deviations(
    punches: list[Punch], expected: tuple[str, int, str | None]
) -> None:
    assert judged(EARLY, EARLY, punches) == expected


def test_who_worked_the_shift_they_had_confirmed_is_not_to_blame() -> None:
    assert judged(LATE, EARLY, worked(9, 18), UNANSWERED) == ("wrong_shift", 240, "management")


def test_who_worked_neither_the_old_nor_the_new_shift_is() -> None:
    assert judged(LATE, EARLY, [], UNANSWERED) == ("absent", 480, "agent")


def test_who_never_confirmed_anything_is_not_to_blame_for_staying_away() -> None:
    assert judged(EARLY, None, [], UNANSWERED) == ("absent", 540, "management")
    assert judged(EARLY, OFF, [], UNANSWERED) == ("absent", 540, "management")


def test_a_notice_that_reached_nobody_is_the_systems_fault() -> None:
    assert judged(LATE, EARLY, worked(9, 18), Notice(state="expired", failed=True))[2] == "system"
    assert judged(LATE, EARLY, worked(9, 18), Notice(state="expired", failed=True, reached=True))[2] == "management"


def test_who_follows_an_unconfirmed_plan_deviates_from_nothing() -> None:
    assert judged(LATE, EARLY, worked(14, 22), UNANSWERED) == ("none", 0, None)


def test_work_on_a_day_given_off_without_their_knowing_is_managements() -> None:
    assert judged(OFF, EARLY, worked(9, 18), UNANSWERED) == ("unscheduled", 540, "management")


def test_work_that_nobody_planned_is_unscheduled_and_no_fault_of_the_agents() -> None:
    assert judged(None, None, worked(9, 12)) == ("unscheduled", 180, "management")


def test_late_for_a_shift_confirmed_at_late_notice_is_managements_but_staying_away_is_not() -> None:
    hurried = Notice(state="confirmed", late_notice=True, reached=True)
    assert judged(EARLY, EARLY, worked(9.5, 18), hurried)[2] == "management"
    assert judged(EARLY, EARLY, [], hurried)[2] == "agent"


def test_what_was_worked_is_counted_against_the_planned_shift() -> None:
    outcome = settle(EARLY, EARLY, worked(8, 12, 13, 19))
    assert (outcome.scheduled_seconds, outcome.worked_seconds) == (9 * 3600, 8 * 3600)


punches_of_a_day = st.lists(
    st.tuples(st.integers(5 * 60, 27 * 60), st.sampled_from(["in", "out"])).map(
        lambda one: Punch(at(one[0] / 60), one[1])
    ),
    max_size=8,
)
cells = st.sampled_from([None, OFF, EARLY, LATE, shift(22, 30, "夜")])


@given(cells, cells, punches_of_a_day, st.randoms(use_true_random=False))
def test_the_order_of_punches_and_their_repetition_change_nothing(
    planned: Cell | None, accountable: Cell | None, punches: list[Punch], random: st.DataObject
) -> None:
    shuffled = [*punches, *punches]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert settle(planned, accountable, shuffled, UNANSWERED) == settle(planned, accountable, punches, UNANSWERED)


@given(cells, cells, punches_of_a_day)
def test_a_cause_stands_with_a_deviation_and_nowhere_else(
    planned: Cell | None, accountable: Cell | None, punches: list[Punch]
) -> None:
    outcome = settle(planned, accountable, punches, UNANSWERED)
    assert (outcome.cause is None) == (outcome.deviation == "none")
    assert outcome.deviation_minutes >= 0
    assert 0 <= outcome.worked_seconds <= outcome.scheduled_seconds


def days(*cells_by_day: tuple[int, Cell]) -> dict[date, Shift]:
    agent, team = new_id(), new_id()
    return {
        DAY + timedelta(days=number): Shift(agent_id=agent, on=DAY + timedelta(days=number), team_id=team, planned=cell)
        for number, cell in cells_by_day
    }


def day_of_punch(moment: datetime, known: dict[date, Shift], zone: ZoneInfo) -> date | None:
    return next(iter(days_touched(moment, moment, known, zone)), None)


def test_a_punch_after_midnight_belongs_to_the_night_shift_before() -> None:
    nights = days((0, shift(22, 30)), (1, shift(46, 54)))
    assert day_of_punch(at(30.1), nights, SHANGHAI) == DAY
    assert day_of_punch(at(45.8), nights, SHANGHAI) == DAY + timedelta(days=1)


def test_a_punch_between_two_shifts_belongs_to_the_nearer_one() -> None:
    close = days((0, shift(9, 18)), (1, shift(24, 32)))
    assert day_of_punch(at(20.9), close, SHANGHAI) == DAY
    assert day_of_punch(at(21.1), close, SHANGHAI) == DAY + timedelta(days=1)


def test_a_punch_on_a_day_without_shift_belongs_to_that_day() -> None:
    assert day_of_punch(at(10), days(), SHANGHAI) == DAY
    assert day_of_punch(at(10), days((0, OFF)), SHANGHAI) == DAY


@given(
    st.dictionaries(st.integers(-2, 2), st.sampled_from([(9, 18), (14, 22), (22, 30), (0, 8)]), max_size=5),
    st.integers(-12 * 60, 36 * 60),
)
def test_a_punch_belongs_to_one_day_at_most(spans: dict[int, tuple[int, int]], minute: int) -> None:
    known = days(*((number, shift(24 * number + one[0], 24 * number + one[1])) for number, one in spans.items()))
    moment = at(minute / 60)
    windows = [punch_window(DAY + timedelta(days=number), known, SHANGHAI) for number in range(-2, 3)]
    assert sum(starts <= moment < ends for starts, ends in windows) <= 1
