"""By when a change is to be confirmed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.roster.domain.deadline import deadline
from services.roster.domain.team import TeamSettings
from shared.contracts.roster import Cell, DayChange

SHANGHAI = ZoneInfo("Asia/Shanghai")
TWELVE_HOURS = timedelta(hours=12)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def shift(day: int, starts: int, ends: int) -> Cell:
    return Cell(code="X", starts_at=local(day, starts), ends_at=local(day, ends))


def moved(day: int, before: Cell | None, after: Cell | None) -> DayChange:
    return DayChange(on=date(2026, 3, day), before=before, after=after)


def asked(now: datetime, *days: DayChange, within: timedelta = TWELVE_HOURS) -> tuple[datetime, bool]:
    due = deadline(days, TeamSettings(), within, now, SHANGHAI)
    return due.confirm_by, due.late_notice


def test_it_is_twelve_hours_after_publication_when_the_shift_is_far_away() -> None:
    assert asked(local(2, 9), moved(5, None, shift(5, 9, 18))) == (local(2, 21), False)


def test_it_is_two_hours_before_the_first_affected_start_when_that_is_earlier() -> None:
    assert asked(local(2, 9), moved(2, None, shift(2, 19, 23))) == (local(2, 17), False)


def test_the_old_start_counts_as_well_as_the_new_one() -> None:
    change = moved(3, shift(3, 9, 18), shift(3, 14, 22))
    assert deadline([change], TeamSettings(), TWELVE_HOURS, local(2, 9), SHANGHAI).first_start_at == local(3, 9)


def test_it_moves_back_out_of_the_quiet_hours() -> None:
    assert asked(local(2, 15), moved(5, None, shift(5, 9, 18))) == (local(2, 22), False)


def test_it_stays_in_the_quiet_hours_when_their_beginning_has_passed() -> None:
    assert asked(local(2, 22, 30), moved(3, None, shift(3, 7, 15))) == (local(3, 5), False)


def test_with_less_than_the_minimum_notice_the_start_itself_is_the_deadline_and_notice_is_late() -> None:
    assert asked(local(2, 22), moved(2, None, shift(3, 6, 14))) == (local(3, 4), False)
    assert asked(local(3, 4, 30), moved(3, None, shift(3, 6, 14))) == (local(3, 6), True)


def test_a_shift_that_has_begun_is_asked_about_before_its_new_end() -> None:
    running = moved(2, shift(2, 8, 18), shift(2, 8, 15))
    due = deadline([running], TeamSettings(), TWELVE_HOURS, local(2, 14), SHANGHAI)
    assert (due.confirm_by, due.late_notice) == (local(2, 15), True)


def test_a_day_off_that_only_changes_its_name_counts_from_its_midnight() -> None:
    named = moved(5, None, Cell(code="休"))
    assert deadline([named], TeamSettings(), TWELVE_HOURS, local(2, 9), SHANGHAI).first_start_at == local(5, 0)


def test_a_team_without_quiet_hours_is_asked_by_the_hour() -> None:
    settings = TeamSettings(quiet_from=datetime.min.time(), quiet_to=datetime.min.time())
    due = deadline([moved(5, None, shift(5, 9, 18))], settings, TWELVE_HOURS, local(2, 15), SHANGHAI)
    assert due.confirm_by == local(3, 3)
