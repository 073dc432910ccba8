"""Whatever is told of contacts and shifts, in whatever order, days of shifts are as if all had been known before."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.kpi.commands.posting import judge
from services.kpi.commands.rebuilding import rebuild
from services.kpi.consumers import HANDLERS, apply_batch, make_facts
from shared.contracts.cases import ContactFact
from shared.contracts.roster import Cell, DayChange
from shared.platform.consumer import Consumer
from shared.platform.db import driver_of
from shared.platform.transport import Delivery
from shared.platform.work import Database
from tests.conftest import START
from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.integration.kpi.test_kpi_ledger import only_one_content_per_version, process_in_batches, wipe
from tests.unit.kpi.samples import HOUR, announced, contact, settled

MIDNIGHT = datetime(2026, 3, 31, 16, tzinfo=UTC)
"""The end of March in Shanghai."""
LAST_OF_MARCH = date(2026, 3, 31)
AGENTS = {"A001": "林晓梅", "A002": "陈立"}
ASKED = {"grain": "shift_day", "from_": "2026-03-28", "to": "2026-04-04"}
SHAPES = {"night": (-2, 6), "evening": (-8, 0), "early": (-16, -8), "long night": (-1, 15), "off": None}
"""Hours from the midnight at the end of its day."""


class Told(NamedTuple):
    """The roster says which shift an agent has on a day: planned, or answered for."""

    staff_no: str
    days: int
    shape: str
    settled: bool
    place: int

    @property
    def on(self) -> date:
        return LAST_OF_MARCH + timedelta(days=self.days)

    def cell(self) -> Cell | None:
        if (hours := SHAPES[self.shape]) is None:
            return None
        midnight = MIDNIGHT + timedelta(days=self.days)
        return Cell(code="班", starts_at=midnight + hours[0] * HOUR, ends_at=midnight + hours[1] * HOUR)

    def delivery(self) -> Delivery:
        cell, at, who = self.cell(), START + self.place * HOUR, {"staff_no": self.staff_no}
        if self.settled:
            key = UUID(int=100 * (self.days + 9) + int(self.staff_no[1:]))
            event = settled(attendance_id=key, shift_on=self.on, planned=cell, accountable=cell, **who)
            return delivery_of(event, sequence=self.place, at=at)
        days = (DayChange(on=self.on, before=None, after=cell),)
        change = announced(days=days, change_id=UUID(int=self.place), **who)
        return delivery_of(change, at=at)


SHIFTS = st.builds(
    Told,
    st.sampled_from(sorted(AGENTS)),
    st.integers(-1, 1),
    st.sampled_from(sorted(SHAPES)),
    st.booleans(),
    st.just(0),
)
CONTACTS = st.builds(
    contact,
    st.integers(1, 9),
    version=st.integers(1, 3),
    agent=st.sampled_from([*sorted(AGENTS), None]),
    queued_at=st.sampled_from([MIDNIGHT + hours * HOUR for hours in (-25, -24, -2.5, -1.5, 0, 2, 5.75, 6, 14, 23)]),
    wait=st.sampled_from([1, 30, 61]),
    topic=st.sampled_from([None, "bill"]),
    customer_id=st.just(UUID(int=5)),
)


def expected(contacts: Sequence[ContactFact], shifts: Sequence[Told]) -> Counter[tuple[str | None, date]]:
    """How many contacts each agent has on which shift's day."""
    last = {told.contact_id: told for told in sorted(contacts, key=lambda one: one.version)}
    known = {(told.staff_no, told.on): told.cell() for told in sorted(shifts, key=lambda one: (one.settled, one.place))}
    found: Counter[tuple[str | None, date]] = Counter()
    for told in last.values():
        day = (told.queued_at + 8 * HOUR).date()
        cell = known.get((told.agent or "", day - timedelta(days=1)))
        behind = cell is not None and cell.starts_at <= told.queued_at < cell.ends_at
        found[told.agent, day - timedelta(days=behind)] += 1
    return found


