"""Making the rollups anew from the facts, while traffic flows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from services.kpi.domain.kinds import KINDS
from services.kpi.store import rebuilding
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
    async with database.reading() as conn:
        driver = await driver_of(conn)
        try:
            await rebuilding.lay_out_shadows(conn)
            async with driver.transaction(isolation="repeatable_read"):
                total, done = await rebuilding.count_facts(conn), 0
                for kind in KINDS:
                    after = rebuilding.BEGINNING
                    while after < rebuilding.END:
                        until = await rebuilding.end_of_stretch(conn, kind, after)
                        done += await rebuilding.sum_stretch(conn, kind, after, until)
                        progress(kind, done, total)
                        after = until
                wrong = await rebuilding.compare(conn)
            if not dry_run and any(wrong.values()):
                async with driver.transaction():
                    await rebuilding.correct(conn)
        finally:
            await rebuilding.clear_away_shadows(conn)
    return Rebuilt(done, {rollup: places for rollup, places in wrong.items() if places})
