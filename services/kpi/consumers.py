"""What kpi reacts to, a batch at a time: events that make facts, and who teams and agents are. And its timers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from services.kpi.commands import alerts, posting, targets
from services.kpi.domain.fact import Fact
from services.kpi.domain.shift import Shift, shifts_told
from services.kpi.domain.sources import FACTS
from shared.contracts.event import Envelope, Event
from shared.contracts.roster import AgentChanged, AgentFact, AgentJoined, AgentLeft, TeamChanged
from shared.platform.consumer import Handler
from shared.platform.timers import Handler as TimerHandler
from shared.platform.work import Work

PEOPLE = (TeamChanged, AgentJoined, AgentChanged, AgentLeft)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Event):
    """The facts that an event tells, by kind, and the shifts."""

    facts: Mapping[str, list[Fact]]
    shifts: Sequence[Shift]


def make_facts(envelope: Envelope) -> Envelope:
    """An event with the facts that it tells in place of its own words, if there are any."""
    sources = FACTS.get(type(envelope.data))
    if sources is None:
        return envelope
    facts = {kind.name: source(envelope.data, envelope) for kind, source in sources}
    return replace(envelope, data=Told(facts=facts, shifts=list(shifts_told(envelope))))


async def apply_batch(work: Work, envelopes: Sequence[Envelope]) -> None:
    """Keep the teams and agents that a batch of events tells of, and post the facts of the rest together."""
    people = [envelope for envelope in envelopes if isinstance(envelope.data, PEOPLE)]
    for envelope in sorted(people, key=attrgetter("subject", "sequence")):
        if isinstance(envelope.data, TeamChanged):
            await posting.keep_team(work, envelope.data, sequence=envelope.sequence)
        elif isinstance(envelope.data, AgentFact):
            await targets.keep_agent(work, envelope.data, sequence=envelope.sequence)
    told = [envelope.data for envelope in map(make_facts, envelopes) if isinstance(envelope.data, Told)]
    if shifts := [shift for one in told for shift in one.shifts]:
        await posting.keep_shifts(work, shifts)
    await posting.post_facts(work, _together(told), as_of=max(envelope.time for envelope in envelopes))


async def apply_one(work: Work, event: Event) -> None:
    """The same for a single event."""
    assert work.cause is not None
    await apply_batch(work, [work.cause])


def _together(told: Iterable[Told]) -> dict[str, list[Fact]]:
    """What events tell, by kind of fact."""
    found: defaultdict[str, list[Fact]] = defaultdict(list)
    for one in told:
        for kind, facts in one.facts.items():
            found[kind] += facts
    return found


HANDLERS: dict[type[Event], Handler] = dict.fromkeys((*PEOPLE, *FACTS), apply_one)

TIMERS: dict[str, TimerHandler] = {alerts.WATCH: alerts.watch_metric, alerts.SEARCH: alerts.search_patterns}
