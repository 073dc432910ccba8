"""The words services say to each other: events, error codes, scopes. Standard library only.

`EVENTS` maps every event type to its class; importing this package registers all of them.
"""

from shared.contracts import cases, kpi, notify, roster
from shared.contracts.event import EVENTS, Envelope, Event

__all__ = ["EVENTS", "Envelope", "Event", "cases", "kpi", "notify", "roster"]
