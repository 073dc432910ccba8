"""The background of kpi: what it hears, and its timers."""

from __future__ import annotations

from functools import partial

from services.kpi.commands.posting import judge
from services.kpi.consumers import HANDLERS, TIMERS, apply_batch, make_facts
from shared.platform.transport import Transport
from shared.platform.work import Database
from shared.platform.worker import Worker


def build(database: Database, transport: Transport) -> Worker:
    """The worker, on a database and a transport."""
    return Worker(
        database,
        transport,
        handlers=HANDLERS,
        timers_=TIMERS,
        apply=apply_batch,
        prepare=make_facts,
        drains=[partial(judge, database)],
    )
