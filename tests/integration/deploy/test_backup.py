"""The runbook of docs/backup.md, carried out: a running site is dumped, lost, restored elsewhere, and goes on."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from deploy.operate.database import examine_database
from deploy.postgres import _binaries
from deploy.provision import migrate, provision_database, role_of
from shared.contracts.routes import SERVICES
from shared.platform import audit
from shared.platform.db import connect
from shared.platform.ids import new_id
from shared.platform.work import Database
from tests.conftest import Api, ManualClock, with_database

SCHEMAS = [f"--schema={service}" for service in SERVICES]


@pytest.fixture
async def elsewhere(admin_url: str) -> AsyncIterator[str]:
    """Another, empty database (administrator's URL)."""
    name = f"ringback_test_{new_id().hex}"
    await execute(admin_url, f"CREATE DATABASE {name}")
    yield with_database(admin_url, name)
    await execute(admin_url, f"DROP DATABASE {name} WITH (FORCE)")


async def test_a_site_restored_from_its_dump_is_the_same_and_goes_on(
    open_api: Callable[..., Api],
    database_url: str,
    elsewhere: str,
    clock: ManualClock,
    tmp_path: Path,
) -> None:
    team = await some_life(open_api)
    pg("pg_dump", "--format=custom", *SCHEMAS, f"--file={tmp_path / 'site.dump'}", database_url)
    before, looked_over = await content(database_url), await doctor(database_url)
    assert before["roster.agents"][0] == 2
    assert before["roster.outbox"][0] > 0

    await provision_database(elsewhere)
    pg("pg_restore", "--clean", "--if-exists", "--exit-on-error", f"--dbname={elsewhere}", str(tmp_path / "site.dump"))
    for service in SERVICES:
        await migrate(own(elsewhere, service), service)
    assert await content(elsewhere) == before
    assert await doctor(elsewhere) == looked_over

    restored = Database("roster", connect(own(elsewhere, "roster"), pool_size=2, name="restored"), clock)
    try:
        async with restored.reading() as conn:
            chain = await audit.verify(conn, kernel=restored.kernel)
        assert (chain.intact, chain.sealed) == (True, 3)
        await life_goes_on(open_api("roster", restored), team)
    finally:
        await restored.close()


async def some_life(open_api: Callable[..., Api]) -> dict[str, Any]:
    """A team with two people and a customer; what was done in roster is sealed in its audit log."""
    roster, cases = open_api("roster"), open_api("cases")
    team = await created(roster, "/roster/v1/teams", {"code": "HOT1", "name": "热线一组", "zone": "Asia/Shanghai"})
    for staff_no, name in {"A001": "林晓梅", "A002": "周启明"}.items():
        await created(roster, "/roster/v1/agents", agent(team, staff_no, name))
    await created(cases, "/cases/v1/customers", {"name": "青禾书店", "external_id": "crm-1"})
    assert await audit.seal(roster.app.state.database) == 3
    return team


async def life_goes_on(api: Api, team: dict[str, Any]) -> None:
    """What was there is still unique, what is new is written, and what was answered once is answered alike."""
    again = await api.as_("manager").post("/roster/v1/agents", json=agent(team, "A001", "林晓梅"))
    assert again.status_code == 409
    await created(api, "/roster/v1/agents", agent(team, "A003", "何雨桐"))
    listed = (await api.as_("manager").get("/roster/v1/agents")).json()["items"]
    assert sorted(one["staff_no"] for one in listed) == ["A001", "A002", "A003"]


def agent(team: dict[str, Any], staff_no: str, name: str) -> dict[str, Any]:
    """Somebody to hire."""
    return {"staff_no": staff_no, "name": name, "team_id": team["team_id"], "hired_on": "2025-01-06"}


async def created(api: Api, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What a manager's request made."""
    answer = await api.as_("manager").post(path, json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def content(url: str) -> dict[str, tuple[int, str]]:
    """Every table of every service: how many rows, and a digest of them all."""
    conn = await asyncpg.connect(url)
    try:
        names = await conn.fetch(
            "SELECT table_schema || '.' || table_name FROM information_schema.tables "
            "WHERE table_schema = ANY($1) AND table_type = 'BASE TABLE' ORDER BY 1",
            list(SERVICES),
        )
        digest = "SELECT count(*), coalesce(md5(string_agg(one::text, '|' ORDER BY one::text)), '') FROM {} one"
        rows = {name: await conn.fetchrow(digest.format(name)) for (name,) in names}
    finally:
        await conn.close()
    assert len(rows) > 80
    return {name: tuple(row) for name, row in rows.items() if row}


async def doctor(url: str) -> list[tuple[str, str]]:
    """What `ringback doctor` says of a database, without the words: all schemas are there and up to date."""
    found = [(finding.about, finding.level) async for finding in examine_database(url)]
    assert [one for one in found if one[0].endswith("schema")] == [(f"{name} schema", "ok") for name in SERVICES]
    return [one for one in found if one[0] not in ("transactions", "database clock")]


def own(url: str, service: str) -> str:
    """The same database for the service's own role."""
    return with_database(url, urlsplit(url).path[1:], role_of(service))


def pg(program: str, *words: str) -> None:
    """Run one of PostgreSQL's programs, from where the tests' server has its own."""
    path = _binaries() / program
    if not path.exists():
        pytest.skip(f"{program} is not installed beside PostgreSQL ({path.parent})")
    done = subprocess.run([path, *words], capture_output=True, text=True, check=False, timeout=120)
    if "server version mismatch" in done.stderr:
        pytest.skip(f"{program} is older than the given server: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr


async def execute(url: str, sql: str) -> None:
    """Run one statement."""
    conn = await asyncpg.connect(url)
    try:
        await conn.execute(sql)
    finally:
        await conn.close()
