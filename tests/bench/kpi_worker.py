"""A process that applies contact facts like kpi's worker: says `ready`, and begins when it is told to."""

from __future__ import annotations

import os
import sys

import uvloop

from deploy.serve import load
from services.kpi.consumers import HANDLERS, apply_batch, make_facts
from shared.contracts.routes import HEARS
from shared.platform.broker import RabbitTransport
from shared.platform.clock import SystemClock
from shared.platform.consumer import Consumer
from shared.platform.db import connect
from shared.platform.work import Database


async def work() -> None:
    """Consume until ended."""
    database = Database("kpi", connect(os.environ["KPI_DATABASE_URL"], pool_size=6), SystemClock())
    transport = RabbitTransport(os.environ["KPI_AMQP_URL"], hears={"kpi": HEARS["kpi"]})
    await transport.consume(Consumer(database, HANDLERS, apply_batch, prepare=make_facts))


if __name__ == "__main__":
    load("kpi", "worker")
    print("ready", flush=True)
    sys.stdin.readline()
    uvloop.run(work())
