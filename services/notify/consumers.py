"""What notify reacts to: events and timers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from services.notify.commands.broadcasts import spread_broadcast, welcome
from services.notify.commands.customers import tell_customers
from services.notify.commands.duty import keep_duty
from services.notify.commands.ladder import climb_ladder
from services.notify.commands.recipients import keep_person, keep_team
from services.notify.commands.subjects import hear, hear_all
from services.notify.commands.webhooks import offer
from services.notify.domain import broadcast
from services.notify.domain.families import ASKED, ENDINGS
from services.notify.domain.ladder import TIMER
from services.notify.domain.shipped import SHIPPED
from shared.contracts.cases import NoticeRequested
from shared.contracts.event import EVENTS, Envelope, Event
from shared.contracts.roster import AgentChanged, AgentJoined, AgentLeft, DutyAssigned, TeamChanged
from shared.platform.consumer import Handler
from shared.platform.timers import Handler as TimerHandler
from shared.platform.work import Work


async def pass_by(work: Work, event: Event) -> None:
    """Nothing is asked or told; webhooks may be subscribed to it (see `apply`)."""


HANDLERS: dict[type[Event], Handler] = {
    **dict.fromkeys(EVENTS.values(), pass_by),
    **{EVENTS[type_]: hear for type_ in sorted({*ASKED, *ENDINGS, *SHIPPED} & set(EVENTS))},
    TeamChanged: keep_team,
    AgentJoined: welcome,
    AgentChanged: welcome,
    AgentLeft: keep_person,
    DutyAssigned: keep_duty,
    NoticeRequested: tell_customers,
}
"""What an event asks, ends and tells is data: see domain/families.py and domain/shipped.py."""

TIMERS: dict[str, TimerHandler] = {TIMER: climb_ladder, broadcast.TIMER: spread_broadcast}


async def apply(work: Work, envelopes: Sequence[Envelope]) -> None:
    """Apply a batch in order. What comes in a row (a publication asks thousands, and all of them answer) is heard
    together."""
    await offer(work, envelopes)
    concerning = [envelope for envelope in envelopes if HANDLERS[type(envelope.data)] is not pass_by]
    for handler, some in groupby(concerning, key=lambda envelope: HANDLERS[type(envelope.data)]):
        if handler is hear:
            await hear_all(work, list(some))
        else:
            for envelope in some:
                await handler(work.caused_by(envelope), envelope.data)
