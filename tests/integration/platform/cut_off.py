"""Run in a network of its own: a PostgreSQL and a program that uses it, and then the network vanishes without a word.

Prints how the program's statement ended, and how the server's session did.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import uvloop
from sqlalchemy import text

from deploy.postgres import PrivatePostgres
from shared.platform import db

db.PROBE_AFTER_SECONDS, db.PROBE_EVERY_SECONDS, db.PROBES, db.UNANSWERED_MS = 1, 1, 2, 3000
db.STILL_THERE_MS = 1000


def network(state: str) -> None:
    subprocess.run(["ip", "link", "set", "lo", state], check=True)


async def cut_off(url: str, moment: str) -> None:
    engine = db.connect(url)
    async with engine.connect() as conn:
        await conn.execute(text("SELECT 1"))
        if moment == "before-the-question":
            network("down")
            answer = asyncio.ensure_future(conn.execute(text("SELECT 1")))
        else:
            answer = asyncio.ensure_future(conn.execute(text("SELECT pg_sleep(40)")))
            await asyncio.sleep(0.5)
            network("down")
        done, _ = await asyncio.wait({answer}, timeout=30)
        outcome = answer.exception() if done else None
        print("outage" if outcome and db.is_outage(outcome) else f"not noticed: {outcome!r}", flush=True)
        await conn.invalidate()
        network("up")
    await engine.dispose()


async def sessions(url: str) -> int:
    engine = db.connect(url)
    async with engine.connect() as conn:
        asked = text("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
        count = (await conn.execute(asked)).scalar_one()
    await engine.dispose()
    return int(count)


def main(folder: Path, moment: str) -> None:
    network("up")
    server = PrivatePostgres(folder, durable=False)
    url = server.start()
    try:
        uvloop.run(cut_off(url, moment))
        deadline = time.monotonic() + 30
        while (left := uvloop.run(sessions(url))) > 1 and time.monotonic() < deadline:
            time.sleep(0.2)
        print("let go" if left == 1 else f"{left - 1} sessions left")
    finally:
        server.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
