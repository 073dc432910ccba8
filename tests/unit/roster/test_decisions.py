"""Until when somebody decides, and who is reminded when: halfway, at the deadline, then every day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.roster.domain.decision import decide_by, deciders, next_reminder, reminder
from services.roster.domain.team import Team
from services.roster.domain.unresolved import Undecided, next_look, told_at
from shared.platform.ids import stable_id

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
CHAIN = ("lead", "supervisor", "manager")
lengths = st.integers(1, 60 * 24 * 40).map(lambda minutes: minutes * MINUTE)


def team(lead: str | None = "L001", supervisor: str | None = "S001") -> Team:
    return Team(
        team_id=stable_id("t"), code="T1", name="一组", lead=lead, supervisor=supervisor, version=1, updated_at=NOW
    )


def test_it_is_decided_within_the_teams_time_and_before_it_begins() -> None:
    assert decide_by(NOW, DAY) == NOW + DAY
    assert decide_by(NOW, DAY, NOW + 30 * DAY) == NOW + DAY
    assert decide_by(NOW, DAY, NOW + 5 * HOUR) == NOW + 5 * HOUR


def test_what_has_begun_is_decided_within_the_hour() -> None:
    assert decide_by(NOW, DAY, NOW - DAY) == NOW + HOUR


def test_nobody_decides_their_own_request() -> None:
    assert deciders(team(), "A001") == CHAIN
    assert deciders(team(), "A001", "L001") == ("supervisor", "manager")
    assert deciders(team(), "S001") == ("lead", "manager")
    assert deciders(team(lead=None), "S001") == ("manager",)


def test_reminders_come_halfway_at_the_deadline_and_then_every_day() -> None:
    by, moments, at = NOW + DAY, [], NOW
    for _ in range(4):
        at = next_reminder(NOW, by, at)
        moments.append((at - NOW, reminder(CHAIN, by, at)))
    assert [(at, one.step, one.told) for at, one in moments] == [
        (DAY / 2, 1, ("lead",)),
        (DAY, 2, ("lead", "supervisor")),
        (2 * DAY, 3, CHAIN),
        (3 * DAY, 4, CHAIN),
    ]


@given(lengths, lengths)
def test_whenever_one_looks_there_is_a_reminder_to_come_within_the_time_or_a_day(
    within: timedelta, later: timedelta
) -> None:
    now = NOW + later
    due = next_reminder(NOW, NOW + within, now)
    assert now < due <= now + max(within, DAY)


def test_what_a_publication_left_undecided_is_looked_at_until_nothing_waits() -> None:
    waiting = [Undecided(state="refused", confirm_by=NOW, first_start_at=NOW + 3 * HOUR)]
    assert next_look(waiting, DAY, NOW) == NOW + 1.5 * HOUR
    assert told_at(waiting, DAY, NOW + 1.5 * HOUR).told == ("supervisor",)
    assert next_look(waiting, DAY, NOW + 1.5 * HOUR) == NOW + 3 * HOUR
    assert told_at(waiting, DAY, NOW + 3 * HOUR).told == ("supervisor", "manager")
    assert next_look(waiting, DAY, NOW + 30 * HOUR) == NOW + 51 * HOUR
    assert next_look([], DAY, NOW) is None
