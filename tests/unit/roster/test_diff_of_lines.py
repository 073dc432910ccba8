"""What differs between two lines, and that it is all that differs."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.roster.domain.code import Codebook, ShiftCode, explicit_times, normal
from services.roster.domain.diff import applied, diff, diff_hash, kind_of
from services.roster.domain.line import days_from, days_json, line_from, line_json, resolved
from shared.contracts.roster import Cell, DayChange
from shared.platform.ids import new_id

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST = date(2026, 3, 2)


def code(name: str, starts: str | None = None, ends: str | None = None, team: bool = False) -> ShiftCode:
    return ShiftCode(
        code_id=new_id(),
        code=name,
        name=name,
        team_id=new_id() if team else None,
        starts=time.fromisoformat(starts) if starts else None,
        ends=time.fromisoformat(ends) if ends else None,
        updated_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


CODES = [code("早", "09:00", "18:00"), code("晚", "14:00", "22:00"), code("夜", "22:00", "06:00"), code("休")]
BOOK = Codebook(CODES, SHANGHAI)

texts = st.dictionaries(
    st.integers(0, 40).map(lambda n: FIRST + timedelta(days=n)),
    st.sampled_from(["早", "晚", "夜", "休", "09:30-18:00", "23:00-07:00"]),
    max_size=20,
)
lines = texts.map(lambda line: resolved(line, BOOK))


@given(lines, lines)
def test_a_diff_applied_to_the_first_line_gives_the_second(a: dict[date, Cell], b: dict[date, Cell]) -> None:
    assert applied(a, diff(a, b)) == b


@given(lines)
def test_a_line_does_not_differ_from_itself(a: dict[date, Cell]) -> None:
    assert diff(a, dict(a)) == ()


@given(lines, lines)
def test_every_day_of_a_diff_differs_and_they_come_in_order(a: dict[date, Cell], b: dict[date, Cell]) -> None:
    days = diff(a, b)
    assert all(day.before != day.after for day in days)
    assert [day.on for day in days] == sorted({day.on for day in days})


@given(lines)
def test_a_line_is_read_back_as_it_was_stored(line: dict[date, Cell]) -> None:
    assert line_from(line_json(line)) == line


@given(lines, lines)
def test_days_are_read_back_as_they_were_stored(a: dict[date, Cell], b: dict[date, Cell]) -> None:
    assert days_from(days_json(diff(a, b))) == diff(a, b)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (None, "早", "added"),
        ("休", "早", "added"),
        ("早", None, "removed"),
        ("早", "休", "removed"),
        ("早", "晚", "moved"),
        ("早", "09:00-18:00", "recoded"),
        (None, "休", "recoded"),
    ],
)
def test_a_difference_is_named_by_what_it_means_for_work(before: str | None, after: str | None, kind: str) -> None:
    cells = [BOOK.cell(text, FIRST) if text else None for text in (before, after)]
    assert kind_of(DayChange(on=FIRST, before=cells[0], after=cells[1])) == kind


def test_the_same_question_has_the_same_hash_and_another_has_another() -> None:
    early = (DayChange(on=FIRST, before=None, after=BOOK.cell("早", FIRST)),)
    late = (DayChange(on=FIRST, before=None, after=BOOK.cell("晚", FIRST)),)
    assert diff_hash(early) == diff_hash(tuple(early)) != diff_hash(late)


def test_a_night_shift_ends_on_the_next_day_and_belongs_to_the_day_it_starts() -> None:
    night = BOOK.cell("夜", FIRST)
    assert night == Cell(
        code="夜",
        starts_at=datetime(2026, 3, 2, 22, tzinfo=SHANGHAI).astimezone(UTC),
        ends_at=datetime(2026, 3, 3, 6, tzinfo=SHANGHAI).astimezone(UTC),
    )


def test_a_night_in_which_the_clocks_change_is_as_long_as_it_is() -> None:
    book = Codebook(CODES, ZoneInfo("Europe/Berlin"))
    assert hours(book.cell("夜", date(2026, 3, 28))) == 7
    assert hours(book.cell("夜", date(2026, 10, 24))) == 9


def hours(cell: Cell | None) -> float:
    assert cell
    assert cell.starts_at
    assert cell.ends_at
    return (cell.ends_at - cell.starts_at) / timedelta(hours=1)


def test_a_teams_own_code_goes_before_the_houses() -> None:
    book = Codebook([code("早", "08:00", "16:00", team=True), *CODES], SHANGHAI)
    assert book.cell("早", FIRST) == Cell(
        code="早",
        starts_at=datetime(2026, 3, 2, 0, tzinfo=UTC),
        ends_at=datetime(2026, 3, 2, 8, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("9:30-18:00", "09:30-18:00"),
        (" 09:30 ~ 18:00 ", "09:30-18:00"),
        ("09：30—18：00", "09:30-18:00"),
        ("9:30至18:00", "09:30-18:00"),
        ("16:00-24:00", "16:00-00:00"),
        (" 早 ", "早"),
    ],
)
def test_a_cell_has_one_spelling(written: str, meant: str) -> None:
    assert normal(written) == meant


@pytest.mark.parametrize("text", ["早", "9-18", "25:00-26:00", "09:60-18:00", ""])
def test_what_is_no_time_is_not_read_as_one(text: str) -> None:
    assert explicit_times(text) is None


def test_a_cell_keeps_its_hours_in_the_sheet_when_its_code_has_changed_its_meaning() -> None:
    before = BOOK.cell("早", FIRST)
    assert before
    changed = Codebook([code("早", "08:00", "17:00")], SHANGHAI)
    assert changed.text_for(before, FIRST) == "09:00-18:00"
    assert BOOK.text_for(before, FIRST) == "早"
