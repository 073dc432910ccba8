"""Who comes again: judged among the customer's other contacts, however late or corrected those arrive."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.kpi.commands.posting import judge_returns
from shared.contracts.cases import ContactFact
from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.integration.kpi.test_kpi_ledger import process_in_batches, state_of, wipe
from tests.unit.kpi.samples import NOON, announced, contact

DAY = timedelta(days=1)
WINDOW = 7 * DAY
CUSTOMERS = [UUID(int=100), UUID(int=101), None]


def visit(number: int, day: float, *, customer: int = 0, topic: str | None = "bill", **more: Any) -> ContactFact:
    """A contact of a known customer about something."""
    told = {"customer_id": CUSTOMERS[customer], "topic": topic, "topic_name": topic}
    return contact(number, queued_at=NOON + day * DAY, **told | more)


def oracle(contacts: Sequence[ContactFact]) -> dict[str, tuple[int, int]]:
    """The definitions, word by word."""
    inbound = [one for one in contacts if one.customer_id and one.direction == "inbound"]
    told = sorted(inbound, key=lambda one: (one.queued_at, one.contact_id))
    repeats = settled = judged = 0
    for place, one in enumerate(told):
        before = [other for other in told[:place] if other.customer_id == one.customer_id]
        after = [o for o in told[place + 1 :] if o.customer_id == one.customer_id and o.topic == one.topic]
        repeats += any(one.queued_at - other.queued_at <= WINDOW for other in before)
        if one.answered and one.topic:
            judged += 1
            settled += not any(other.queued_at - one.queued_at <= WINDOW for other in after)
    return {"repeat_rate": (repeats, len(told)), "fcr_windowed": (settled, judged)}


async def figures(desk: Desk) -> dict[str, tuple[int, int]]:
    points = {metric: await desk.point(metric) for metric in ("repeat_rate", "fcr_windowed")}
    return {metric: (point["numerator"], point["denominator"]) for metric, point in points.items()}


async def test_coming_again_within_the_week_spoils_the_first_contact(desk: Desk) -> None:
    await desk.hears(recorded([visit(1, 0), visit(2, 3), visit(3, 10.01), visit(4, 4, topic="card")]))
    assert await figures(desk) == {"repeat_rate": (3, 4), "fcr_windowed": (3, 4)}
    spoilt = {fact["fact_key"]: fact["numerator"] for fact in await desk.facts("fcr_windowed")}
    assert spoilt[str(UUID(int=1))] == 0


async def test_a_late_earlier_contact_is_judged_and_judges_the_later_ones(desk: Desk) -> None:
    await desk.hears(recorded([visit(2, 3)]))
    assert await figures(desk) == {"repeat_rate": (0, 1), "fcr_windowed": (1, 1)}
    await desk.hears(recorded([visit(1, 0)]))
    assert await figures(desk) == {"repeat_rate": (1, 2), "fcr_windowed": (1, 2)}


async def test_a_correction_gives_the_neighbours_back(desk: Desk) -> None:
    await desk.hears(recorded([visit(1, 0), visit(2, 3)]))
    await desk.hears(recorded([visit(2, 3, customer=1, version=2)]))
    assert await figures(desk) == {"repeat_rate": (0, 2), "fcr_windowed": (2, 2)}
    await desk.hears(recorded([visit(2, 3, customer=2, version=3)]))
    assert await figures(desk) == {"repeat_rate": (0, 1), "fcr_windowed": (1, 1)}
    assert await desk.is_consistent()


async def test_what_happened_lately_says_until_when_it_may_change(desk: Desk) -> None:
    await desk.hears(recorded([visit(1, -10), visit(2, -1)]))
    point = await desk.point("fcr_windowed")
    assert point["maturing_until"] == (NOON + 6 * DAY).strftime("%Y-%m-%dT%H:%M:%SZ")
    days = await desk.points("fcr_windowed", grain="day", from_="2026-02-20", to="2026-03-01")
    assert [point["on"] for point in days if point["maturing_until"]] == ["2026-03-01"]
    assert (await desk.point("fcr"))["maturing_until"] is None


async def test_a_value_that_may_still_change_says_so_until_its_window_is_over(desk: Desk) -> None:
    await desk.hears(recorded([visit(1, 0)]))
    asked = {"from_": "2026-03-02", "to": "2026-03-02", "grain": "day", "by": "agent"}
    for day, final in ((1, False), (6.9, False), (7.1, True)):
        await desk.hears([delivery_of(announced(), at=NOON + day * DAY)])
        until = None if final else (NOON + WINDOW).strftime("%Y-%m-%dT%H:%M:%SZ")
        [point], [whole] = await desk.points("fcr_windowed", **asked), await desk.points("fcr_windowed")
        assert point["maturing_until"] == whole["maturing_until"] == until
        assert (point["value"], (await desk.point("repeat_rate"))["maturing_until"]) == (100, None)


async def test_what_comes_again_within_the_window_takes_the_value_back_that_was_still_maturing(desk: Desk) -> None:
    await desk.hears(recorded([visit(1, 0)]))
    [before] = await desk.points("fcr_windowed", from_="2026-03-02", to="2026-03-02")
    await desk.hears(recorded([visit(2, 6.9)]))
    [after] = await desk.points("fcr_windowed", from_="2026-03-02", to="2026-03-02")
    assert (before["value"], before["maturing_until"] is None, after["value"]) == (100, False, 0)


VISITS = st.builds(
    visit,
    st.integers(1, 7),
    st.sampled_from([0, 0.5, 6.9, 7, 7.1, 14, 20]),
    customer=st.integers(0, 2),
    topic=st.sampled_from(["bill", "card", None]),
    version=st.integers(1, 3),
    answered=st.booleans(),
    direction=st.sampled_from(["inbound", "inbound", "outbound"]),
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(VISITS, min_size=1, max_size=15), chance=st.randoms(use_true_random=False))
async def test_in_whatever_order_contacts_arrive_they_are_judged_as_defined(
    desk: Desk, told: list[ContactFact], chance: random.Random
) -> None:
    first: dict[Any, ContactFact] = {}
    told = [first.setdefault((one.contact_id, one.version), one) for one in told]
    newest: dict[UUID, ContactFact] = {}
    for one in told:
        newest[one.contact_id] = max(one, newest.get(one.contact_id, one), key=lambda each: each.version)
    states = []
    for _ in range(2):
        await wipe(desk.database)
        arrivals = [recorded([replace(one)])[0] for one in told * 2]
        chance.shuffle(arrivals)
        middle = chance.randrange(len(arrivals))
        await process_in_batches(desk.consumer, arrivals[:middle], chance)
        await judge_returns(desk.database)
        await process_in_batches(desk.consumer, arrivals[middle:], chance)
        await judge_returns(desk.database)
        assert await figures(desk) == oracle(list(newest.values()))
        assert await desk.is_consistent()
        states.append(await state_of(desk.database))
    assert states[0] == states[1]
