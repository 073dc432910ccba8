"""Make what the services stand on: a database role and a schema for each, and the broker's topology."""

from __future__ import annotations

import asyncpg

from shared.contracts.routes import SERVICES
from shared.platform.db import connect
from shared.platform.migrations import upgrade


async def provision_database(admin_url: str, passwords: dict[str, str] | None = None) -> None:
    """A role `ringback_<service>` and its schema for every service, in the database of `admin_url`. Repeatable."""
    conn = await asyncpg.connect(admin_url)
    try:
        for service in SERVICES:
            await _role_and_schema(conn, service, (passwords or {}).get(service))
    finally:
        await conn.close()


async def _role_and_schema(conn: asyncpg.Connection, service: str, password: str | None) -> None:
    role = role_of(service)
    if not await conn.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
        await conn.execute(f"CREATE ROLE {role} LOGIN")
    if password:
        quoted = await conn.fetchval("SELECT quote_literal($1::text)", password)
        await conn.execute(f"ALTER ROLE {role} PASSWORD {quoted}")
    await conn.execute(f"CREATE SCHEMA IF NOT EXISTS {service} AUTHORIZATION {role}")
    await conn.execute(f"ALTER ROLE {role} SET search_path = {service}")
    await conn.execute(f"REVOKE ALL ON SCHEMA public FROM {role}")


def role_of(service: str) -> str:
    """The database role of a service."""
    return f"ringback_{service}"


async def migrate(url: str, service: str) -> None:
    """Bring one service's schema up to date; `url` is the service's own."""
    engine = connect(url, pool_size=1, name=f"migrate-{service}")
    try:
        async with engine.connect() as conn:
            await conn.execution_options(isolation_level="READ COMMITTED")
            await conn.run_sync(upgrade, service)
            await conn.commit()
    finally:
        await engine.dispose()
