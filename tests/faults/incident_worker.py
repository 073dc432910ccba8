"""The cases worker in a process of its own, that dies: `python -m tests.faults.incident_worker TRANSACTIONS`.

It kills itself in that transaction: before its commit when the number is odd, right after it when it is even.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvloop

from services.cases.worker import build
from shared.platform import logs
from shared.platform.clock import SystemClock
from shared.platform.db import connect
from shared.platform.embedded import EmbeddedTransport
from shared.platform.work import Database, Work


class MortalDatabase(Database):
    """A database whose process has so many transactions to live."""

    left = 0

    @asynccontextmanager
    async def work(self, *arguments: Any, **more: Any) -> AsyncIterator[Work]:
        async with super().work(*arguments, **more) as work:
            yield work
            if work.recorded:
                self.left -= 1
                self._meet(odd=True)
        self._meet(odd=False)

    def _meet(self, *, odd: bool) -> None:
        if self.left <= 0 and bool(self.dies_before_commit) == odd:
            os.kill(os.getpid(), signal.SIGKILL)

    dies_before_commit = False


async def run(transactions: int) -> None:
    """Work until killed."""
    database = MortalDatabase("cases", connect(os.environ["SERVICE_DATABASE_URL"], pool_size=5), SystemClock())
    database.left, database.dies_before_commit = transactions, transactions % 2 == 1
    await build(database, EmbeddedTransport()).run()


if __name__ == "__main__":
    logs.configure("text")
    uvloop.run(run(int(sys.argv[1])))
