"""Write the next migration of a service from the difference between its tables and its migrations.

Usage: `make migration SERVICE=roster MESSAGE="shift swaps"`. A scratch PostgreSQL is migrated and compared; read what
was written before you commit it: exclusion constraints and types are not seen by the comparison.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from sqlalchemy import Connection

from deploy.postgres import PrivatePostgres
from deploy.provision import provision_database, role_of
from shared.contracts.routes import SERVICES
from shared.platform.db import connect
from shared.platform.migrations import revise, upgrade


def main(arguments: list[str]) -> int:
    """Revise one service; the exit code."""
    if len(arguments) != 2 or arguments[0] not in SERVICES or not arguments[1]:
        sys.stderr.write(f'usage: make migration SERVICE={"|".join(SERVICES)} MESSAGE="what changes"\n')
        return 2
    with tempfile.TemporaryDirectory(prefix="ringback-revise-") as folder:
        server = PrivatePostgres(Path(folder) / "data", durable=False)
        try:
            server.start()
            asyncio.run(_revise(server, *arguments))
        finally:
            server.stop()
    return 0


async def _revise(server: PrivatePostgres, service: str, message: str) -> None:
    await provision_database(server.url())
    engine = connect(server.url(user=role_of(service)), pool_size=1)
    try:
        async with engine.connect() as conn:
            await conn.execution_options(isolation_level="READ COMMITTED")
            await conn.run_sync(_upgrade_and_revise, service, message)
            await conn.commit()
    finally:
        await engine.dispose()


def _upgrade_and_revise(conn: Connection, service: str, message: str) -> None:
    upgrade(conn, service)
    revise(conn, service, message)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
