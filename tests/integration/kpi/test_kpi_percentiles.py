"""Percentiles: within 1 % of the exact ones, whatever is merged in whichever order, and taken back without a trace."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.integration.kpi.test_kpi_ledger import process_in_batches, wipe
from tests.unit.kpi.samples import HOUR, NOON, announced, confirmed, contact


def exact(waits: Sequence[float], percent: int) -> float:
    """By the nearest rank."""
    return sorted(waits)[-(-len(waits) * percent // 100) - 1]


@pytest.fixture
def waits() -> list[float]:
    chance = random.Random(5)
    return [round(chance.expovariate(1 / 60), 3) for _ in range(700)]


@pytest.mark.parametrize("percent", [50, 90, 95])
async def test_percentiles_are_within_one_percent_however_they_are_asked(
    desk: Desk, waits: list[float], percent: int
) -> None:
    told = [contact(n, wait=wait, queued_at=NOON + n * timedelta(minutes=3)) for n, wait in enumerate(waits)]
    await desk.hears(recorded(told))
    right = exact(waits, percent)
    asked = ({}, {"tz": "America/New_York"}, {"agent": "A001"}, {"from_": "2026-03-01T00:00:00Z"}, {"channel": "phone"})
    for params in asked:
        point = await desk.point(f"asa_p{percent}", **params)
        assert point["value"] == pytest.approx(right, rel=0.01)
        assert (point["n"], point["numerator"] >= 700 * percent / 100) == (700, True)
    facts = await desk.facts(f"asa_p{percent}")
    assert sum(fact["numerator"] for fact in facts) == (await desk.point(f"asa_p{percent}"))["numerator"]
    by_day = await desk.points(f"asa_p{percent}", grain="day", from_="2026-03-02", to="2026-03-03")
    for point, of in zip(by_day, (waits[:240], waits[240:700]), strict=True):
        assert point["value"] == pytest.approx(exact(of, percent), rel=0.01)


async def test_one_huge_outlier_moves_no_median_and_leaves_no_trace(desk: Desk, waits: list[float]) -> None:
    await desk.hears(recorded([contact(n, wait=wait) for n, wait in enumerate(waits)]))
    before = await desk.point("asa_p50")
    await desk.hears(recorded([contact(9000, wait=30_000_000)]))
    assert (await desk.point("asa_p50"))["value"] == pytest.approx(before["value"], rel=0.01)
    await desk.hears(recorded([contact(9000, version=2, answered=False, wait=1)]))
    assert await desk.point("asa_p50") == before | {"as_of": (await desk.point("asa_p50"))["as_of"]}


async def test_the_order_of_merging_changes_nothing(desk: Desk, waits: list[float]) -> None:
    told = [contact(n, wait=wait, agent=f"A{n % 7}", queued_at=NOON + n * HOUR / 9) for n, wait in enumerate(waits)]
    await desk.hears(recorded(told))
    whole = await desk.points("asa_p90", by="agent")
    random.Random(1).shuffle(told)
    corrected = [contact(n, version=2, wait=wait, agent=f"A{n % 7}") for n, wait in enumerate(waits)]
    await desk.hears(recorded(corrected[::-1]))
    await desk.hears(recorded(told))
    assert [point["value"] for point in await desk.points("asa_p90", by="agent")] == [point["value"] for point in whole]
    assert await desk.is_consistent()


WAITS = st.one_of(st.floats(0, 600), st.floats(0, 30_000_000), st.sampled_from([0, 0.001, 1, 299.999, 300, 86_400]))
TOLD = st.lists(st.tuples(st.integers(1, 30), st.integers(1, 3), WAITS, st.booleans()), min_size=1, max_size=40)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=TOLD, chance=st.randoms(use_true_random=False))
async def test_whatever_is_corrected_and_in_whatever_order_percentiles_are_within_one_percent_and_the_same(
    desk: Desk, told: list[tuple[int, int, float, bool]], chance: random.Random
) -> None:
    once = {(number, version): (wait, answered) for number, version, wait, answered in told}
    last = {number: once[number, version] for number, version in sorted(once)}
    waits = [round(wait * 1000) / 1000 for wait, answered in last.values() if answered]
    found = []
    for newest_only in (True, False):
        await wipe(desk.database)
        kept = [key for key in once if once[key] == last[key[0]]] if newest_only else list(once) * 2
        chance.shuffle(kept)
        arrivals = []
        for number, version in kept:
            wait, answered = once[number, version]
            at, whose = NOON + number * HOUR, f"A{number % 3}"
            one = contact(number, version=version, wait=wait, answered=answered, queued_at=at, agent=whose)
            arrivals += recorded([one])
        await process_in_batches(desk.consumer, arrivals, chance)
        found.append({percent: await desk.point(f"asa_p{percent}") for percent in (50, 90, 95)})
    assert found[0] == found[1]
    for percent, point in found[1].items():
        right = exact(waits, percent) if waits else None
        assert point["n"] == len(waits)
        assert point["value"] == (None if right is None else pytest.approx(right, rel=0.01 + 1e-9, abs=1e-12))


async def test_the_time_to_confirm_is_from_announcement_to_answer(desk: Desk) -> None:
    await desk.hears([delivery_of(announced())])
    assert (await desk.point("ack_time_p50"))["value"] is None
    await desk.hears([delivery_of(confirmed(at=NOON + HOUR), sequence=2)])
    assert (await desk.point("ack_time"))["value"] == 3600
    assert (await desk.point("ack_time_p90"))["value"] == pytest.approx(3600, rel=0.01)


async def test_a_service_level_is_exact_for_every_whole_second_from_bins_and_from_facts(
    desk: Desk, waits: list[float]
) -> None:
    told = [contact(n, wait=wait, answered=n % 5 > 0) for n, wait in enumerate([*waits, 29.999, 30, 30.001, 400])]
    await desk.hears(recorded(told))
    for threshold in (1, 30, 300, 301, 350):
        right = sum(one.answered and (one.wait_seconds or 0) <= threshold for one in told)
        for params in ({}, {"agent": "A001"}, {"tz": "UTC"}):
            point = await desk.point("service_level_3", threshold=threshold, **params)
            assert (point["numerator"], point["denominator"]) == (right, len(told))
    for short in (1, 5, 31):
        right = sum(not one.answered and (one.wait_seconds or 0) < short for one in told)
        assert (await desk.point("service_level_6", short=short))["denominator"] == len(told) - right
