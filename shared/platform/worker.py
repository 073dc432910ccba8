"""A service's background: consumer, relay, timers and its own loops, each supervised in one task group."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

import structlog

from shared.contracts.event import Event
from shared.platform import audit, timers, upkeep
from shared.platform.consumer import Apply, Consumer, Handler, Prepare, Retrier
from shared.platform.db import is_outage
from shared.platform.relay import Relay
from shared.platform.tasks import being_cancelled, finish
from shared.platform.transport import OutOfReach, Transport
from shared.platform.wake import Bell
from shared.platform.work import Database

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.25
RESTART_SECONDS = 1.0
UNHURRIED = {"timers", "retries"}
"""Loops that hardly any commit concerns: they look now and then, the others at every nudge as well."""

Drain = Callable[[], Coroutine[Any, Any, int]]


class Worker:
    """Everything a service does without being asked over HTTP.

    `drains` are the service's own sweeps (notify's courier): each does what is waiting and says how much it did;
    `closing` is done at the end.
    """

    def __init__(
        self,
        database: Database,
        transport: Transport,
        *,
        handlers: Mapping[type[Event], Handler],
        timers_: Mapping[str, timers.Handler],
        apply: Apply | None = None,
        prepare: Prepare | None = None,
        at_once: int | None = None,
        drains: Sequence[Drain] = (),
        closing: Sequence[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        self.database = database
        self.done = 0
        """How much its loops and callers have done so far, timers included."""
        self.consumer = Consumer(database, handlers, apply, prepare=prepare, at_once=at_once)
        self.timekeeper = timers.Timekeeper(database, timers_)
        self._closing = closing
        self._transport = transport
        self._bell = Bell(database.service, database.engine)
        self._relay = Relay(database, transport)
        retrier = Retrier(database, self.consumer)
        self.drains: dict[str, Drain] = {
            "relay": self._relay.drain,
            "retries": retrier.drain,
            **{f"sweep-{number}": drain for number, drain in enumerate(drains)},
        }
        self._turns = {name: asyncio.Lock() for name in (*self.drains, "timers")}

    async def run(self) -> None:
        """Work until cancelled. A loop that fails is logged and started again; the others go on."""
        try:
            await self._run_loops()
        finally:
            for close in self._closing:
                await close()

    async def _run_loops(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._supervised("bell", self._bell.listen))
            group.create_task(self._supervised("consumer", lambda: self._transport.consume(self.consumer)))
            group.create_task(self._supervised("timers", lambda: self._sweep("timers", self.fire_due)))
            group.create_task(self._supervised("upkeep", lambda: upkeep.keep_up(self.database)))
            group.create_task(self._supervised("audit", lambda: audit.keep_sealing(self.database)))
            group.create_task(self._supervised("relay", self._relay_on))
            for name in self.drains.keys() - {"relay"}:
                group.create_task(self._supervised(name, partial(self._sweep, name, self._drain(name))))

    async def fire_due(self) -> int:
        """Fire the timers that are due; how many."""
        async with self._turns["timers"]:
            fired = await self.timekeeper.fire_due()
            self.done += fired
            return fired

    async def drain_all(self) -> int:
        """Do once everything that waits, except timers; how much was done."""
        return sum([await self._drain(name)() for name in self.drains])

    def _drain(self, name: str) -> Drain:
        async def drain() -> int:
            async with self._turns[name]:
                done = await self.drains[name]()
                self.done += done
                return done

        return drain

    async def _relay_on(self) -> None:
        """Relay on a connection of its own; while another process's relay holds the lock, wait for its turn."""
        while True:
            async with self._relay.holding() as ours:
                if ours:
                    await self._sweep("relay", self._drain("relay"))
            await asyncio.sleep(POLL_SECONDS)

    async def _sweep(self, name: str, drain: Drain) -> None:
        while True:
            await finish(drain())
            await (asyncio.sleep(POLL_SECONDS) if name in UNHURRIED else self._bell.wait(name, POLL_SECONDS))

    async def _supervised(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await run()
            except asyncio.CancelledError:
                if being_cancelled():
                    raise
                log.error("loop_cancelled_from_below", service=self.database.service, loop=name)
            except Exception as error:
                if being_cancelled():  # what a cancelled statement did to its connection hides the cancellation
                    raise asyncio.CancelledError from None
                self._complain(name, error)
            await asyncio.sleep(RESTART_SECONDS)

    def _complain(self, loop: str, error: Exception) -> None:
        """Log why a loop is started again; that a server is away is no news worth a stack trace."""
        if isinstance(error, OutOfReach) or is_outage(error):
            log.warning("loop_waits", service=self.database.service, loop=loop, error=repr(error)[:300])
        else:
            log.error("loop_failed", service=self.database.service, loop=loop, exc_info=error)
