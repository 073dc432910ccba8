"""An application on a real port of this machine, in the test's own event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """Serve it on a free port; the address. At the end every connection is cut at once."""
    config = uvicorn.Config(app, port=0, log_level="critical", lifespan="off")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await _cut(server)


async def _cut(server: uvicorn.Server) -> None:
    for listening in server.servers:
        listening.close()
    under_way = list(server.server_state.tasks)
    for task in under_way:
        task.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)
    for connection in list(server.server_state.connections):
        connection.transport.abort()
    while server.server_state.connections:
        await asyncio.sleep(0)
