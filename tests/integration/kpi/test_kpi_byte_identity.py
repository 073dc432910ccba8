"""Whatever reaches kpi in whatever order and however often, what it answers over HTTP is the same, byte by byte."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.kpi.commands.posting import judge_returns
from services.kpi.commands.rebuilding import rebuild
from services.kpi.domain.catalogue import CATALOGUE
from shared.contracts.event import Event
from shared.platform.transport import Delivery
from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.integration.kpi.test_kpi_ledger import only_one_content_per_version, process_in_batches, wipe
from tests.integration.kpi.test_kpi_returns import visit
from tests.unit.kpi.samples import HOUR, NOON, announced, confirmed, settled, superseded
from tests.unit.kpi.test_case_facts import (
    BROKEN,
    CLOSED,
    MADE,
    OPENED,
    OVERDUE,
    REOPENED,
    REQUESTED,
    RESOLVED,
    complaint_raised,
    kept,
    over,
)

STORY: Sequence[tuple[Event, int]] = (
    (announced(), 1),
    (confirmed(), 2),
    (superseded(), 3),
    (settled(1), 1),
    (settled(1, deviation="late", cause="agent"), 2),
    (settled(2, deviation="absent", cause="management", staff_no="A002", agent_name="陈立"), 1),
    (OPENED, 1),
    (RESOLVED, 2),
    (REOPENED, 3),
    (RESOLVED, 4),
    (CLOSED, 5),
    (REQUESTED, 1),
    (OVERDUE, 2),
    (over("answered", False), 3),
    (MADE, 1),
    (BROKEN, 2),
    (kept(in_time=True), 3),
    (complaint_raised(), 1),
)
"""Corrections, reopenings, what came too late and what was settled again, of every kind."""

VISITS = st.builds(
    visit,
    st.integers(1, 12),
    st.sampled_from([0, 0.3, 2, 6.9, 7.1, 20]),
    customer=st.integers(0, 2),
    topic=st.sampled_from(["bill", "card", None]),
    version=st.integers(1, 3),
    answered=st.booleans(),
    wait=st.sampled_from([0.1, 4.9, 20, 61]),
    agent=st.sampled_from(["A001", "A002", None]),
    rating=st.sampled_from([None, 2, 5]),
)

SPRING = {"from": "2026-02-20", "to": "2026-04-10"}
BY_DAY = {**SPRING, "grain": "day"}

ASKED: Sequence[tuple[str, dict[str, str]]] = (
    ("metrics/answer_rate", {"by": "agent"}),
    ("metrics/aht", {"by": "team", "grain": "month", **SPRING}),
    ("metrics/service_level", {"threshold": "30", "by": "topic"}),
    ("metrics/asa_p90", {"tz": "America/St_Johns"}),
    ("metrics/fcr_windowed", {**BY_DAY, "tz": "UTC"}),
    ("metrics/repeat_rate", {"by": "topic"}),
    ("metrics/deviations", {"by": "cause", "grain": "shift_day", **SPRING}),
    ("metrics/answer_rate/facts", {"limit": "200"}),
    ("metrics/fcr_windowed/facts", {"limit": "200"}),
    ("metrics/closed_loop/facts", {}),
    ("metrics/answer_rate/export.csv", {"by": "agent", **BY_DAY}),
    ("dashboards/today", {}),
    ("dashboards/heatmap/answer_rate", SPRING),
    ("dashboards/distribution/asa_p90", SPRING),
    ("dashboards/trend/contacts_handled", BY_DAY),
    ("quadrant", SPRING),
)


async def answered(desk: Desk) -> dict[str, bytes]:
    """Every metric as a whole, and what pictures, lists and sheets show: the bodies as they arrive."""
    found = {}
    for start in range(0, len(CATALOGUE), 50):
        queries = [{"metric": metric} for metric in list(CATALOGUE)[start : start + 50]]
        answer = await desk.manager.post("/kpi/v1/metrics:query", json={"queries": queries})
        found[f"all from {start}"] = answer.read()
        assert answer.status_code == 200, answer.text
    for path, params in ASKED:
        answer = await desk.manager.get(f"/kpi/v1/{path}", params=params)
        assert answer.status_code == 200, answer.text
        found[path + str(params)] = answer.read()
    return found


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(visits=st.lists(VISITS, min_size=4, max_size=12), chance=st.randoms(use_true_random=False))
async def test_redelivered_ten_times_shuffled_corrected_late_and_rebuilt_the_answers_are_the_same_bytes(
    desk: Desk, visits: list[Any], chance: random.Random
) -> None:
    contacts = only_one_content_per_version([[visit] for visit in visits])
    once = [recorded(entry)[0] for entry in contacts]
    once += [
        delivery_of(event, sequence=sequence, at=NOON + place * HOUR) for place, (event, sequence) in enumerate(STORY)
    ]
    await wipe(desk.database)
    await desk.hears(once)
    right = await answered(desk)

    again = once * 10
    chance.shuffle(again)
    await wipe(desk.database)
    await _in_parts(desk, again, chance)
    assert await answered(desk) == right
    assert await desk.is_consistent()


async def _in_parts(desk: Desk, deliveries: Sequence[Delivery], chance: random.Random) -> None:
    """Some, then a rebuild or a judgement in between, then the rest."""
    middle = chance.randrange(len(deliveries))
    await process_in_batches(desk.consumer, list(deliveries[:middle]), chance)
    if chance.random() < 0.5:
        await judge_returns(desk.database)
    assert (await rebuild(desk.database, progress=lambda *_: None)).corrected == {}
    await process_in_batches(desk.consumer, list(deliveries[middle:]), chance)
    await judge_returns(desk.database)
