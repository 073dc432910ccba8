"""notify's worker in a process of its own, to be killed: `python -m tests.faults.sender FOLDER`.

It climbs ladders and sends messages to the providers named in the environment, until a file in the folder named after
a step in `STEPS` makes it kill itself right there. The clock is the machine's, put forward by the seconds in `ahead`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import uvloop

from services.notify import courier as courier_module
from services.notify.channels import Channel, channels
from services.notify.channels.port import Outgoing
from services.notify.commands import ladder
from services.notify.consumers import HANDLERS, TIMERS
from services.notify.courier import Courier
from services.notify.domain.message import Report
from services.notify.links import links_from
from services.notify.settings import NotifySettings
from shared.platform import logs
from shared.platform.clock import SystemClock
from shared.platform.db import connect
from shared.platform.embedded import EmbeddedTransport
from shared.platform.work import Database
from shared.platform.worker import Worker

STEPS = (
    "climbing",  # the rung's transaction is written and not committed
    "climbed",  # it is committed, nothing is claimed
    "claimed",  # messages are claimed, nothing is sent
    "sent-by-email",  # the mail server took one, nobody here knows, and a repetition would arrive twice
    "sent-by-sms",  # the gateway took one, nobody here knows, and a repetition would be dropped
    "reporting",  # the report is written and not committed
    "reported",  # it is committed
)


class AheadClock(SystemClock):
    """The machine's clock, put forward as the test says."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "ahead"

    def now(self) -> datetime:
        ahead = self._file.read_text() if self._file.exists() else "0"
        return super().now() + timedelta(seconds=float(ahead or 0))


class Mortal:
    """Dies where it was said to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def meet(self, step: str) -> None:
        """Die, if it was said to be here."""
        if (self._folder / step).exists():
            (self._folder / step).unlink()
            os.kill(os.getpid(), signal.SIGKILL)

    def after(self, step: str, done: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """The same function, deadly at its end."""

        async def then_die(*arguments: Any, **named: Any) -> Any:
            result = await done(*arguments, **named)
            if result is None or result:
                self.meet(step)
            return result

        return then_die


class DeadlyChannel:
    """A channel whose process may die when the provider has taken a message."""

    def __init__(self, name: str, channel: Channel, mortal: Mortal) -> None:
        self._step = f"sent-by-{name}"
        self.deduplicates, self.pace, self.at_once = channel.deduplicates, channel.pace, channel.at_once
        self._channel, self._mortal = channel, mortal

    async def send(self, outgoing: Outgoing) -> Report:
        report = await self._channel.send(outgoing)
        self._mortal.meet(self._step)
        return report

    async def close(self) -> None:
        await self._channel.close()


async def run(folder: Path) -> None:
    """Work until killed."""
    mortal = Mortal(folder)
    database = Database("notify", connect(os.environ["SERVICE_DATABASE_URL"], pool_size=6), AheadClock(folder))
    settings = NotifySettings()
    ladder.store.save_questions = mortal.after("climbing", ladder.store.save_questions)  # type: ignore[assignment]
    courier_module.report = mortal.after("reporting", courier_module.report)  # type: ignore[assignment]
    found = {
        name: channel if name == "inbox" else DeadlyChannel(name, channel, mortal)
        for name, channel in channels(settings).items()
    }
    courier = Courier(database, found, links_from(settings))
    courier._claim = mortal.after("claimed", courier._claim)  # type: ignore[method-assign, assignment]
    worker = Worker(database, EmbeddedTransport(), handlers=HANDLERS, timers_=TIMERS, drains=courier.drains)
    while True:
        if await worker.fire_due():
            mortal.meet("climbed")
        if await courier.drain():
            mortal.meet("reported")
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    logs.configure("text")
    uvloop.run(run(Path(sys.argv[1])))
