"""`ringback kpi …`: upkeep of kpi's ledger. What a command needs is imported when it runs."""
# ruff: noqa: PLC0415

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from deploy.trouble import told

Data = Annotated[Path, typer.Option("--data", metavar="DIR", help="数据目录 the data folder of a ringback dev")]

kpi = typer.Typer(help="指标台账 the ledger behind the metrics", no_args_is_help=True)


@kpi.callback()
def ledger() -> None:
    """指标台账 the ledger behind the metrics"""


@kpi.command()
def rebuild(
    *,
    data: Data = Path(".ringback"),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只比较，不改动 compare only, change nothing")] = False,
) -> None:
    """按事实重算汇总，比较并替换，服务照常运行 sum the rollups anew from the facts, compare, put right"""
    with told():
        import asyncio

        corrected = asyncio.run(_rebuild(_database_url(data), dry_run=dry_run))
        done = "" if dry_run else "，已更正 and put right"
        for rollup, places in corrected.items():
            print(f"✗ {rollup}: {places} 处有误 places wrong{done}")
        if not corrected:
            print("✓ 汇总与事实一致 the rollups equal their facts")
        if corrected and dry_run:
            raise typer.Exit(1)


async def _rebuild(url: str, *, dry_run: bool) -> dict[str, int]:
    from services.kpi.commands.rebuilding import rebuild as rebuild_rollups
    from shared.platform.clock import SystemClock
    from shared.platform.db import connect
    from shared.platform.work import Database

    database = Database("kpi", connect(url, pool_size=2, name="kpi-rebuild"), SystemClock())
    try:
        return (await rebuild_rollups(database, progress=_progress(), dry_run=dry_run)).corrected
    finally:
        await database.close()


def _progress() -> Callable[[str, int, int], None]:
    """Says on stderr how far it is: facts summed, of how many, and how many a second."""
    started = time.monotonic()

    def tell(kind: str, done: int, total: int) -> None:
        rate = done / max(time.monotonic() - started, 0.001)
        sys.stderr.write(f"\r{kind:<14} {done:>12,} / {total:,}  {rate:>10,.0f}/s ")
        if done >= total:
            sys.stderr.write("\n")
        sys.stderr.flush()

    return tell


def _database_url(data: Path) -> str:
    """The database named in the environment, else that of a `ringback dev` that runs on this data folder."""
    from deploy.environment import own_database_url, required
    from deploy.postgres import PrivatePostgres
    from shared.platform.settings import Settings

    settings = Settings()
    if not settings.database_url and (url := PrivatePostgres(data / "postgres").running_url()):
        return own_database_url(url, "kpi")
    required(settings, "DATABASE_URL")
    return own_database_url(settings.database_url, "kpi")
