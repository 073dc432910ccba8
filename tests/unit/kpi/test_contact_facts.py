"""What a contact counts for."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from services.kpi.domain.kinds import CONTACT
from services.kpi.domain.sources.contact import contact_fact
from shared.contracts.cases import ContactFact
from tests.unit.kpi.samples import NOON, TEAM, contact, measured


def measures_of(told: ContactFact) -> SimpleNamespace:
    return measured(contact_fact(told))


def test_an_answered_call_counts_as_offered_answered_and_handled() -> None:
    fact = contact_fact(contact(wait=12.5, talk_seconds=100, hold_seconds=20.5, wrap_seconds=10))
    counted = measured(fact)
    assert (counted.offered, counted.answered, counted.handled, counted.abandoned) == (1, 1, 1, 0)
    assert (counted.answered_wait_ms, counted.talk_ms, counted.handle_ms) == (12_500, 100_000, 130_500)
    assert (counted.abandoned_wait_ms, counted.other_wait_ms) == (None, None)


def test_a_fact_keeps_whom_it_belonged_to_then() -> None:
    fact = contact_fact(contact(version=3, topic="t1", topic_name="账单", queue="main"))
    assert (fact.belongs.kind, fact.version, fact.happened_at) == (CONTACT, 3, NOON)
    dimensions = fact.belongs.dimensions
    assert (dimensions.agent, dimensions.agent_name) == ("A001", "林晓梅")
    assert (dimensions.team, dimensions.team_name) == (str(TEAM), "热线一组")
    assert (dimensions.topic, dimensions.channel, dimensions.queue) == ("t1", "phone", "main")
    assert dimensions.zone == "Asia/Shanghai"


def test_an_abandoned_call_is_offered_and_not_handled() -> None:
    counted = measures_of(contact(answered=False, wait=4.999))
    assert (counted.offered, counted.answered, counted.handled, counted.abandoned) == (1, 0, 0, 1)
    assert (counted.abandoned_quickly, counted.abandoned_shortly) == (1, 1)


def test_an_abandon_after_an_unknown_wait_is_not_taken_for_a_short_one() -> None:
    counted = measures_of(replace(contact(answered=False), wait_seconds=None))
    assert (counted.offered, counted.abandoned) == (1, 1)
    assert (counted.abandoned_quickly, counted.abandoned_shortly) == (0, 0)


def test_an_abandon_of_exactly_five_seconds_is_not_short() -> None:
    assert measures_of(contact(answered=False, wait=5)).abandoned_shortly == 0


@pytest.mark.parametrize(("wait", "quick"), [(0, 1), (20, 1), (20.001, 0), (21, 0)])
def test_an_answer_is_quick_up_to_and_with_twenty_seconds(wait: float, quick: int) -> None:
    assert measures_of(contact(wait=wait)).answered_quickly == quick


def test_a_contact_that_left_for_a_callback_was_neither_answered_nor_abandoned() -> None:
    counted = measures_of(contact(answered=False, abandoned=False, wait=3))
    assert (counted.offered, counted.answered, counted.abandoned, counted.left_otherwise_quickly) == (1, 0, 0, 1)


def test_what_the_centre_dials_itself_is_handled_but_was_never_offered() -> None:
    fact = contact_fact(contact(direction="outbound", talk_seconds=60))
    counted = measured(fact)
    assert (counted.contacts, counted.offered, counted.answered, counted.handled) == (1, 0, 0, 1)
    assert (counted.answered_wait_ms, counted.abandoned_wait_ms, counted.other_wait_ms) == (None, None, None)


def test_an_unknown_talk_time_is_not_a_short_one() -> None:
    counted = measures_of(contact(talk_seconds=None, wrap_seconds=30))
    assert (counted.handled, counted.timed, counted.handle_ms) == (1, 0, None)


@pytest.mark.parametrize(("rating", "good", "bad"), [(1, 0, 1), (3, 0, 1), (4, 1, 0), (5, 1, 0), (None, 0, 0)])
def test_four_and_five_are_good_and_the_rest_bad(rating: int | None, good: int, bad: int) -> None:
    counted = measures_of(contact(rating=rating))
    assert (counted.rated_good, counted.rated_bad) == (good, bad)
    assert (counted.rated, counted.rating_points) == (int(rating is not None), rating)


@pytest.mark.parametrize(("resolved", "told", "done"), [(True, 1, 1), (False, 1, 0), (None, 0, 0)])
def test_not_told_is_not_unresolved(resolved: bool | None, told: int, done: int) -> None:
    counted = measures_of(contact(resolved=resolved))
    assert (counted.resolution_told, counted.resolved) == (told, done)


@pytest.mark.parametrize(("converted", "told", "done"), [(True, 1, 1), (False, 1, 0), (None, 0, 0)])
def test_a_contact_that_was_to_bring_about_nothing_is_not_a_failed_one(
    converted: bool | None, told: int, done: int
) -> None:
    counted = measures_of(contact(converted=converted))
    assert (counted.conversion_told, counted.converted) == (told, done)


def test_nobody_converts_who_was_not_reached() -> None:
    counted = measures_of(contact(answered=False, abandoned=False, direction="outbound", converted=True))
    assert (counted.conversion_told, counted.converted) == (0, 0)


@pytest.mark.parametrize(("wait", "ms"), [(-1, 0), (float("nan"), 0), (1e12, 366 * 86_400_000)])
def test_an_impossible_duration_counts_as_the_nearest_possible_one(wait: float, ms: int) -> None:
    assert measures_of(contact(wait=wait)).answered_wait_ms == ms


def test_an_impossible_rating_is_none() -> None:
    assert measures_of(contact(rating=6)) == measures_of(contact(rating=None))
