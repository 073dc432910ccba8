"""A worker in a process of its own, to be killed: `python -m tests.faults.worker SERVICE FOLDER`.

It runs one service's `Worker` on the broker: roster's relay, or notify counting what it hears. A file named in `DOOMS`
in the folder makes it kill itself at that very point, once.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import uvloop
from sqlalchemy import text

from shared.contracts.event import Event
from shared.contracts.roster import TeamChanged
from shared.platform import logs
from shared.platform.broker import RabbitTransport
from shared.platform.clock import SystemClock
from shared.platform.consumer import Handler
from shared.platform.db import connect
from shared.platform.transport import Delivery, Message, Outcome, Receiver
from shared.platform.work import Database, Work
from shared.platform.worker import Worker

HEARS = {"notify": (TeamChanged.type,)}

MID_BATCH = "die-mid-batch"
BEFORE_MARK = "die-after-confirm-before-mark"
BEFORE_ACK = "die-after-commit-before-ack"
DOOMS = (MID_BATCH, BEFORE_MARK, BEFORE_ACK)


class Mortal(RabbitTransport):
    """The broker's transport, in a process that dies where it is told to."""

    def __init__(self, url: str, folder: Path) -> None:
        super().__init__(url, hears=HEARS)
        self._folder = folder

    async def publish(self, messages: Sequence[Message]) -> frozenset[UUID]:
        if (self._folder / MID_BATCH).exists():
            await super().publish(messages[: len(messages) // 2])
            self.meet(MID_BATCH)
        safe = await super().publish(messages)
        self.meet(BEFORE_MARK)
        return safe

    async def consume(self, receiver: Receiver) -> None:
        await super().consume(MortalReceiver(receiver, self))

    def meet(self, doom: str) -> None:
        """Die, if it was said to be here."""
        if (self._folder / doom).exists():
            (self._folder / doom).unlink()
            os.kill(os.getpid(), signal.SIGKILL)


class MortalReceiver:
    """A receiver whose process may die when it has applied a batch."""

    def __init__(self, receiver: Receiver, mortal: Mortal) -> None:
        self.service, self.types, self.park = receiver.service, receiver.types, receiver.park
        self.at_once = receiver.at_once
        self._receiver = receiver
        self._mortal = mortal

    async def process(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        outcomes = await self._receiver.process(deliveries)
        self._mortal.meet(BEFORE_ACK)
        return outcomes


async def count(work: Work, event: TeamChanged) -> None:
    """Note the event, and add it to a projection that shows every loss and every repetition."""
    assert work.cause is not None
    seen = {"team_id": event.team_id, "sequence": work.cause.sequence}
    await work.conn.execute(text("INSERT INTO notify.applied (team_id, sequence) VALUES (:team_id, :sequence)"), seen)
    add = (
        "INSERT INTO notify.totals VALUES (:team_id, 1, :sequence) ON CONFLICT (team_id) "
        "DO UPDATE SET count = totals.count + 1, sum = totals.sum + excluded.sum"
    )
    await work.conn.execute(text(add), seen)


async def run(service: str, folder: Path) -> None:
    """Work until killed."""
    database = Database(service, connect(os.environ["SERVICE_DATABASE_URL"], pool_size=5), SystemClock())
    transport = Mortal(os.environ["SERVICE_AMQP_URL"], folder)
    handlers: dict[type[Event], Handler] = {TeamChanged: count} if service == "notify" else {}
    await Worker(database, transport, handlers=handlers, timers_={}).run()


if __name__ == "__main__":
    logs.configure("text")
    uvloop.run(run(sys.argv[1], Path(sys.argv[2])))
