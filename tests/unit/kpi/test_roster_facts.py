"""What shift changes and settled shifts count for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest

from services.kpi.domain.fact import Fact, latest
from services.kpi.domain.sources import FACTS
from shared.contracts.event import Event
from shared.contracts.roster import Cell
from shared.contracts.routes import HEARS
from tests.unit.kpi.samples import HOUR, NOON, announced, confirmed, enveloped, measured, settled, superseded, withdrawn


def fact_of(*events: Event) -> Fact:
    """The fact that these events, in their sequence, leave."""
    [fact] = latest(_facts(list(enumerate(events, start=1))))
    return fact


def _facts(numbered: Sequence[tuple[int, Event]]) -> list[Fact]:
    told = [(source, event, enveloped(event, n)) for n, event in numbered for _, source in FACTS[type(event)]]
    return [fact for source, event, envelope in told for fact in source(event, envelope)]


def test_every_event_that_kpi_hears_makes_facts_but_who_people_are() -> None:
    people = {type_ for type_ in HEARS["kpi"] if type_.startswith(("roster.team.", "roster.agent."))}
    assert {cls.type for cls in FACTS} == set(HEARS["kpi"]) - people


@pytest.mark.parametrize(
    ("events", "asked", "in_time"),
    [
        ([announced()], 1, 0),
        ([announced(), confirmed()], 1, 1),
        ([announced(), confirmed(at=NOON + 20 * HOUR)], 1, 0),
        ([announced(), superseded()], 0, 0),
        ([announced(), withdrawn()], 0, 0),
    ],
)
def test_what_a_change_counts_for_is_the_same_in_any_order(events: list[Event], asked: int, in_time: int) -> None:
    for order in permutations(list(enumerate(events, start=1))):
        [fact] = latest(_facts(order))
        assert (measured(fact).asked, measured(fact).confirmed_before_start) == (asked, in_time)
        assert fact.happened_at == NOON
        assert fact == fact_of(*events)


def test_a_shift_worked_as_planned_is_settled_without_deviation() -> None:
    fact = fact_of(settled())
    assert (measured(fact).settled, measured(fact).deviations) == (1, 0)
    assert (fact.belongs.dimensions.cause, fact.belongs.dimensions.deviation) == (None, "none")


@pytest.mark.parametrize(
    ("cause", "by_agent", "by_management"), [("agent", 1, 0), ("management", 0, 1), ("system", 0, 0), ("excused", 0, 0)]
)
def test_a_deviation_counts_by_its_cause(cause: str, by_agent: int, by_management: int) -> None:
    fact = fact_of(settled(deviation="absent", cause=cause))
    counted = measured(fact)
    assert (counted.settled, counted.deviations) == (1, 1)
    assert (counted.deviations_by_agent, counted.deviations_by_management) == (by_agent, by_management)
    assert fact.belongs.dimensions.cause == cause


@pytest.mark.parametrize("start_hour", [-9, 0, 5, 22, 23, 24, 30])
def test_a_night_shift_counts_on_its_own_day_even_at_the_end_of_a_month(start_hour: int) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    midnight = NOON.astimezone(zone).replace(month=1, day=31, hour=0)
    starts_at = midnight + timedelta(hours=start_hour)
    night = Cell(code="夜", starts_at=starts_at, ends_at=starts_at + 8 * HOUR)
    fact = fact_of(settled(shift_on=date(2026, 1, 31), planned=night))
    assert fact.happened_at.astimezone(zone).date() == fact.day_on == date(2026, 1, 31)


def test_where_nothing_was_planned_a_shift_counts_when_its_agent_came() -> None:
    fact = fact_of(settled(planned=None, accountable=None, came_at=NOON, deviation="unscheduled"))
    assert fact.happened_at == NOON
