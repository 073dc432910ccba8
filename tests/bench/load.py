"""A load of HTTP requests over loopback, as light as it can be: raw keep-alive connections, bytes made beforehand."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from deploy.ports import free_port

UNLIMITED = {"RATE_LIMIT_PER_MINUTE": "1000000000"}
"""One caller makes all the requests: counted, but never refused."""


@asynccontextmanager
async def process(command: list[str], **environment: str) -> AsyncIterator[int]:
    """A server process of its own, told its port in place of `{port}`; answers with the port when it listens."""
    port = free_port()
    words = [word.format(port=port) for word in command]
    running = subprocess.Popen(
        [sys.executable, *words],
        env=os.environ | UNLIMITED | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        await _listening(port, running)
        yield port
    finally:
        running.terminate()
        running.wait(20)


async def _listening(port: int, running: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if running.poll() is not None:
                raise RuntimeError(f"the server ended: {running.args!r}") from None
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return
    raise RuntimeError(f"nothing listens on {port}")


async def requests_per_second(
    port: int, request: Callable[[], bytes], *, seconds: float, connections: int = 16, status: int = 201
) -> float:
    """Send requests over so many connections, each waiting for its answer; how many were answered in a second."""
    until = time.perf_counter() + seconds
    started = time.perf_counter()
    counts = await asyncio.gather(*(_one_connection(port, request, until, status) for _ in range(connections)))
    return sum(counts) / (time.perf_counter() - started)


async def _one_connection(port: int, request: Callable[[], bytes], until: float, status: int) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    count = 0
    while time.perf_counter() < until:
        writer.write(request())
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        body = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 %d" % status):
            raise RuntimeError(f"answered {head[:40]!r} {body[:300]!r}")
        count += 1
    writer.close()
    return count


def post(path: str, body: bytes, **headers: str) -> bytes:
    """A request as it goes over the wire."""
    given = {"Host": "127.0.0.1", "Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
    lines = [f"POST {path} HTTP/1.1", *(f"{name.replace('_', '-')}: {value}" for name, value in given.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
