"""PostgreSQL through SQLAlchemy Core, and a short way past it for the hottest statements.

Engines run in driver autocommit; `Database.work` opens the one transaction at the driver, so Core statements and
`Hot` ones share it.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg
from sqlalchemy import ClauseElement, event
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as SQLTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

Engine = AsyncEngine

STATEMENT_TIMEOUT_MS = 60_000
IDLE_IN_TRANSACTION_MS = 60_000
"""After this the server ends a transaction whose program no longer goes on with it, and lets go of its locks."""
STILL_THERE_MS = 10_000
"""How often the server looks, during a long statement, whether anybody still waits for it."""
PROBE_AFTER_SECONDS, PROBE_EVERY_SECONDS, PROBES, UNANSWERED_MS = 15, 5, 3, 30_000
"""When the kernels at both ends ask whether the other one is still there, and give up. Their own defaults are hours."""


def connect(url: str, *, pool_size: int = 16, name: str = "ringback") -> Engine:
    """An engine for `postgresql://…`; connections are made when first needed, and kept.

    None beyond the pool: those are closed after each use, and connecting costs more than most of what we do.
    """
    engine = create_async_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=0,
        isolation_level="AUTOCOMMIT",
        connect_args={
            "server_settings": {
                "application_name": name,
                "jit": "off",
                "statement_timeout": str(STATEMENT_TIMEOUT_MS),
                "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_MS),
                "client_connection_check_interval": str(STILL_THERE_MS),
                "tcp_keepalives_idle": str(PROBE_AFTER_SECONDS),
                "tcp_keepalives_interval": str(PROBE_EVERY_SECONDS),
                "tcp_keepalives_count": str(PROBES),
                "tcp_user_timeout": str(UNANSWERED_MS),
                "timezone": "UTC",
            }
        },
    )
    event.listen(engine.sync_engine, "connect", _notice_a_dead_line)
    return engine


def _notice_a_dead_line(connection: Any, _: object) -> None:
    """Half a minute after the other end vanished without a word, whoever waits for its answer gets an error."""
    line = connection.driver_connection._transport.get_extra_info("socket")  # the driver offers no other way to it
    if line.family != socket.AF_UNIX:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, PROBE_AFTER_SECONDS)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, PROBE_EVERY_SECONDS)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, PROBES)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNANSWERED_MS)


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

    async def run_many(self, conn: AsyncConnection, many: Iterable[dict[str, Any]]) -> None:
        """Run once per parameter set, pipelined: each is taken while those before it are being run."""
        driver = await driver_of(conn)
        await driver.executemany(self.sql, (self._arguments(params) for params in many))

    def _arguments(self, params: dict[str, Any]) -> list[Any]:
        return [params[name] if name in params else self._fixed.get(name) for name in self._order]


DATABASE_ERRORS = (DBAPIError, SQLTimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
"""What a statement can fail with; `is_outage` tells which of them are worth waiting for."""


def is_outage(error: BaseException) -> bool:
    """Whether the database is out of reach (rather than the statement wrong): worth waiting for, not worth blaming."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (
            error.orig is not None and is_outage(error.orig.__cause__ or error.orig)
        )
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "")[:2] in {"08", "57", "53"}
    return isinstance(error, OSError | asyncpg.InterfaceError | SQLTimeoutError)


def is_deadlock(error: BaseException) -> bool:
    """Whether the transaction and another waited for each other, and PostgreSQL undid this one: it may be run again."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return is_deadlock(error.orig.__cause__ or error.orig)
    return isinstance(error, asyncpg.DeadlockDetectedError)


def storable(text: str) -> str:
    """Any text as PostgreSQL takes it: a stranger's message or error must not stop whoever notes it down."""
    return text.replace("\x00", "").encode(errors="backslashreplace").decode()
