"""Make what the services stand on in the database: a role and a schema for each, and its tables up to date."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

from deploy.trouble import Trouble, where
from shared.contracts.routes import SERVICES
from shared.platform.db import connect


class SchemaIsNewer(Exception):
    """The schema is at a migration that this code does not know."""


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


def with_role(url: str, role: str, password: str | None = None) -> str:
    """The same server and database for another role."""
    parts = urlsplit(url)
    login = f"{role}:{quote(password, safe='')}" if password else role
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}"))


def passwords_from(admin_url: str) -> dict[str, str]:
    """Each service's password, derived from the administrator's; none where the server asks for none.

    For one-process use, so that every data folder on one server arrives at the same ones.
    """
    secret = unquote(urlsplit(admin_url).password or "")
    if not secret:
        return {}
    return {service: hmac.digest(secret.encode(), service.encode(), hashlib.sha256).hex() for service in SERVICES}


async def migrate(url: str, service: str) -> None:
    """Bring one service's schema up to date; `url` is the service's own."""
    from alembic.util.exc import CommandError  # noqa: PLC0415 - a warm start has nothing to migrate

    from shared.platform.migrations import upgrade  # noqa: PLC0415

    engine = connect(url, pool_size=1, name=f"migrate-{service}")
    try:
        async with engine.connect() as conn:
            await conn.execution_options(isolation_level="READ COMMITTED")
            await conn.run_sync(upgrade, service)
            await conn.commit()
    except CommandError as error:
        if "Can't locate revision" in str(error):
            raise SchemaIsNewer(service) from error
        raise
    finally:
        await engine.dispose()


@contextmanager
def database_troubles(url: str) -> Iterator[None]:
    """What keeps one from working on a database, in words."""
    try:
        yield
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError) as error:
        at = where(url)
        raise Trouble(f"数据库 {at} 无法使用：{error}", f"The database at {at} cannot be used: {error}") from error
    except SchemaIsNewer as error:
        raise Trouble(
            f"数据库中 {error} 的结构比本程序新。请使用较新的版本。",
            f"The schema of {error} is newer than this program. Use a newer version.",
        ) from error
