"""notify with much to ask: a publication of 2,000 changes, a broadcast to 10,000, and 100,000 questions open."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.notify.commands import broadcasts
from services.notify.commands.ladder import climb_ladder
from services.notify.consumers import HANDLERS, TIMERS, apply
from services.notify.domain import ladder
from services.notify.domain.acknowledgement import Acknowledgement
from services.notify.domain.ladder import Chain
from services.notify.domain.policies import manner_of
from services.notify.domain.shipped import SHIPPED
from services.notify.store import acknowledgements as store
from shared.contracts.codec import to_json
from shared.contracts.event import Envelope, Event
from shared.contracts.roster import AgentJoined, Cell, DayChange, ShiftChangeAnnounced, TeamChanged
from shared.platform.actor import Actor
from shared.platform.codec import encode
from shared.platform.consumer import Consumer
from shared.platform.ids import new_id, stable_id
from shared.platform.timers import Timekeeper
from shared.platform.transport import Delivery
from shared.platform.work import Database
from tests.bench.report import Bench, Row

CHANGES, MEMBERS, OPEN, DUE = 2_000, 10_000, 100_000, 1_000
TEAMS = 100
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
POLICY = SHIPPED["roster.shift_change.announced.v1"]


class Clock:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


async def run(bench: Bench) -> list[Row]:
    """Seconds for each."""
    async with bench.databases("notify") as databases:
        database = databases["notify"]
        clock = Clock()
        database.clock = clock
        await hear(database, [a_team(number) for number in range(TEAMS)])
        await hear(database, [an_agent(number) for number in range(MEMBERS)])
        published = await timed(hear(database, [a_change(number) for number in range(CHANGES)]))
        announced = await timed(announce(database))
        await fill(database)
        idle = await timed(fire(database))
        clock.at = NOW + timedelta(hours=4)
        climbed = await timed(fire(database))
    return [
        Row(f"{CHANGES} shift changes announced → asked", published, "s"),
        Row(f"broadcast to {MEMBERS} people queued", announced, "s", target="≤ 5 s", met=announced <= 5),
        Row(f"{OPEN} questions open, none due", idle, "s"),
        Row(f"{OPEN} questions open, {DUE} rungs due → fired", climbed, "s", target="≤ 2 s", met=climbed <= 2),
    ]


async def timed(doing: Any) -> float:
    """How long something takes, in seconds."""
    began = time.perf_counter()
    await doing
    return time.perf_counter() - began


async def hear(database: Database, events: list[Event]) -> None:
    """Events arrive in batches, as the broker delivers them."""
    consumer = Consumer(database, HANDLERS, apply, at_once=1)
    deliveries = [delivery(event) for event in events]
    for start in range(0, len(deliveries), 200):
        await consumer.process(deliveries[start : start + 200])


async def announce(database: Database) -> None:
    """A broadcast to everybody, until the last one is asked."""
    audience = {"everyone": True, "roles": [], "teams": [], "branches": [], "staff": []}
    async with database.work(Actor(sub="m", roles=("manager",))) as work:
        await broadcasts.announce_broadcast(
            work, title="t", body="b", audience=audience, ack_by=NOW + timedelta(days=1), quiz=None
        )
    await Timekeeper(database, TIMERS).fire_due()


async def fill(database: Database) -> None:
    """Questions that are open; a few of them have a rung due in four hours, the others later."""
    for start in range(0, OPEN, 5_000):
        async with database.work() as work:
            await store.add_questions(work, [a_question(number) for number in range(start, start + 5_000)])
    async with database.reading() as conn:  # what autovacuum would have done by now
        await conn.exec_driver_sql("ANALYZE notify.acknowledgements, notify.rungs, notify.timers")


async def fire(database: Database) -> None:
    """Whatever is due now."""
    await Timekeeper(database, {ladder.TIMER: climb_ladder}).fire_due()


def delivery(event: Event) -> Delivery:
    """An event as the broker brings it."""
    envelope = Envelope(
        id=new_id(),
        source="/roster",
        type=event.type,
        subject=event.subject,
        time=NOW,
        sequence=1,
        data=event,
        correlation_id="bench",
    )
    return Delivery(str(envelope.id), encode(envelope))


def a_team(number: int) -> TeamChanged:
    return TeamChanged(
        team_id=stable_id("team", str(number)),
        code=f"T{number}",
        name=f"{number}组",
        zone="Asia/Shanghai",
        lead=f"L{number}",
        supervisor=f"S{number}",
    )


def an_agent(number: int) -> AgentJoined:
    return AgentJoined(
        agent_id=stable_id("agent", str(number)),
        staff_no=f"A{number}",
        name=f"客服{number}",
        team_id=stable_id("team", str(number % TEAMS)),
        team_name=f"{number % TEAMS}组",
        roles=("agent",),
        skills=(),
        hired_on=date(2025, 1, 6),
    )


def a_change(number: int) -> ShiftChangeAnnounced:
    agent = an_agent(number)
    early = Cell(code="早", starts_at=NOW + timedelta(hours=23), ends_at=NOW + timedelta(hours=32))
    return ShiftChangeAnnounced(
        change_id=new_id(),
        roster_id=stable_id("roster"),
        number=2,
        agent_id=agent.agent_id,
        staff_no=agent.staff_no,
        agent_name=agent.name,
        team_id=agent.team_id,
        team_name=agent.team_name,
        announced_at=NOW,
        confirm_by=NOW + timedelta(hours=10),
        first_start_at=NOW + timedelta(hours=23),
        zone="Asia/Shanghai",
        days=(DayChange(on=date(2026, 3, 3), before=early, after=Cell(code="休")),),
        late_notice=False,
        diff_hash="d",
    )


def a_question(number: int) -> store.Question:
    """A question asked already; the first `DUE` of them have their reminder due after four hours."""
    change = a_change(number % MEMBERS)
    deadline = NOW + timedelta(hours=8 if number < DUE else 48)
    ack = Acknowledgement(
        acknowledgement_id=new_id(),
        subject_type="roster.shift_change",
        subject_id=change.change_id,
        subject_version=1,
        staff_no=change.staff_no,
        person_name=change.agent_name,
        team_id=change.team_id,
        team_name=change.team_name,
        chain=Chain(recipient=change.staff_no, lead="L1", supervisor="S1"),
        zone="Asia/Shanghai",
        manner=manner_of(POLICY),
        content=to_json(change),
        announced_at=NOW,
        deadline=deadline,
    )
    assert POLICY.asks is not None
    first, *others = ladder.schedule(POLICY.asks.ladder, NOW, deadline, NOW)
    return ack, (replace(first, state="sent", staff_no=ack.staff_no, sent_at=NOW), *others)
