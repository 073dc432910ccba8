"""One HTTP server in our own event loop: bound before anything else starts, stopped by an event, drained in order."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from deploy.trouble import Trouble

DRAIN_SECONDS = 10


def bind(host: str, port: int) -> socket.socket:
    """Take a TCP port; port 0 takes any free one. Nothing is accepted before `serve`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except (OSError, OverflowError) as error:
        taken.close()
        raise Trouble(
            f"无法使用地址 {host}:{port}（{error}）。请换一个端口，例如 --port {port + 1}。",
            f"Cannot use {host}:{port} ({error}). Choose another port, for example --port {port + 1}.",
        ) from error
    return taken


async def serve(app: ASGIApp, at: socket.socket, stop: asyncio.Event, ready: Callable[[], None] | None = None) -> None:
    """Answer requests until `stop` is set, then finish those under way; `ready` is called when it can answer."""
    config = uvicorn.Config(
        app,
        loop="none",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    server = _Server(config, ready or (lambda: None))
    serving = asyncio.create_task(server.serve(sockets=[at]))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopped.cancel()
    await serving


class _Server(uvicorn.Server):
    """uvicorn, leaving signals to the process around it."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()
