"""PostgreSQL through SQLAlchemy Core, and a short way past it for the hottest statements.

Engines run in driver autocommit; `Database.work` opens the one transaction at the driver, so Core statements and
`Hot` ones share it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg
from sqlalchemy import ClauseElement
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as SQLTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

Engine = AsyncEngine

STATEMENT_TIMEOUT_MS = 60_000


def connect(url: str, *, pool_size: int = 16, name: str = "ringback") -> Engine:
    """An engine for `postgresql://…`; connections are made when first needed, and kept.

    None beyond the pool: those are closed after each use, and connecting costs more than most of what we do.
    """
    return create_async_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=0,
        isolation_level="AUTOCOMMIT",
        connect_args={
            "server_settings": {
                "application_name": name,
                "jit": "off",
                "statement_timeout": str(STATEMENT_TIMEOUT_MS),
                "timezone": "UTC",
            }
        },
    )


def driver_url(url: str) -> str:
    """A libpq-style URL as SQLAlchemy wants it for asyncpg."""
    return url.replace("postgresql://", "postgresql+asyncpg://", 1).replace("postgres://", "postgresql+asyncpg://", 1)


async def driver_of(conn: AsyncConnection) -> asyncpg.Connection[Any]:
    """The asyncpg connection below a SQLAlchemy one."""
    sync = conn.sync_connection
    if sync is not None and not sync.invalidated and not sync.closed:
        raw: Any = sync.connection  # at hand: no need for the bridge that could fetch another
    else:
        raw = await conn.get_raw_connection()
    driver: asyncpg.Connection[Any] = raw.driver_connection
    return driver


class Hot:
    """A Core statement compiled once and run on the driver: the tables stay the one description of the schema.

    Parameters are named as in the Core statement. JSON columns take text.
    """

    def __init__(self, statement: ClauseElement) -> None:
        compiled = statement.compile(dialect=PGDialect_asyncpg())  # type: ignore[no-untyped-call]
        self.sql = str(compiled)
        self._order: Sequence[str] = compiled.positiontup or ()  # type: ignore[attr-defined]
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}

    async def run(self, conn: AsyncConnection, **params: Any) -> list[asyncpg.Record]:
        """Run once; the rows it returns."""
        driver = await driver_of(conn)
        rows: list[asyncpg.Record] = await driver.fetch(self.sql, *self._arguments(params))
        return rows

    async def run_many(self, conn: AsyncConnection, many: Sequence[dict[str, Any]]) -> None:
        """Run once per parameter set, pipelined."""
        driver = await driver_of(conn)
        await driver.executemany(self.sql, [self._arguments(params) for params in many])

    def _arguments(self, params: dict[str, Any]) -> list[Any]:
        return [params[name] if name in params else self._fixed.get(name) for name in self._order]


def is_outage(error: BaseException) -> bool:
    """Whether the database is out of reach (rather than the statement wrong): worth waiting for, not worth blaming."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (
            error.orig is not None and is_outage(error.orig.__cause__ or error.orig)
        )
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "")[:2] in {"08", "57", "53"}
    return isinstance(error, OSError | asyncpg.InterfaceError | SQLTimeoutError)


def storable(text: str) -> str:
    """Any text as PostgreSQL takes it: a stranger's message or error must not stop whoever notes it down."""
    return text.replace("\x00", "").encode(errors="backslashreplace").decode()
