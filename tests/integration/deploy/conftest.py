"""A database for a whole installation."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from shared.platform.ids import new_id
from tests.conftest import with_database


@pytest.fixture(scope="module")
def empty_database(admin_url: str) -> Iterator[str]:
    """An empty database; the administrator's URL."""
    name = f"ringback_test_site_{new_id().hex}"

    async def run(sql: str) -> None:
        conn = await asyncpg.connect(admin_url)
        await conn.execute(sql)
        await conn.close()

    asyncio.run(run(f"CREATE DATABASE {name}"))
    yield with_database(admin_url, name)
    asyncio.run(run(f"DROP DATABASE {name} WITH (FORCE)"))
