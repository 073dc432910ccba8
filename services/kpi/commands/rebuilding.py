"""Making the rollups anew from the facts, while traffic flows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.kinds import KINDS
from services.kpi.store import rebuilding
from services.kpi.store.rebuilding import SHARES, Share
from shared.platform.db import driver_of
from shared.platform.work import Database

Progress = Callable[[str, int, int], None]
"""Is told the kind being summed, how many facts are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many facts were summed, and at how many places each rollup was wrong and has been put right."""

    fact_count: int
    corrected: dict[str, int]


async def rebuild(database: Database, *, progress: Progress, dry_run: bool = False) -> Rebuilt:
    """Sum all facts into a shadow, a stretch at a time; compare it with the rollups; put right what differs.

    A dry run only compares.
    """
    summed = dict.fromkeys(range(len(SHARES)), 0)

    def told(number: int, kind: str, done: int, total: int) -> None:
        summed[number] = done
        progress(kind, min(summed.values()), total)

    shares = enumerate(SHARES)
    made = await asyncio.gather(*(_rebuild(database, share, partial(told, n), dry_run) for n, share in shares))
    wrong = {rollup: places for each in made for rollup, places in each.items() if places}
    return Rebuilt(min(summed.values()), wrong)


async def _rebuild(database: Database, share: Share, progress: Progress, dry_run: bool) -> dict[str, int]:
    """The rollups of one share; at how many places each was wrong."""
    async with database.reading() as conn:
        driver = await driver_of(conn)
        try:
            await rebuilding.lay_out_shadows(conn, share)
            async with driver.transaction(isolation="repeatable_read"):
                await _sum_facts(conn, share, progress)
                wrong = await rebuilding.compare(conn, share)
            if not dry_run and any(wrong.values()):
                async with driver.transaction():
                    await rebuilding.correct(conn, share)
        finally:
            await rebuilding.clear_away_shadows(conn, share)
    return wrong


async def _sum_facts(conn: AsyncConnection, share: Share, progress: Progress) -> None:
    total, done = await rebuilding.count_facts(conn), 0
    for kind in KINDS:
        after = rebuilding.BEGINNING
        while after < rebuilding.END:
            until = await rebuilding.end_of_stretch(conn, kind, after)
            done += await rebuilding.sum_stretch(conn, share, kind, after, until)
            progress(kind, done, total)
            after = until
