"""The life of `ringback dev`: take the folder and the port, start what is needed, serve, end in order."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop

from deploy.dev import banner
from deploy.dev.clockwork import Clockwork
from deploy.dev.database import database
from deploy.dev.demo import show_demo
from deploy.dev.folder import DataFolder
from deploy.dev.front import build as build_front
from deploy.dev.house import House, Origin, furnish
from deploy.ending import end, stop_on_signals
from deploy.environment import required
from deploy.http import bind, serve
from shared.platform.auth import Keys, Signer, Verifier
from shared.platform.clock import DevelopmentClock
from shared.platform.settings import Settings

LAST_SETTLE_SECONDS = 5


@dataclass(frozen=True)
class Options:
    """How to run."""

    folder: DataFolder
    demo: bool
    settings: Settings


def run(port: int, data: Path, *, demo: bool, fresh: bool) -> None:
    """Run until Ctrl-C or SIGTERM."""
    folder, settings = DataFolder(data), Settings()
    required(settings, *(name for name in ("DATABASE_URL", "AMQP_URL") if getattr(settings, name.lower())))
    with folder.taken(fresh=fresh), bind("127.0.0.1", port) as at:
        uvloop.run(_live(Options(folder, demo, settings), at))


async def _live(options: Options, at: socket.socket) -> None:
    stop = stop_on_signals()
    folder = options.folder
    url = f"http://127.0.0.1:{at.getsockname()[1]}"
    os.environ["LINK_KEY_FILE"] = str(folder.link_key)
    os.environ["SIGNING_KEYS"] = str(folder.keys)
    os.environ.setdefault("CASES_URL", url)
    os.environ.setdefault("PUBLIC_URL", url)
    signer = Signer(folder.keys)
    clock = DevelopmentClock(folder.clock)
    verifier = Verifier(Keys(str(signer.jwks_file)), "ringback")
    settings = options.settings
    if settings.rabbitmq_management_url and settings.amqp_url:
        from deploy.prepare import provision_broker_at  # noqa: PLC0415 - not without a broker

        await provision_broker_at(settings.rabbitmq_management_url, settings.amqp_url)
    async with database(folder, settings.database_url) as urls:
        house = furnish(urls, clock, verifier, settings.amqp_url)
        clockwork = Clockwork(house, clock)
        front = build_front(house, clockwork, verifier)
        origin = Origin({**house.apps, "a": house.apps["notify"]}, front)

        def ready() -> None:
            folder.say_ready({"pid": os.getpid(), "port": at.getsockname()[1], "url": url})
            banner.show(url, signer, folder.people)

        async with working(house, clockwork):
            if options.demo:
                await show_demo(origin, clockwork, signer, folder)
            await serve(origin, at, stop, ready)


@asynccontextmanager
async def working(house: House, clockwork: Clockwork) -> AsyncIterator[None]:
    """Run every worker meanwhile; at the end work off what waits, then let go of everything."""
    tasks = [asyncio.create_task(worker.run()) for worker in house.workers.values()]
    try:
        yield
        tasks.append(asyncio.create_task(clockwork.settle()))
        await asyncio.wait(tasks[-1:], timeout=LAST_SETTLE_SECONDS)
    finally:
        await end(tasks)
        await house.close()
