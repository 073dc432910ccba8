"""Other desks' logs on their way into cases: rows wait in a temporary table, cases are written many at a time."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.handoff import Handoff
from services.cases.domain.history import Update
from services.cases.store.cases import add_cases, add_entries
from services.cases.store.handoffs import save_handoff
from services.cases.tables import cases, teams
from shared.contracts.codec import from_json, to_json
from shared.platform.db import Hot, driver_of

AT_ONCE = 5_000

_TABLE = "CREATE TEMPORARY TABLE incoming_history (number text, row integer, body text) ON COMMIT DROP"
_SORTED = "SELECT number, body FROM incoming_history ORDER BY number, row"
_KNOWN = Hot(
    select(cases.c.external_id, cases.c.number).where(
        or_(
            cases.c.external_id == any_(bindparam("numbers", type_=ARRAY(Text))),
            cases.c.number == any_(bindparam("numbers", type_=ARRAY(Text))),
        )
    )
)


async def begin_import(conn: AsyncConnection) -> None:
    """Make room for rows; of two imports at once the second waits for the first."""
    driver = await driver_of(conn)
    await driver.execute("SELECT pg_advisory_xact_lock(hashtextextended('cases.history', 0))")
    await driver.execute(_TABLE)


async def keep_updates(conn: AsyncConnection, updates: Iterable[Update]) -> None:
    """Let rows wait for the others of their ticket."""
    records = [(one.number, one.row, json.dumps(to_json(one), ensure_ascii=False)) for one in updates]
    await (await driver_of(conn)).copy_records_to_table("incoming_history", records=records)


async def tickets(conn: AsyncConnection) -> AsyncIterator[list[Update]]:
    """The rows of each ticket, ticket after ticket; no more than some thousand rows are in memory."""
    cursor = await (await driver_of(conn)).cursor(_SORTED)
    current: list[Update] = []
    while rows := await cursor.fetch(AT_ONCE):
        for row in rows:
            if current and current[0].number != row["number"]:
                yield current
                current = []
            current.append(from_json(Update, json.loads(row["body"])))
    if current:
        yield current


async def known_numbers(conn: AsyncConnection, numbers: Sequence[str]) -> set[str]:
    """Which of these numbers a case has already."""
    rows = await _KNOWN.run(conn, numbers=list(numbers))
    return {name for row in rows for name in (row["external_id"], row["number"])} & set(numbers)


async def groups_known(conn: AsyncConnection) -> dict[str, tuple[UUID, str]]:
    """Roster's teams by code and by name."""
    rows = (await conn.execute(select(teams.c.team_id, teams.c.code, teams.c.name))).all()
    return {name: (row.team_id, row.name) for row in rows for name in (row.name, row.code)}


async def write_cases(
    conn: AsyncConnection, found: Sequence[Any], entries: Sequence[dict[str, Any]], hops: Sequence[Handoff]
) -> None:
    """Store cases with their timelines and hops."""
    await add_cases(conn, found)
    await add_entries(conn, entries)
    for hop in hops:
        await save_handoff(conn, hop)
