"""Ending on request: Ctrl-C and SIGTERM set an event, and what runs ends in its own order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence


def stop_on_signals() -> asyncio.Event:
    """An event that Ctrl-C or SIGTERM sets."""
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    return stop


async def end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait until each has finished what it had under way."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
