"""By when a change is to be confirmed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from services.roster.domain.deadline import deadline
from services.roster.domain.team import TeamSettings
from shared.contracts.roster import Cell, DayChange

SHANGHAI = ZoneInfo("Asia/Shanghai")
TWELVE_HOURS = timedelta(hours=12)
MINUTE = timedelta(minutes=1)


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


ZONES = ("Europe/Berlin", "America/New_York", "Asia/Shanghai")
DAYS = (date(2026, 3, 28), date(2026, 3, 7), date(2026, 10, 24), date(2026, 10, 31), date(2026, 6, 1))
"""The days before Berlin's and New York's clocks change, and an ordinary one."""
QUIET = ((time(22), time(8)), (time(23, 30), time(7, 30)), (time(0), time(6)), (time(13), time(15)))


@settings(deadline=None)
@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    on=st.sampled_from(DAYS),
    quiet=st.sampled_from(QUIET),
    minute=st.integers(0, 24 * 60 - 1),
    within=st.integers(1, 30 * 60),
    until_start=st.integers(2 * 60 + 1, 48 * 60),
)
def test_it_is_where_somebody_comes_who_walks_back_out_of_the_quiet_hours_minute_by_minute(
    zone: ZoneInfo, on: date, quiet: tuple[time, time], minute: int, within: int, until_start: int
) -> None:
    def is_quiet(moment: datetime) -> bool:
        wall = moment.astimezone(zone).time()
        after, before = wall > quiet[0], wall <= quiet[1]
        return after and before if quiet[0] < quiet[1] else after or before

    now = datetime.combine(on, time(), zone).astimezone(UTC) + minute * MINUTE
    start = now + until_start * MINUTE
    wanted = here = min(now + within * MINUTE, start - timedelta(hours=2))
    while here > now and is_quiet(here):
        here -= MINUTE
    cell = Cell(code="X", starts_at=start, ends_at=start + timedelta(hours=8))
    change = DayChange(on=start.astimezone(zone).date(), before=None, after=cell)
    team = TeamSettings(quiet_from=quiet[0], quiet_to=quiet[1])
    found = deadline([change], team, within * MINUTE, now, zone)
    assert (found.confirm_by, found.late_notice) == (here if here > now else wanted, False)


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
    team = TeamSettings(quiet_from=time(), quiet_to=time())
    due = deadline([moved(5, None, shift(5, 9, 18))], team, TWELVE_HOURS, local(2, 15), SHANGHAI)
    assert due.confirm_by == local(3, 3)
