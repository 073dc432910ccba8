"""What kpi reacts to: events that make facts, a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence

from services.kpi import commands
from services.kpi.domain.sources import FACTS
from shared.contracts.event import Envelope, Event
from shared.platform.consumer import Handler
from shared.platform.timers import Handler as TimerHandler
from shared.platform.work import Work


async def apply_facts(work: Work, envelopes: Sequence[Envelope]) -> None:
    """Turn a batch of events into facts and post them together."""
    found = [fact for envelope in envelopes for fact in FACTS[type(envelope.data)](envelope.data, envelope)]
    await commands.post_facts(work, found, as_of=max(envelope.time for envelope in envelopes))


async def apply_one(work: Work, event: Event) -> None:
    """The same for a single event."""
    assert work.cause is not None
    await apply_facts(work, [work.cause])


HANDLERS: dict[type[Event], Handler] = dict.fromkeys(FACTS, apply_one)

TIMERS: dict[str, TimerHandler] = {}
