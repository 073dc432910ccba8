"""Two things asyncio leaves open: whose cancellation it is, and coming to an end in order."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

LAST_TURN_SECONDS = 10.0


def being_cancelled() -> bool:
    """Whether the task that asks was itself cancelled, rather than something below it."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def finish(turn: Coroutine[Any, Any, T]) -> T:
    """Await one turn of a loop; cancelled meanwhile, let the turn come to its end first."""
    task = asyncio.create_task(turn)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if being_cancelled():
            await asyncio.wait({task}, timeout=LAST_TURN_SECONDS)
            task.cancel()
        raise


async def together(*runs: Coroutine[Any, Any, None]) -> None:
    """Run all until the first ends; the others are cancelled, and how the first ended is how this ends.

    Not a task group: that of Python 3.11 leaves its parent marked as cancelled, and takes a cancellation that came from
    a driver for a quiet end.
    """
    tasks = [asyncio.create_task(run) for run in runs]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in ended:
        task.result()
