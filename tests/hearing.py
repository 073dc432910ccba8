"""What another service tells, taken in by a handler without a broker between."""

from __future__ import annotations

from collections.abc import Mapping

from shared.contracts.event import Envelope, Event
from shared.platform.consumer import Handler
from shared.platform.ids import new_id
from shared.platform.work import Work


async def hear(work: Work, handlers: Mapping[type[Event], Handler], event: Event, sequence: int = 1) -> None:
    """Let a service's handler take in an event, in a transaction of its own or with others."""
    envelope = Envelope(
        id=new_id(),
        source="/test",
        type=event.type,
        subject=event.subject,
        time=work.now,
        sequence=sequence,
        data=event,
        correlation_id="test",
    )
    await handlers[type(event)](work.caused_by(envelope), event)
