"""The catalogue: what each metric is a fraction of, and what it gives."""

from __future__ import annotations

from collections import Counter

import pytest

from services.kpi.domain.catalogue import CATALOGUE, metric_named
from services.kpi.domain.cuts import USUAL, Cut, longest_ms
from services.kpi.domain.fact import Fact
from services.kpi.domain.metric import Fraction, Part, Unit, reckoning
from services.kpi.domain.sources.contact import contact_fact
from shared.contracts.refusal import Refusal
from tests.unit.kpi.samples import contact, measured

X = 30
ANSWERED = [contact(n, wait=X if n < 860 else X + 1) for n in range(1000)]
ABANDONED = [contact(n, answered=False, wait=wait) for n, wait in enumerate([4] * 10 + [X] * 10 + [X + 1] * 40)]
VECTOR = [contact_fact(told) for told in ANSWERED + ABANDONED]
"""1,000 answered, 860 of them within X; 60 abandoned, 20 of those within X, 10 of those in less than 5 s."""


def asked(metric_id: str, facts: list[Fact], **settings: int) -> Fraction:
    """A metric over contact facts."""
    metric, sums = metric_named(metric_id), Counter[Part]()
    cuts = USUAL | {Cut(name): seconds for name, seconds in settings.items()}
    for fact in facts:
        sums.update({part: _term(part, fact, cuts) for part in metric.parts})
    sides = (sum(part.sign * sums[part.unsigned] for part in side) for side in (metric.numerator, metric.denominator))
    return reckoning(metric)(*sides)


def _term(part: Part, fact: Fact, settings: dict[Cut, int]) -> int:
    if part.cut is None:
        return int(getattr(measured(fact), part.of) or 0)
    value = getattr(measured(fact), part.of)
    return int(value is not None and value <= longest_ms(part.cut, settings))


@pytest.mark.parametrize(
    ("variant", "percent"), [(1, 83.0), (2, 86.0), (3, 81.1), (4, 82.7), (5, 82.1), (6, 81.9), (7, 83.0)]
)
def test_the_seven_service_levels_give_the_published_figures(variant: int, percent: float) -> None:
    value = asked(f"service_level_{variant}", VECTOR, threshold=X).value
    assert value is not None
    assert round(value, 1) == percent


def test_the_service_level_without_a_number_is_the_fourth() -> None:
    assert asked("service_level", VECTOR, threshold=X) == asked("service_level_4", VECTOR, threshold=X)


def test_a_callback_within_the_threshold_counts_in_the_seventh_only() -> None:
    called_back = contact_fact(contact(answered=False, abandoned=False, wait=1))
    assert asked("service_level_7", [called_back]).value == 100
    assert asked("service_level_1", [called_back]).value == 0


def test_a_longer_short_time_makes_more_abandons_short() -> None:
    assert asked("service_level_6", VECTOR, threshold=X).denominator == 1050
    assert asked("service_level_6", VECTOR, threshold=X, short=X + 1).denominator == 1040


@pytest.mark.parametrize("metric_id", CATALOGUE)
def test_a_value_with_nothing_beneath_is_none(metric_id: str) -> None:
    assert reckoning(metric_named(metric_id))(0, 0) == Fraction(None, 0, 0)


@pytest.mark.parametrize("metric", CATALOGUE.values(), ids=lambda metric: metric.id)
def test_every_term_of_a_metric_is_measured_by_its_facts(metric: object) -> None:
    found = metric_named(metric.id)  # type: ignore[attr-defined]
    for part in found.parts:
        assert part.of in (found.kind.spreads if part.cut else found.kind.measures + found.beneath.measures)
        assert not part.cut or part.usually in found.kind.measures
    assert {part.of for part in found.denominator} <= {*found.beneath.measures, *found.beneath.spreads}
    assert found.spread in found.kind.spreads if found.percent else found.denominator
    for words in (found.name, found.formula):
        assert words.zh
        assert words.en


def test_the_usual_cuts_are_what_contacts_count() -> None:
    for part in {part for metric in CATALOGUE.values() for part in metric.parts if part.cut}:
        for wait in (0, 4.999, 5, 20, 20.001, 60):
            for left in ({}, {"answered": False}, {"answered": False, "abandoned": False}):
                fact = contact_fact(contact(wait=wait, **left))
                assert getattr(measured(fact), part.usually) == _term(part, fact, USUAL)


def test_seconds_are_told_in_seconds() -> None:
    made = asked("asa", [contact_fact(contact(1, wait=1.5)), contact_fact(contact(2, wait=2))])
    assert made == Fraction(1.75, 3.5, 2)
    assert metric_named("asa").unit is Unit.SECONDS


def test_an_unknown_metric_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        metric_named("happiness")
    assert refused.value.code == "metric-unknown"
