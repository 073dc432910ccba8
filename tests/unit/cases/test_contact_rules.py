"""What follows from what a source tells about a contact, what contradicts itself, and what is a repeat."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.domain.contact import Told, faults_of, tell
from services.cases.store.contacts import fingerprint

QUEUED = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return QUEUED + timedelta(seconds=seconds)


def codes(told: Told) -> list[tuple[str, str]]:
    return [(fault.field, fault.code) for fault in faults_of(told)]


def test_times_give_the_seconds() -> None:
    told = tell(queued_at=QUEUED, answered_at=after(20), ended_at=after(200), hold_seconds=30)
    assert (told.answered, told.abandoned) == (True, False)
    assert (told.wait_seconds, told.talk_seconds) == (20, 150)


def test_seconds_give_the_times() -> None:
    told = tell(queued_at=QUEUED, answered=True, wait_seconds=109, talk_seconds=143)
    assert (told.answered_at, told.ended_at) == (after(109), after(252))


def test_what_is_told_outright_is_not_worked_out() -> None:
    told = tell(queued_at=QUEUED, answered_at=after(20), ended_at=after(200), wait_seconds=19.5, talk_seconds=170)
    assert (told.wait_seconds, told.talk_seconds) == (19.5, 170)


def test_a_caller_who_hung_up_waited_until_then() -> None:
    told = tell(queued_at=QUEUED, ended_at=after(33))
    assert (told.answered, told.abandoned, told.wait_seconds, told.talk_seconds) == (False, True, 33, None)


def test_how_long_an_unanswered_contact_waited_may_stay_unknown() -> None:
    told = tell(queued_at=QUEUED)
    assert (told.answered, told.abandoned, told.wait_seconds) == (False, True, None)


def test_nobody_answering_an_outbound_call_is_no_abandoned_contact() -> None:
    assert tell(queued_at=QUEUED, direction="outbound").abandoned is False


@given(
    wait=st.floats(0, 10_000),
    talk=st.none() | st.floats(0, 10_000),
    answered=st.booleans(),
    hold=st.none() | st.floats(0, 100),
)
def test_what_was_completed_is_complete(wait: float, talk: float | None, answered: bool, hold: float | None) -> None:
    once = tell(queued_at=QUEUED, answered=answered, wait_seconds=wait, talk_seconds=talk, hold_seconds=hold)
    assert tell(**once._asdict()) == once
    assert list(faults_of(once)) == []


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        (tell(queued_at=QUEUED, answered_at=after(-1)), ("answered_at", "contact-times-out-of-order")),
        (
            tell(queued_at=QUEUED, answered_at=after(9), ended_at=after(8)),
            ("ended_at", "contact-times-out-of-order"),
        ),
        (tell(queued_at=QUEUED, ended_at=after(-1)), ("ended_at", "contact-times-out-of-order")),
        (tell(queued_at=QUEUED, answered=False, answered_at=after(1)), ("answered_at", "contact-not-answered")),
        (tell(queued_at=QUEUED, answered=True), ("answered_at", "contact-wait-unknown")),
        (
            tell(queued_at=QUEUED, answered_at=after(1), abandoned=True),
            ("abandoned", "contact-answered-and-abandoned"),
        ),
    ],
)
def test_contradictions_are_named(told: Told, fault: tuple[str, str]) -> None:
    assert codes(told) == [fault]


def test_a_repeat_has_the_same_fingerprint_and_any_difference_another() -> None:
    told = tell(queued_at=QUEUED, agent="A001", rating=4)
    assert fingerprint(told) == fingerprint(told._replace())
    others = [
        told._replace(rating=5),
        told._replace(rating=None),
        told._replace(agent="A002"),
        told._replace(topic="x"),
        told._replace(converted=True),
        told._replace(converted=False),
    ]
    assert len({fingerprint(one) for one in [told, *others]}) == 7


def test_a_contact_from_before_conversion_was_told_still_has_its_fingerprint() -> None:
    """Kept of a contact recorded before `converted` was: told again the same, it must not look corrected."""
    assert fingerprint(tell(queued_at=QUEUED, agent="A001", rating=4)).hex() == "9a7e4891b85328a22e950b0eb00377e9"
