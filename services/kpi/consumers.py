"""What kpi reacts to, a batch at a time: events that make facts, and who teams and agents are. And its timers."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from operator import attrgetter

from services.kpi.commands import alerts, posting, targets
from services.kpi.domain.fact import Fact
from services.kpi.domain.shift import shifts_told
from services.kpi.domain.sources import FACTS
from shared.contracts.event import Envelope, Event
from shared.contracts.roster import AgentChanged, AgentFact, AgentJoined, AgentLeft, TeamChanged
from shared.platform.consumer import Handler
from shared.platform.timers import Handler as TimerHandler
from shared.platform.work import Work

EVENTS_AT_A_STRETCH = 5

PEOPLE = (TeamChanged, AgentJoined, AgentChanged, AgentLeft)


async def apply_batch(work: Work, envelopes: Sequence[Envelope]) -> None:
    """Keep the teams and agents that a batch of events tells of, turn the rest into facts, and post those together."""
    people = [envelope for envelope in envelopes if isinstance(envelope.data, PEOPLE)]
    for envelope in sorted(people, key=attrgetter("subject", "sequence")):
        if isinstance(envelope.data, TeamChanged):
            await posting.keep_team(work, envelope.data, sequence=envelope.sequence)
        elif isinstance(envelope.data, AgentFact):
            await targets.keep_agent(work, envelope.data, sequence=envelope.sequence)
    if told := [shift for envelope in envelopes for shift in shifts_told(envelope)]:
        await posting.keep_shifts(work, told)
    await posting.post_facts(work, await _facts(envelopes), as_of=max(envelope.time for envelope in envelopes))


async def apply_one(work: Work, event: Event) -> None:
    """The same for a single event."""
    assert work.cause is not None
    await apply_batch(work, [work.cause])


async def _facts(envelopes: Sequence[Envelope]) -> dict[str, list[Fact]]:
    """What the events tell, by kind of fact. Gives way now and then to a batch that the database has answered."""
    found: defaultdict[str, list[Fact]] = defaultdict(list)
    for number, envelope in enumerate(envelopes):
        for kind, source in FACTS.get(type(envelope.data), ()):
            found[kind.name] += source(envelope.data, envelope)
        if number % EVENTS_AT_A_STRETCH == 0:
            await asyncio.sleep(0)
    return found


HANDLERS: dict[type[Event], Handler] = dict.fromkeys((*PEOPLE, *FACTS), apply_one)

TIMERS: dict[str, TimerHandler] = {alerts.WATCH: alerts.watch_metric, alerts.SEARCH: alerts.search_patterns}
