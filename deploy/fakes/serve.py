"""`ringback fakes`: the stand-ins on a port of this machine, saying what they take."""

from __future__ import annotations

import asyncio
import importlib.util
import socket

import uvloop

from deploy.ending import stop_on_signals
from deploy.fakes.providers import Providers, in_development, settings_for
from deploy.http import bind, serve

LOOK_SECONDS = 0.2


def run(port: int) -> None:
    """Stand in for every provider until Ctrl-C; mail too, on the next port, where aiosmtpd is installed."""
    with bind("127.0.0.1", port) as at:
        port = at.getsockname()[1]
        settings = settings_for(f"http://127.0.0.1:{port}") | _mail(port + 1)
        print("\n".join(f"export {name}='{value}'" for name, value in settings.items()), flush=True)
        uvloop.run(_serve(in_development(), at))


async def _serve(providers: Providers, at: socket.socket) -> None:
    stop = stop_on_signals()
    telling = asyncio.create_task(_tell(providers))
    try:
        await serve(providers, at, stop)
    finally:
        telling.cancel()


async def _tell(providers: Providers) -> None:
    """Print what was taken."""
    told = 0
    while True:
        for taken in providers.taken[told:]:
            again = "，重复 again" if taken.again else ""
            print(f"\n[{taken.provider}] {taken.to}{again}\n{taken.text}", flush=True)
        told = len(providers.taken)
        await asyncio.sleep(LOOK_SECONDS)


def _mail(port: int) -> dict[str, str]:
    if importlib.util.find_spec("aiosmtpd") is None:
        return {}
    from deploy.fakes.mail import MailServer  # noqa: PLC0415 - a library for development only

    MailServer(port).start()
    return {"NOTIFY_SMTP_HOST": "127.0.0.1", "NOTIFY_SMTP_PORT": str(port), "NOTIFY_SMTP_SECURITY": "none"}