async def counted(desk: Desk) -> Counter[tuple[str | None, date]]:
    """The same, as kpi answers."""
    points = await desk.points("contacts_handled", by="agent", **ASKED)
    found = {(point["group"]["agent"], date.fromisoformat(point["on"])): int(point["value"]) for point in points}
    return Counter({place: value for place, value in found.items() if value})


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    contacts=st.lists(CONTACTS, min_size=1, max_size=12),
    shifts=st.lists(SHIFTS, min_size=1, max_size=8),
    chance=st.randoms(use_true_random=False),
)
async def test_days_of_shifts_are_the_same_whatever_is_told_first(
    desk: Desk, contacts: list[Any], shifts: list[Told], chance: random.Random
) -> None:
    contacts = [entry[0] for entry in only_one_content_per_version([[one] for one in contacts])]
    shifts = [told._replace(place=place) for place, told in enumerate(shifts, start=1)]
    deliveries = [*(recorded([one])[0] for one in contacts), *(told.delivery() for told in shifts)] * 2
    chance.shuffle(deliveries)
    await wipe(desk.database)
    async with desk.database.reading() as conn:
        await (await driver_of(conn)).execute("DELETE FROM kpi.shifts")
    while deliveries:
        some, deliveries = deliveries[:5], deliveries[5:]
        await process_in_batches(desk.consumer, some, chance)
        if chance.random() < 0.4:
            await judge(desk.database)
    assert (await rebuild(desk.database, progress=lambda *_: None)).corrected == {}
    await judge(desk.database)

    right = expected(contacts, shifts)
    assert await counted(desk) == right
    by_day = Counter[date]()
    for (_, day), value in right.items():
        by_day[day] += value
    for asked in ({}, {"without": "queue"}, {"channel": "phone"}):
        points = await desk.points("contacts_handled", **ASKED, **asked)
        assert {date.fromisoformat(point["on"]): point["value"] for point in points if point["value"]} == by_day
    for metric in ("asa_p90", "repeat_rate"):
        points = await desk.points(metric, **ASKED)
        beneath = {date.fromisoformat(point["on"]): point["denominator"] for point in points}
        assert {day: count for day, count in beneath.items() if count} == by_day, metric
    behind = Counter(date.fromisoformat(fact["shift_on"]) for fact in await desk.facts("contacts_handled", **ASKED))
    assert behind == by_day
    assert await desk.is_consistent()


async def test_who_came_again_at_night_is_judged_anew_and_stays_on_the_nights_day(desk: Desk) -> None:
    night = Told("A001", 0, "night", settled=False, place=1)
    visit = {"customer_id": UUID(int=5), "topic": "bill"}
    await desk.hears(recorded([contact(1, queued_at=MIDNIGHT + 2 * HOUR, **visit)]))
    await desk.hears([night.delivery()])
    await desk.hears(recorded([contact(2, queued_at=MIDNIGHT - 40 * HOUR, **visit)]))
    points = await desk.points("repeat_rate", **ASKED)
    assert {point["on"]: (point["numerator"], point["denominator"]) for point in points if point["denominator"]} == {
        "2026-03-30": (0, 1),
        "2026-03-31": (1, 1),
    }
    assert await desk.is_consistent()


async def test_contacts_and_shifts_told_at_once_to_several_workers_end_on_the_right_days(
    desk: Desk, open_database: Callable[[str], Database]
) -> None:
    chance = random.Random(9)
    contacts = [
        contact(n, version=version, agent=f"A{n % 5:03}", queued_at=MIDNIGHT + chance.randrange(-48, 48) * HOUR / 2)
        for n in range(60)
        for version in (1, 2)
    ]
    chance.shuffle(contacts)
    shifts = [
        Told(f"A{number:03}", days, chance.choice(sorted(SHAPES)), settled_, 0)
        for number in range(5)
        for days in (-1, 0, 1)
        for settled_ in (False, True)
    ]
    shifts = [told._replace(place=place) for place, told in enumerate(shifts, start=1)]
    work = [*(recorded([one])[0] for one in contacts), *(told.delivery() for told in shifts)]
    chance.shuffle(work)
    databases = [open_database("kpi") for _ in range(3)]
    consumers = [Consumer(database, HANDLERS, apply_batch, prepare=make_facts) for database in databases]

    async def apply(number: int) -> None:
        await process_in_batches(consumers[number], work[number::3], random.Random(number))

    async def judging(number: int) -> None:
        for _ in range(30):
            await judge(databases[number])
            await asyncio.sleep(0.005)

    await asyncio.gather(*map(apply, range(3)), *map(judging, range(3)))
    await judge(desk.database)
    assert await counted(desk) == expected(contacts, shifts)
    assert await desk.is_consistent()
