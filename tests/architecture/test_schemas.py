"""Each service lives in its own schema, behind its own role; its tables are what its migrations make."""

from __future__ import annotations

import importlib
import itertools
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from shared.contracts.routes import SERVICES
from shared.platform.migrations import SERVICES as FOLDER
from shared.platform.migrations import differences, head_of
from shared.platform.work import Database

Open = Callable[[str], Database]


@pytest.mark.parametrize("service", SERVICES)
def test_no_foreign_key_leaves_the_schema(service: str) -> None:
    metadata = importlib.import_module(f"services.{service}.tables").metadata
    for table in metadata.tables.values():
        assert table.schema == service
        for key in table.foreign_keys:
            assert key.column.table.schema == service, f"{table.name} points at {key.target_fullname}"


@pytest.mark.parametrize(("own", "other"), list(itertools.permutations(SERVICES, 2)))
async def test_a_role_can_neither_read_nor_write_nor_see_another_schema(
    open_database: Open, own: str, other: str
) -> None:
    attempts = (
        f"SELECT * FROM {other}.outbox",
        f"DELETE FROM {other}.timers",
        f"CREATE TABLE {other}.stray (a int)",
        f"ALTER TABLE {own}.timers ADD FOREIGN KEY (subject_id) REFERENCES {other}.parked",
        "CREATE TABLE public.stray (a int)",
    )
    database = open_database(own)
    for attempt in attempts:
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with database.work() as work:
                await work.conn.execute(text(attempt))


@pytest.mark.parametrize("service", SERVICES)
async def test_the_tables_in_code_are_the_ones_that_the_migrations_make(open_database: Open, service: str) -> None:
    async with open_database(service).engine.connect() as conn:
        assert await conn.run_sync(differences, service) == []


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_are_numbered_in_a_row(service: str) -> None:
    files = sorted((FOLDER / service / "migrations/versions").glob("*.py"))
    for number, path in enumerate(files, 1):
        revision, before = (_named(path, name) for name in ("revision", "down_revision"))
        assert path.name.startswith(f"{number:04}_")
        assert revision == f"{number:04}"
        assert before == (f"{number - 1:04}" if number > 1 else None)
    assert head_of(service) == f"{len(files):04}"


def _named(path: Path, name: str) -> str | None:
    found = re.search(rf"^{name} = [\"']?(\w+)", path.read_text(), re.MULTILINE)
    assert found
    return None if found[1] == "None" else found[1]
