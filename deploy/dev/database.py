"""The database of `ringback dev`: the one given by DATABASE_URL, else a private server in the data folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import asyncpg

from deploy.dev.folder import DataFolder
from deploy.postgres import PrivatePostgres
from deploy.provision import database_troubles, migrate, passwords_from, provision_database, role_of, with_role
from deploy.trouble import Trouble
from shared.contracts.routes import SERVICES
from shared.platform.newest import newest


@asynccontextmanager
async def database(folder: DataFolder, given: str) -> AsyncIterator[Mapping[str, str]]:
    """A URL for each service, on a database that is provisioned and migrated; a server started here ends here."""
    if given:
        with database_troubles(given):
            urls = await _prepared(given)
        yield urls
        return
    server = PrivatePostgres(folder.postgres)
    try:
        server.end_leftover()
        url = server.start()
    except (RuntimeError, OSError) as error:
        raise Trouble(f"PostgreSQL 无法启动：{error}", f"PostgreSQL does not start: {error}") from error
    try:
        with database_troubles(url):
            urls = await _prepared(url)
        yield urls
    finally:
        server.stop()


async def _prepared(admin_url: str) -> Mapping[str, str]:
    passwords = passwords_from(admin_url)
    urls = {service: with_role(admin_url, role_of(service), passwords.get(service)) for service in SERVICES}
    if not await _up_to_date(admin_url):
        await provision_database(admin_url, passwords)
        for service in SERVICES:
            await migrate(urls[service], service)
    return urls


async def _up_to_date(admin_url: str) -> bool:
    """Whether every schema is where the code is: one look instead of loading the migrations."""
    conn = await asyncpg.connect(admin_url)
    try:
        for service in SERVICES:
            if not await conn.fetchval("SELECT to_regclass($1)", f"{service}.alembic_version"):
                return False
            if await conn.fetchval(f"SELECT version_num FROM {service}.alembic_version") != newest(service):
                return False
        return True
    finally:
        await conn.close()
