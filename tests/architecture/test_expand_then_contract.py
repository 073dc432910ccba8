"""No downtime: old and new program run side by side for a while, so a migration only adds to what there is.

What a release stopped using may go in a later one: then its migration says `unused_since = "0.4.0"`, the release that
stopped using it. One that only says a table's rules in other words names it in `rules_reworded`.
"""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType

import asyncpg
import pytest
from alembic import command
from sqlalchemy import Connection

from deploy.provision import provision_database, role_of
from shared.contracts.routes import SERVICES
from shared.platform.db import connect
from shared.platform.ids import new_id
from shared.platform.migrations import SERVICES as FOLDER
from shared.platform.migrations import config_of
from tests.architecture.old_program import missed, schema_of
from tests.conftest import with_database

ROOT = Path(__file__).parents[2]
FIRST_RUN = {"roster": "0005", "notify": "0005", "cases": "0006", "kpi": "0005"}
"""Up to these the schemas grew before anybody ran the program; from there on every migration meets an old one."""


def version(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split("."))


def releases() -> set[str]:
    return set(re.findall(r"^## ([\d.]+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE))


def current_release() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def later_migrations(service: str) -> list[str]:
    files = sorted((FOLDER / service / "migrations/versions").glob("[0-9]*.py"))
    return [file.stem for file in files if file.stem[:4] > FIRST_RUN[service]]


def module_of(service: str, name: str) -> ModuleType:
    return importlib.import_module(f"services.{service}.migrations.versions.{name}")


def is_reworded(service: str, name: str, miss: str) -> bool:
    """Whether the migration says that a table's rules refuse what they refused before, in other words."""
    tables = getattr(module_of(service, name), "rules_reworded", ())
    return miss.startswith(tuple(f"{table} has a new rule: " for table in tables))


@pytest.fixture
async def admin(admin_url: str) -> AsyncIterator[str]:
    """An empty database with roles and schemas (an administrator's URL)."""
    name = f"ringback_test_{new_id().hex}"
    conn = await asyncpg.connect(admin_url)
    try:
        await conn.execute(f"CREATE DATABASE {name}")
        url = with_database(admin_url, name)
        await provision_database(url)
        yield url
        await conn.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await conn.close()


async def migrate_to(admin: str, service: str, revision: str) -> None:
    def upgrade(conn: Connection) -> None:
        config = config_of(service)
        config.attributes["connection"] = conn
        command.upgrade(config, revision)

    engine = connect(with_database(admin, admin.rpartition("/")[2], role_of(service)), pool_size=1)
    async with engine.connect() as conn:
        await conn.execution_options(isolation_level="READ COMMITTED")
        await conn.run_sync(upgrade)
        await conn.commit()
    await engine.dispose()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_migration_takes_nothing_from_the_program_that_still_runs(admin: str, service: str) -> None:
    await migrate_to(admin, service, FIRST_RUN[service])
    conn = await asyncpg.connect(admin)
    try:
        before = await schema_of(conn, service)
        for name in later_migrations(service):
            await migrate_to(admin, service, name[:4])
            after = await schema_of(conn, service)
            if not hasattr(module_of(service, name), "unused_since"):
                assert [one for one in missed(before, after) if not is_reworded(service, name, one)] == [], name
            before = after
    finally:
        await conn.close()


async def test_a_real_migration_that_takes_something_is_noticed(admin: str) -> None:
    """One from before the first run, when it was still allowed: kpi's facts moved to tables of their own."""
    conn = await asyncpg.connect(admin)
    try:
        await migrate_to(admin, "kpi", "0002")
        before = await schema_of(conn, "kpi")
        await migrate_to(admin, "kpi", "0003")
        assert "facts.fact_key is gone" in missed(before, await schema_of(conn, "kpi"))
    finally:
        await conn.close()


@pytest.mark.parametrize("service", SERVICES)
def test_what_goes_was_unused_since_an_earlier_release(service: str) -> None:
    for name in later_migrations(service):
        since = getattr(module_of(service, name), "unused_since", None)
        assert since is None or may_contract(since, current_release(), releases()), f"{name}: {since}"


def may_contract(since: str, current: str, known: set[str]) -> bool:
    return since in known and version(since) < version(current)


def test_contracting_waits_for_the_next_release() -> None:
    assert may_contract("0.9.0", "0.10.0", {"0.9.0", "0.10.0"})
    assert not may_contract("0.10.0", "0.10.0", {"0.10.0"}), "the program that uses it may still run"
    assert not may_contract("0.8.5", "0.10.0", {"0.9.0", "0.10.0"}), "there was no such release"


@pytest.fixture
async def scratch(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    conn = await asyncpg.connect(database_url)
    await conn.execute(
        "CREATE TABLE roster.old (id int PRIMARY KEY, code text NOT NULL DEFAULT '' UNIQUE, note text, "
        "other int REFERENCES roster.old); CREATE SEQUENCE roster.numbers"
    )
    yield conn
    await conn.close()


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("ALTER TABLE roster.old DROP COLUMN note", "old.note is gone"),
        ("ALTER TABLE roster.old RENAME COLUMN note TO remark", "old.note is gone"),
        ("DROP TABLE roster.old", "old.code is gone"),
        ("ALTER TABLE roster.old RENAME TO older", "old.code is gone"),
        ("ALTER TABLE roster.old ALTER code TYPE varchar(3)", "old.code was text and is varchar"),
        ("ALTER TABLE roster.old ALTER note SET NOT NULL", "old.note may no longer be null"),
        ("ALTER TABLE roster.old ALTER code DROP DEFAULT", "old.code has no default any more"),
        ("ALTER TABLE roster.old ADD size int NOT NULL", "old.size is required, and no old statement gives it"),
        ("ALTER TABLE roster.old ADD CHECK (note <> '')", "old has a new rule: CHECK ((note <> ''::text))"),
        ("CREATE UNIQUE INDEX once ON roster.old (note)", "old has a new rule: CREATE UNIQUE INDEX once"),
        ("ALTER TABLE roster.old ADD FOREIGN KEY (id) REFERENCES roster.old", "old has a new rule: FOREIGN KEY (id)"),
        ("ALTER TABLE roster.old DROP CONSTRAINT old_code_key", "old lost what ON CONFLICT rests on: UNIQUE (code)"),
        ("DROP SEQUENCE roster.numbers", "sequence numbers is gone"),
    ],
)
async def test_what_would_break_the_old_program_is_noticed(
    scratch: asyncpg.Connection, statement: str, told: str
) -> None:
    before = await schema_of(scratch, "roster")
    await scratch.execute(statement)
    found = missed(before, await schema_of(scratch, "roster"))
    assert any(line.startswith(told) for line in found), found


async def test_expanding_is_free(scratch: asyncpg.Connection) -> None:
    before = await schema_of(scratch, "roster")
    await scratch.execute(
        "CREATE TABLE roster.fresh (id int PRIMARY KEY, size int NOT NULL CHECK (size > 0));"
        "ALTER TABLE roster.old ADD remark text;"
        "ALTER TABLE roster.old ADD size int NOT NULL DEFAULT 0;"
        "ALTER TABLE roster.old ALTER code DROP NOT NULL;"
        "ALTER TABLE roster.old DROP CONSTRAINT old_other_fkey;"
        "CREATE INDEX by_note ON roster.old (note)"
    )
    assert missed(before, await schema_of(scratch, "roster")) == []


async def test_old_statements_find_what_they_need_after_expanding(scratch: asyncpg.Connection) -> None:
    await scratch.execute(
        "ALTER TABLE roster.old ADD remark text; ALTER TABLE roster.old ADD size int NOT NULL DEFAULT 1"
    )
    await scratch.execute("INSERT INTO roster.old (id, code, note) VALUES (1, 'a', NULL)")
    await scratch.execute("UPDATE roster.old SET note = 'b' WHERE id = 1")
    assert tuple(await scratch.fetchrow("SELECT id, code, note FROM roster.old")) == (1, "a", "b")
