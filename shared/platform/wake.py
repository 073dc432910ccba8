"""A nudge after commit: "something is waiting". A lost one costs one poll interval, so it is sent lazily, coalesced."""

from __future__ import annotations

import asyncio
import contextlib

from shared.platform.db import Engine, driver_of


def channel_of(service: str) -> str:
    """The NOTIFY channel of a service's workers."""
    return f"ringback_{service}"


GAP_SECONDS = 0.005
"""Between two nudges: each is a commit of its own, and busy workers need few."""


class Wake:
    """Sends NOTIFY at most once at a time; signals during a send become one more send."""

    def __init__(self, service: str, engine: Engine) -> None:
        self._statement = f'NOTIFY "{channel_of(service)}"'
        self._engine = engine
        self._wanted = False
        self._sender: asyncio.Task[None] | None = None

    def signal(self) -> None:
        """Wake the service's workers soon. Returns at once."""
        self._wanted = True
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send())

    async def _send(self) -> None:
        with contextlib.suppress(Exception):  # the poll behind it finds the work anyway
            async with self._engine.connect() as conn:
                driver = await driver_of(conn)
                while self._wanted:
                    self._wanted = False
                    await driver.execute(self._statement)
                    await asyncio.sleep(GAP_SECONDS)

    async def close(self) -> None:
        """Wait for a send under way."""
        if self._sender:
            await self._sender


class Bell:
    """The listening side: `wait` returns when a nudge came or the poll interval passed."""

    def __init__(self, service: str, engine: Engine) -> None:
        self._service = service
        self._engine = engine
        self._rung: dict[str, asyncio.Event] = {}

    def ear(self, name: str) -> asyncio.Event:
        """An event that is set at every nudge; the listener clears it."""
        return self._rung.setdefault(name, asyncio.Event())

    async def wait(self, name: str, seconds: float) -> None:
        """Sleep until nudged, or for `seconds`."""
        ear = self.ear(name)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # wait_for loses a cancellation that comes together with the nudge
                await ear.wait()
        ear.clear()

    def ring(self, *_: object) -> None:
        """Nudge everybody."""
        for ear in self._rung.values():
            ear.set()

    async def listen(self) -> None:
        """Listen on the service's channel until cancelled or disconnected."""
        async with self._engine.connect() as conn:
            driver = await driver_of(conn)
            await driver.add_listener(channel_of(self._service), self.ring)
            try:
                while not driver.is_closed():
                    await asyncio.sleep(5)
                    await driver.execute("SELECT 1")
            finally:
                with contextlib.suppress(Exception):
                    await driver.remove_listener(channel_of(self._service), self.ring)
