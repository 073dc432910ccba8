"""The background of cases: what it hears, and its timers."""

from __future__ import annotations

from services.cases.consumers import HANDLERS, TIMERS
from services.cases.queries.watchdog import watch
from shared.platform.transport import Transport
from shared.platform.watchdog import Lookout
from shared.platform.work import Database
from shared.platform.worker import Worker


def build(database: Database, transport: Transport) -> Worker:
    """The worker, on a database and a transport."""
    drains = [Lookout(database, watch).look]
    return Worker(database, transport, handlers=HANDLERS, timers_=TIMERS, drains=drains)
