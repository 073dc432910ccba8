"""Every metric of the catalogue over HTTP: its unit, which way is better, and both its sides as counted by hand."""

from __future__ import annotations

import pytest

from tests.integration.kpi.book import BOOK
from tests.integration.kpi.conftest import Desk

UNITS = {"%": "percent", "‰": "per_thousand", "s": "seconds", "pt": "points", "#": "count"}
BETTER = {"↑": "up", "↓": "down", "": "neither"}


def asked(question: str) -> tuple[str, dict[str, str]]:
    """`metric?name=value&…` as a metric and what is asked of it."""
    metric, _, params = question.partition("?")
    return metric, dict(pair.split("=") for pair in params.split("&") if pair)


@pytest.mark.parametrize("subject", BOOK)
async def test_every_metric_is_its_formula_and_opens_to_the_facts_on_both_its_sides(desk: Desk, subject: str) -> None:
    events, rows = BOOK[subject]
    await desk.hears(events)
    for question, row in rows.items():
        metric, params = asked(question)
        point = await desk.point(metric, **params)
        near = pytest.approx(row.value, rel=0.01 if "_p" in metric else 1e-12)
        assert (point["value"], point["numerator"], point["denominator"]) == (near, *row[2:]), question
        top = await desk.facts(metric, side="numerator", **params)
        beneath = await desk.facts(metric, side="denominator", **params)
        assert sum(fact["numerator"] for fact in top) == row.numerator, question
        assert sum(fact["denominator"] for fact in beneath) == row.denominator, question


async def test_every_metric_tells_its_unit_and_which_way_is_better(desk: Desk) -> None:
    found = {item["id"]: item for item in (await desk.manager.get("/kpi/v1/metrics")).json()["items"]}
    book = {asked(question)[0]: row for _, rows in BOOK.values() for question, row in rows.items()}
    assert found.keys() == book.keys()
    for metric, row in book.items():
        unit = row.unit.rstrip("↑↓")
        assert (found[metric]["unit"], found[metric]["better"]) == (UNITS[unit], BETTER[row.unit[len(unit) :]]), metric
