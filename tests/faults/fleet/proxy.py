"""A TCP proxy on loopback that can be told to misbehave: swallow, half-close, cut."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Literal

Mood = Literal["pass", "blackhole", "deaf"]
"""`blackhole`: connections stay open and nothing arrives any more, either way. `deaf`: only answers vanish."""


class Proxy:
    """Forwards to one port. Runs in the event loop that started it."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._mood: Mood = "pass"
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        """Listen on any free port."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def be(self, mood: Mood) -> None:
        """From now on, for open connections and new ones."""
        self._mood = mood

    def cut(self) -> None:
        """Reset every connection."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def stop(self) -> None:
        """Let go of everything."""
        if self._server:
            self._server.close()
        self.cut()
        await asyncio.sleep(0)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, there_writer}
        asking = asyncio.create_task(self._forward(reader, there_writer, lost_when_deaf=False))
        answering = asyncio.create_task(self._forward(there_reader, writer, lost_when_deaf=True))
        await asyncio.wait({asking, answering}, return_when=asyncio.FIRST_COMPLETED)
        for end in (writer, there_writer):
            end.transport.abort()
            self._writers.discard(end)
        await asyncio.gather(asking, answering, return_exceptions=True)

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, lost_when_deaf: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if self._mood == "blackhole" or (self._mood == "deaf" and lost_when_deaf):
                    continue
                writer.write(data)
                await writer.drain()
